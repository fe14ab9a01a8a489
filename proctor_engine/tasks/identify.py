"""Is this the person whom Moodle knows? A machine may say yes; only a person may say no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from contract.condition import Identification
from proctor_engine.measurements import Box
from proctor_engine.service import Service
from proctor_engine.store import places, sessions
from proctor_engine.store.model import AnalysisState, Evidence, ExamSession, Purpose, State
from proctor_engine.vision import (
    ImageError,
    NoFaceError,
    Reference,
    SeveralFacesError,
    decode_image,
    decode_jpeg,
    embed,
    enrol,
)
from proctor_engine.vision.detection import detect
from proctor_engine.vision.images import Pixels
from proctor_engine.vision.inspection import SURE, fault
from proctor_engine.vision.reference import SAME_PERSON

CLEARLY_DIFFERENT = 0.7
"""Between `SAME_PERSON` and this, glasses, a beard or years explain the distance as well as another person does."""
ATTEMPTS_BEFORE_PERSON = 2
NOTICEABLE = 0.4
"""Share of the largest face's width from which another one counts in the system check."""


class Reason(str, Enum):
    """Why a comparison did not say "same"; the page has a plain sentence and a mend for each."""

    NO_FACE = "no_face"
    DARK = "dark"
    TURNED = "turned"
    COVERED = "covered"
    SEVERAL_FACES = "several_faces"
    DIFFERENT = "different"
    UNSURE = "unsure"
    NO_PICTURE = "no_picture"
    PICTURE_UNUSABLE = "picture_unusable"


@dataclass(frozen=True)
class Outcome:
    """`decision` is `same`, `different` or `unsure`; `person_offered` tells whether a person may take over now."""

    decision: str
    reason: Reason | None = None
    distance: float | None = None
    person_offered: bool = False


@dataclass(frozen=True)
class Seen:
    """`centred` tells whether the largest face is near the middle and neither far away nor too close."""

    faces: int
    centred: bool


def look(picture: bytes) -> Seen:
    """Raises `ImageError` for bytes that are no picture."""
    pixels = decode_jpeg(picture, "picture")
    height, width = pixels.shape[:2]
    boxes = [face.box for face in detect(pixels) if face.score >= SURE]
    if not boxes:
        return Seen(0, centred=False)
    box = max(boxes, key=_width)
    count = sum(_width(other) >= NOTICEABLE * _width(box) for other in boxes)
    across, down = (box.left + box.right) / 2 / width, (box.top + box.bottom) / 2 / height
    near = 0.1 < _width(box) / width < 0.7
    return Seen(count, centred=near and abs(across - 0.5) < 0.25 and abs(down - 0.5) < 0.3)


def _width(box: Box) -> int:
    return box.right - box.left


def check_face(service: Service, session_id: str, picture: bytes) -> Outcome:
    """Compares a camera picture with Moodle's profile picture, and enrols it where they agree.

    Neither looking nor asking Moodle holds the database: other candidates' pictures come in meanwhile. Raises
    `ImageError` for bytes that are no picture, `LmsError` where Moodle does not answer.
    """
    pixels = decode_image(picture, "picture")
    try:
        live = enrol([pixels], ["picture"])
    except SeveralFacesError:
        return _failed(service, session_id, picture, Reason.SEVERAL_FACES)
    except NoFaceError:
        return _failed(service, session_id, picture, _mendable(pixels) or Reason.NO_FACE)
    known = _known_pictures(service, session_id)
    seen = _compare(live, known)
    if seen.distance is not None and seen.decision != "same" and (reason := _mendable(pixels)):
        return _failed(service, session_id, picture, reason)
    with service.database.begin() as db:
        row = _open_session(db, session_id)
        row.identity_attempts += 1
        if seen.reason in {Reason.NO_PICTURE, Reason.PICTURE_UNUSABLE}:
            row.identity_attempts = max(row.identity_attempts, ATTEMPTS_BEFORE_PERSON)
        for kind, content in known.items():
            store(service, db, row, kind, content)
        store(service, db, row, "face", picture)
        _enrol(service, db, row, live)
        row.identity = seen.decision
        if seen.decision == "same":
            _complete(db, row)
            return seen
        return replace(seen, person_offered=row.identity_attempts >= ATTEMPTS_BEFORE_PERSON)


def take_document(service: Service, session_id: str, picture: bytes) -> None:
    """Keeps a document's photograph for a person to look at. Raises `ImageError` for bytes that are no picture."""
    decode_image(picture, "document")
    with service.database.begin() as db:
        row = _open_session(db, session_id)
        store(service, db, row, "document", picture)
        db.flush()
        if sessions.exam_of(row).identification is Identification.PASSPORT:
            row.identity = "unsure"
        _complete(db, row)


