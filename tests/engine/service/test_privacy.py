"""Retention, erasure, disclosure, the audit log and encryption: nothing is left, and nothing lies open."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from actors import ANN, BOB, TYPED, Browser, Candidate, Clock, administrator, csrf
from servers import until
from sqlalchemy import func, select

from contract.wire import OWN_DATA_PATH
from proctor_engine.lms import Profile
from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.store import disclosure, incidents, retention, rotation, tracks
from proctor_engine.store.model import Audit, Base, Chunk, Evidence, ExamSession, Person, StaffCourse
from proctor_engine.store.vault import UnknownKeyError, Vault


def everything(settings: Settings) -> bytes:
    """All bytes of the data folder, whatever file they are in."""
    return b"".join(path.read_bytes() for path in sorted(settings.data.rglob("*")) if path.is_file())


def evidence(settings: Settings, session_id: str) -> list[Path]:
    folder = settings.data / "evidence" / session_id
    return sorted(folder.iterdir()) if folder.exists() else []


def test_evidence_goes_at_its_date_and_the_record_at_its_own(
    service: Service, settings: Settings, clock: Clock, watched: Candidate
) -> None:
    assert evidence(settings, watched.id)
    with service.database.read() as db:
        end = db.get_one(ExamSession, watched.id).evidence_until
        pieces = db.scalars(select(Evidence).where(Evidence.session_id == watched.id)).all()
    assert {piece.delete_after for piece in pieces} == {end}, "each says itself when it goes"
    assert retention.purge(service) == retention.Purged()
    clock.advance(days=91)
    assert retention.purge(service).evidence == 1
    assert evidence(settings, watched.id) == []
    with service.database.begin() as db:
        assert db.get_one(ExamSession, watched.id).proposal is not None
    clock.advance(days=300)
    assert retention.purge(service).records == 1
    with service.database.begin() as db:
        assert db.get(ExamSession, watched.id) is None
        assert db.query(Person).filter_by(email=ANN.email).count() == 0


def test_after_erasure_no_byte_of_the_person_is_left(service: Service, settings: Settings, watched: Candidate) -> None:
    told = (TYPED.encode(), ANN.email.encode(), ANN.name.encode())
    assert all(text in everything(settings) for text in told)
    assert retention.erase_person(service, ANN.email) == 1
    left = everything(settings)
    assert [text for text in told if text in left] == []
    assert evidence(settings, watched.id) == []


def test_a_session_that_runs_is_never_purged(service: Service, clock: Clock, begin: Callable[..., Candidate]) -> None:
    ann = begin()
    clock.advance(days=1000)
    retention.purge(service)
    with service.database.begin() as db:
        assert db.get(ExamSession, ann.id) is not None


def test_what_was_prepared_and_never_begun_goes_soon(service: Service, clock: Clock, browser: Browser) -> None:
    browser.sign_in()
    browser.post("/api/sessions", json={"access_code": "a" * 32, "consent": True})
    clock.advance(days=3)
    assert retention.purge(service).records == 1


def test_folders_that_no_row_knows_of_go_too(service: Service, settings: Settings) -> None:
    service.evidence.put("forgotten/1.jpg", b"x")
    assert retention.purge(service).orphans == 1
    assert evidence(settings, "forgotten") == []


def test_the_template_goes_with_the_analysis(service: Service, watched: Candidate) -> None:
    from proctor_engine.store.model import AnalysisState

    with service.database.begin() as db:
        assert db.get(AnalysisState, watched.id) is None


def test_a_person_gets_all_that_is_known(service: Service, watched: Candidate) -> None:
    content = disclosure.disclose(service, ANN.email)
    assert content is not None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        session = json.loads(archive.read(f"{watched.id}/session.json"))
        pictures = [name for name in archive.namelist() if name.endswith(".jpg")]
        assert archive.read(pictures[0]).startswith(b"\xff\xd8")
    assert session["message"][0]["text"] == TYPED
    assert "While the exam runs" in session["consent"][0]["text"]
    assert session["incident"][0]["type"] == "warning_no_user_in_frame"
    assert disclosure.disclose(service, "nobody@example.org") is None


def test_people_get_their_own_data_once_it_is_concluded_and_nobody_elses(
    service: Service, browser: Browser, watched: Candidate
) -> None:
    assert browser.get(OWN_DATA_PATH).status_code == 409, "what was noticed is nobody's during an exam"
    bob = Browser(service).sign_in(BOB)
    assert bob.post(f"/api/review/{watched.id}/conclusion", json={"conclusion": "Clean"}).status_code == 200
    answer = browser.get(OWN_DATA_PATH)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert json.loads(archive.read("person.json"))["email"] == ANN.email
        assert f"{watched.id}/session.json" in archive.namelist()
    theirs = bob.get(OWN_DATA_PATH)
    assert theirs.status_code == 404 or ANN.email.encode() not in theirs.data
    assert Browser(service).get(OWN_DATA_PATH).status_code == 302


def test_every_look_is_in_the_log(service: Service, watched: Candidate) -> None:
    bob = Browser(service).sign_in(BOB)
    facts = bob.get(f"/api/review/{watched.id}").json
    bob.get(f"/api/review/{watched.id}/evidence/{facts['evidence'][0]['id']}")
    bob.get(f"/review/{watched.id}/report.csv")
    with service.database.begin() as db:
        rows = db.query(Audit).filter_by(actor=BOB.email, session_id=watched.id)
        assert [row.action for row in rows.order_by(Audit.id)] == ["review.open", "evidence.view", "export.csv"]


def test_what_was_kept_when_the_candidate_agreed_is_stored_with_the_words(service: Service, watched: Candidate) -> None:
    from proctor_engine.store.model import Consent

    with service.database.begin() as db:
        consent = db.get_one(Consent, watched.id)
        assert "90 days" in consent.text
        assert consent.language == "en"


def test_a_key_can_be_changed_and_old_ones_dropped(service: Service, settings: Settings, watched: Candidate) -> None:
    bob = Browser(service).sign_in(BOB)
    old_key = settings.key_file.read_text()
    assert rotation.rotate(settings) > 0
    renewed = Service.open(settings)
    piece = evidence(settings, watched.id)[0].name
    assert renewed.evidence.get(f"{watched.id}/{piece}").startswith(b"\xff\xd8")
    rotation.forget(settings)
    assert old_key.strip() not in settings.key_file.read_text()
    with pytest.raises(UnknownKeyError):
        Vault(old_key.split()).unseal((settings.data / "evidence" / watched.id / piece).read_bytes(), "anywhere")
    renewed.close()
    assert bob.get("/api/me").status_code == 200, "a sign-in outlives the change"


def test_a_key_may_be_changed_while_an_exam_runs(
    service: Service,
    settings: Settings,
    begin: Callable[..., Candidate],
    clock: Clock,
    analyse: Callable[[], None],
    empty_room: Callable[[float], bytes],
) -> None:
    """Nobody restarts anything: what waits, what is analysed and what comes after it are all of one exam."""
    ann = begin()
    clock.advance(seconds=30)
    for second in range(12):
        ann.frame(empty_room(second), second)
        if second in {3, 7}:
            analyse()
            rotation.rotate(settings)
        if second == 9:
            rotation.forget(settings)
    ann.post("finish")
    analyse()
    with service.database.read() as db:
        assert len(tracks.of_session(db, ann.id)) == 12
        assert len(incidents.of_session(db, ann.id)) == 1
    assert len(settings.key_file.read_text().split()) == 1


def test_the_key_file_is_its_owners_alone(settings: Settings, service: Service) -> None:
    assert service.settings.key_file.stat().st_mode & 0o077 == 0
    assert settings.data.stat().st_mode & 0o077 == 0


def test_whoever_reads_what_is_recorded_and_leaves_was_never_known(
    service: Service, settings: Settings, browser: Browser
) -> None:
    def rows() -> dict[str, int]:
        with service.database.begin() as db:
            return {
                name: db.scalar(select(func.count()).select_from(table)) or 0
                for name, table in Base.metadata.tables.items()
            }

    before = rows()
    assert before["used_token"] == 0
    browser.sign_in()
    for path in ("/exams", f"/exams/{'a' * 32}"):
        assert browser.get(path).status_code == 200
    browser.post("/sign-out")
    # That the sign-in with this random number has ended, and no more than that.
    assert rows() == before | {"used_token": 1}
    assert ANN.email.encode() not in everything(settings)


def test_staff_get_what_they_did(service: Service, watched: Candidate) -> None:
    bob = Browser(service).sign_in(BOB)
    bob.get(f"/review/{watched.id}")
    with service.database.begin() as db:
        db.add(StaffCourse(email=BOB.email, course_id=7))
    content = disclosure.disclose(service, BOB.email)
    assert content is not None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        told = json.loads(archive.read("person.json"))
    assert [action["action"] for action in told["actions"]] == ["sign-in", "review.open"]
    assert told["courses"] == [7]


def test_whoever_administers_hands_out_and_erases_by_a_button_though_the_local_administrator_is_off(
    service: Service, settings: Settings, watched: Candidate
) -> None:
    service.settings = settings.model_copy(update={"local_admin": False, "administrators": ("dpo@example.org",)})
    dora = Browser(service).sign_in(Profile(id="21", email="dpo@example.org", firstname="Dora"))
    form = {"email": ANN.email, "csrf_token": csrf(dora, "/admin/people")}
    handed = dora.client.post("/admin/people", data=form | {"action": "export"})
    with zipfile.ZipFile(io.BytesIO(handed.data)) as archive:
        assert f"{watched.id}/session.json" in archive.namelist()
    assert dora.client.post("/admin/people", data=form | {"action": "erase"}).status_code == 400, "typed once"
    twice = form | {"action": "erase", "again": ANN.email}
    assert "Erased. Sessions: 1" in dora.client.post("/admin/people", data=twice, follow_redirects=True).text
    assert evidence(settings, watched.id) == []
    with service.database.read() as db:
        done = db.scalars(select(Audit.action).where(Audit.actor == "dpo@example.org").order_by(Audit.id)).all()
    assert done == ["sign-in", "person.export", "person.erase"]


def test_an_address_may_be_typed_in_capitals(service: Service, settings: Settings, watched: Candidate) -> None:
    assert disclosure.disclose(service, ANN.email.upper()) is not None
    assert retention.erase_person(service, ANN.email.upper()) == 1
    assert evidence(settings, watched.id) == []


def test_the_log_tells_who_did_what_with_one_persons_exam(service: Service, watched: Candidate) -> None:
    bob = Browser(service).sign_in(BOB)
    bob.get(f"/review/{watched.id}")
    admin = administrator(service)
    for whose in (ANN.email, watched.id, watched.id[:8], "bob@"):
        page = admin.get("/admin/audit", query_string={"whose": whose}).text
        assert ("review.open" in page, "sign-in.refused" in page) == (True, False), whose
    assert "review.open" not in admin.get("/admin/audit?whose=nobody").text


@pytest.mark.parametrize("gone", [retention.delete_evidence, retention.delete_session])
def test_what_is_deleted_while_it_is_sealed_anew_does_not_come_back(
    service: Service,
    settings: Settings,
    watched: Candidate,
    monkeypatch: pytest.MonkeyPatch,
    gone: Callable[[Service, str], None],
) -> None:
    folder, deletions = settings.data / "evidence" / watched.id, []
    reseal = Vault.reseal

    def delete_meanwhile(vault: Vault, sealed: bytes, place: str) -> bytes:
        if place.endswith(".jpg") and not deletions:
            deletions.append(Thread(target=gone, args=(service, watched.id)))
            deletions[0].start()
            until(lambda: not folder.exists(), "the files are deleted")
        return reseal(vault, sealed, place)

    monkeypatch.setattr(Vault, "reseal", delete_meanwhile)
    rotation.rotate(settings)
    [deletion] = deletions
    deletion.join()
    assert evidence(settings, watched.id) == []


def test_a_frame_that_is_given_up_while_it_is_sealed_anew_does_not_come_back(
    service: Service,
    settings: Settings,
    begin: Callable[..., Candidate],
    clock: Clock,
    empty_room: Callable[[float], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann = begin()
    clock.advance(seconds=30)
    for second in range(3):
        ann.frame(empty_room(second), second)
    with service.database.begin() as db:
        for chunk in db.scalars(select(Chunk).where(Chunk.session_id == ann.id, Chunk.sequence > 0)):
            chunk.discard = True
    reseal = Vault.reseal

    def discard_meanwhile(vault: Vault, sealed: bytes, place: str) -> bytes:
        if place.endswith(".jpg"):
            for piece in evidence(settings, ann.id)[1:]:  # As a worker does that has just marked them.
                piece.unlink()
        return reseal(vault, sealed, place)

    monkeypatch.setattr(Vault, "reseal", discard_meanwhile)
    rotation.rotate(settings)
    assert [piece.name for piece in evidence(settings, ann.id)] == ["00000000.jpg"]
