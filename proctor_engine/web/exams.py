"""The candidate's way from the list of exams to the exam."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from contract.condition import BROWSER_SIGNS, RULES
from contract.panel import WayIn
from contract.wire import READY_MESSAGE
from proctor_engine import clock
from proctor_engine.lms.models import Exam
from proctor_engine.store import audit, bookings, sessions
from proctor_engine.store.model import Consent, ExamSession, State
from proctor_engine.tasks import identify
from proctor_engine.vision import ImageError
from proctor_engine.web import booking, due, holding, staff, tokens, words
from proctor_engine.web.capture import progress
from proctor_engine.web.consent import consent_text
from proctor_engine.web.current import fields, own_session, service, sign_in_required, signed_in
from proctor_engine.web.language import current
from proctor_engine.web.limits import limiter, whose
from proctor_engine.web.pictures import jpeg

pages = Blueprint("exams", __name__)


@pages.get("/api/me")
@sign_in_required
def me() -> ResponseReturnValue:
    who = signed_in()
    return jsonify({"email": who.email, "name": who.name, "csrf_token": generate_csrf()})


@pages.get("/exams", endpoint="due")
@sign_in_required
def due_exams() -> ResponseReturnValue:
    listed = due.exams()
    with service().database.begin() as db:
        own = {exam.accesscode: bookings.of(db, exam) for exam in listed if booking.wants_slot(exam)}
    shown = {"exams": listed, "slots": own, "has_come": bookings.has_come, "administers": staff.administers()}
    return render_template("exams.html", **shown)


@pages.get("/api/exams")
@sign_in_required
def list_due() -> ResponseReturnValue:
    return jsonify({"exams": [_summary(exam) for exam in due.exams()]})


@pages.get("/exams/<access_code>")
@sign_in_required
def before(access_code: str) -> ResponseReturnValue:
    """Rules, what is recorded, consent."""
    exam = due.own_exam(access_code)
    booking.must_have_come(exam)
    consent = consent_text(exam, service().settings)
    return render_template("before.html", exam=exam, rules=_rules(exam), consent=consent, agreement=_agreement(exam))


@pages.post("/exams/<access_code>")
@sign_in_required
def agree(access_code: str) -> ResponseReturnValue:
    if request.form.get("consent") != "yes":
        abort(400, "Nothing was recorded. Tick the box to agree, or leave the page.")
    row = _prepare(due.own_exam(access_code))
    return redirect(url_for("exams.room", session_id=row.id))


@pages.post("/api/sessions")
@sign_in_required
def create() -> ResponseReturnValue:
    asked = fields()
    if not isinstance(asked.get("access_code"), str):
        abort(400, 'access_code: send {"access_code": "...", "consent": true}')
    if asked.get("consent") is not True:
        abort(400, "consent: must be true; nothing is recorded without it")
    row = _prepare(due.own_exam(asked["access_code"]))
    return jsonify({**_session(row), "token": tokens.issue_capture(row.id, None)}), 201


@pages.get("/api/sessions/<session_id>")
@sign_in_required
def show(session_id: str) -> ResponseReturnValue:
    with service().database.begin() as db:
        return jsonify(_session(own_session(db, session_id)))


@pages.get("/room/<session_id>")
@sign_in_required
def room(session_id: str) -> ResponseReturnValue:
    """The system check, the identification and then the exam, on one page: a camera that is on stays on."""
    with service().database.begin() as db:
        row = own_session(db, session_id)
        needs = identify.missing(db, row) if row.state is State.PREPARED else []
    if row.state not in {State.PREPARED, State.IDENTIFIED, *sessions.LIVE}:
        return render_template("over.html", session=row, contact=service().settings.contact)
    settings = service().settings
    return render_template(
        "room.html",
        session=row,
        exam=sessions.exam_of(row),
        words=words.room(),
        contact=settings.contact,
        page={
            "session": row.id,
            "csrf": generate_csrf(),
            "needs": needs,
            "moodle": settings.moodle.origin,
            "framed": settings.way is WayIn.FRAME,
            "panel": False,
            "signs": BROWSER_SIGNS,
            "plain": READY_MESSAGE if settings.plain_ready_message else None,
            "screenShare": settings.screen_share and settings.way is WayIn.FRAME,
            "screenInterval": settings.screen_interval,
            "fullScreen": settings.full_screen and settings.way is WayIn.FRAME,
            "phone": sessions.exam_of(row).auxiliary_camera,
        },
    )


@pages.post("/api/sessions/<session_id>/look")
@sign_in_required
@limiter.limit("60 per minute", key_func=whose)
def look(session_id: str) -> ResponseReturnValue:
    """For the system check: how many faces, and whether the one is in the middle. Nothing is kept.

    `seconds` is how long that took here, so that a busy service is not taken for a slow network.
    """
    begun = time.monotonic()
    with service().database.read() as db:
        row = own_session(db, session_id)
        if row.state not in {State.PREPARED, State.IDENTIFIED}:
            abort(409, "the check is over")
    try:
        seen = identify.look(jpeg())
    except ImageError as error:
        abort(422, str(error))
    return jsonify({"faces": seen.faces, "centred": seen.centred, "seconds": time.monotonic() - begun})


@pages.post("/api/sessions/<session_id>/face")
@sign_in_required
@limiter.limit("30 per minute", key_func=whose)
def face(session_id: str) -> ResponseReturnValue:
    _must_be_own(session_id)
    try:
        outcome = identify.check_face(service(), session_id, jpeg())
    except ImageError as error:
        abort(422, str(error))
    with service().database.read() as db:
        row = own_session(db, session_id)
        return jsonify(
            {
                "decision": outcome.decision,
                "reason": outcome.reason,
                "distance": outcome.distance,
                "person_offered": outcome.person_offered,
                "missing": identify.missing(db, row),
                "state": row.state.value,
            }
        )


@pages.post("/api/sessions/<session_id>/document")
@sign_in_required
@limiter.limit("30 per minute", key_func=whose)
def document(session_id: str) -> ResponseReturnValue:
    _must_be_own(session_id)
    try:
        identify.take_document(service(), session_id, jpeg())
    except ImageError as error:
        abort(422, str(error))
    with service().database.read() as db:
        row = own_session(db, session_id)
        return jsonify({"missing": identify.missing(db, row), "state": row.state.value})


@pages.post("/api/sessions/<session_id>/person")
@sign_in_required
def leave_to_person(session_id: str) -> ResponseReturnValue:
    with service().database.begin() as db:
        row = own_session(db, session_id, lock=True)
        identify.leave_to_person(db, row)
        audit.record(db, signed_in().email, "identity.left-to-person", row.id)
        return jsonify({"missing": identify.missing(db, row), "state": row.state.value})


@pages.post("/api/sessions/<session_id>/start")
@sign_in_required
def start(session_id: str) -> ResponseReturnValue:
    """Starts the clock of the session and tells where the exam is."""
    with service().database.begin() as db:
        row = own_session(db, session_id, lock=True)
        running = row.state in sessions.LIVE
        if not running:
            sessions.start(row, service().settings.retention)
            audit.record(db, signed_in().email, "session.start", row.id)
        holding.hold(db, row, again=running)
        way = {"entry_url": sessions.exam_of(row).url, "way": service().settings.way.value}
        return jsonify({**_session(row), **progress(db, row), **way})


def _prepare(exam: Exam) -> ExamSession:
    booking.must_have_come(exam)
    settings = service().settings
    shown = consent_text(exam, settings)
    at = clock.now()
    evidence_until, record_until = sessions.end_dates(at, settings.retention)
    consent = Consent(
        given_at=at,
        language=current(),
        text=shown.text,
        purposes=list(shown.purposes),
        evidence_until=evidence_until,
        record_until=record_until,
    )
    with service().database.begin() as db:
        person = sessions.remember(db, signed_in())
        row = sessions.prepare(db, person, exam, consent, settings.retention)
        audit.record(db, person.email, "consent", row.id)
        return row


def _must_be_own(session_id: str) -> None:
    with service().database.read() as db:
        own_session(db, session_id)


def _summary(exam: Exam) -> dict[str, Any]:
    return {
        "access_code": exam.accesscode,
        "name": exam.name,
        "course": exam.course_name,
        "status": exam.status,
        "opens": _iso(exam.start),
        "closes": _iso(exam.end),
        "minutes": exam.time_limit_mins,
        "mode": exam.mode.value,
        "identification": exam.identification.value,
        "trial": exam.is_trial,
    }


def _session(row: ExamSession) -> dict[str, Any]:
    """What a candidate may know of their own session: no score and no incidents."""
    return {
        "id": row.id,
        "state": row.state.value,
        "exam": row.exam_name,
        "course": row.course_name,
        "identity": row.identity,
        "frame_interval": service().settings.frame_interval,
    }


def _rules(exam: Exam) -> list[tuple[str, bool]]:
    """Every rule in plain words, with whether it is allowed."""
    return [(rule.title.in_language(current()), bool(exam.rules.get(rule.key, rule.default))) for rule in RULES]


def _agreement(exam: Exam) -> str | None:
    """A teacher types it: only a web address becomes a link."""
    address = exam.user_agreement_url or ""
    return address if address.startswith(("https://", "http://")) else None


def _iso(moment: int | None) -> str | None:
    return datetime.fromtimestamp(moment, timezone.utc).isoformat() if moment else None