def leave_to_person(db: Session, row: ExamSession) -> None:
    """The exam may begin; a person compares the pictures. No machine keeps a student from an exam.

    A document that the condition asks for is taken first: nothing about it can fail, and the person needs it.
    """
    _must_be_open(row)
    if row.identity_attempts < ATTEMPTS_BEFORE_PERSON:
        raise sessions.WrongStateError("try the camera once more first")
    row.identity = row.identity or "unsure"
    db.flush()
    if "document" not in missing(db, row):
        sessions.move(row, State.IDENTIFIED)


def missing(db: Session, row: ExamSession) -> list[str]:
    """Which of `face` and `document` the condition still asks for."""
    wanted = sessions.exam_of(row).identification
    taken = set(db.scalars(select(Evidence.kind).where(Evidence.session_id == row.id)))
    needs = []
    if wanted in {Identification.FACE, Identification.FACE_AND_PASSPORT} and row.identity != "same":
        needs.append("face")
    if wanted in {Identification.PASSPORT, Identification.FACE_AND_PASSPORT} and "document" not in taken:
        needs.append("document")
    return needs


def store(service: Service, db: Session, row: ExamSession, kind: str, picture: bytes) -> None:
    """Seals one identification picture; a later one of the same kind replaces it."""
    key = f"{row.id}/{kind}.img"
    service.evidence.put(key, picture)
    if db.scalar(select(Evidence.id).where(Evidence.key == key)) is None:
        db.add(
            Evidence(
                session_id=row.id,
                key=key,
                kind=kind,
                purpose=Purpose.IDENTIFICATION,
                time=None,
                delete_after=row.evidence_until,
            )
        )


def _failed(service: Service, session_id: str, picture: bytes, reason: Reason) -> Outcome:
    """Nothing could be compared, and nobody is enrolled by such a picture. It is kept for the person who may look."""
    with service.database.begin() as db:
        row = _open_session(db, session_id)
        row.identity_attempts += 1
        store(service, db, row, "face", picture)
        return Outcome("unsure", reason, person_offered=row.identity_attempts >= ATTEMPTS_BEFORE_PERSON)


def _mendable(pixels: Pixels) -> Reason | None:
    """What the candidate can mend explains a failure before who they are does."""
    found = fault(pixels)
    return Reason(found.value) if found else None


def _compare(live: Reference, known: Mapping[str, bytes]) -> Outcome:
    """With the first of the pictures that shows a face."""
    for content in known.values():
        try:
            distance = live.distance(embed(decode_image(content, "known picture"), "known picture"))
        except ImageError:
            continue
        if distance <= SAME_PERSON:
            return Outcome("same", distance=distance)
        if distance <= CLEARLY_DIFFERENT:
            return Outcome("unsure", Reason.UNSURE, distance)
        return Outcome("different", Reason.DIFFERENT, distance)
    return Outcome("unsure", Reason.PICTURE_UNUSABLE if known else Reason.NO_PICTURE)


def _known_pictures(service: Service, session_id: str) -> dict[str, bytes]:
    """By kind, the first to be asked first: Moodle's profile picture, for which it is asked once a session, then the
    picture of an earlier exam of theirs that a person has confirmed."""
    with service.database.read() as db:
        row = db.get_one(ExamSession, session_id)
        email = row.person.email
        kept = select(Evidence.key).where(Evidence.session_id == session_id, Evidence.kind == "reference")
        confirmed = (
            select(Evidence.key)
            .join(ExamSession, Evidence.session_id == ExamSession.id)
            .where(ExamSession.person_id == row.person_id, ExamSession.id != session_id)
            .where(ExamSession.identity == "person", Evidence.kind == "face")
            .order_by(ExamSession.created_at.desc())
            .limit(1)
        )
        reference, enrolment = db.scalar(kept), db.scalar(confirmed)
    profile = service.evidence.get(reference) if reference else service.moodle.picture(email)
    known = {"reference": profile, "enrolment": service.evidence.get(enrolment) if enrolment else None}
    return {kind: content for kind, content in known.items() if content is not None}


def _enrol(service: Service, db: Session, row: ExamSession, live: Reference) -> None:
    state = db.get(AnalysisState, row.id) or AnalysisState(session_id=row.id)
    state.reference = service.vault.seal(live.dumps(), places.reference(row.id))
    db.add(state)


def _complete(db: Session, row: ExamSession) -> None:
    db.flush()
    if not missing(db, row):
        sessions.move(row, State.IDENTIFIED)


def _open_session(db: Session, session_id: str) -> ExamSession:
    """Locked, and still before its identification."""
    row = db.get_one(ExamSession, session_id, with_for_update={"of": ExamSession})
    _must_be_open(row)
    return row


def _must_be_open(row: ExamSession) -> None:
    if row.state is not State.PREPARED:
        raise sessions.WrongStateError("the session is {state}, so this cannot be done", state=row.state.value)
