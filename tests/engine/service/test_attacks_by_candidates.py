"""What a candidate could try: another's session, forged tokens and times, oversize pictures, floods."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from actors import ANN, BOB, Browser, Candidate, FakeMoodle, make_exam
from PIL import Image

from proctor_engine.lms import Profile
from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.store.model import ExamSession

Begin = Callable[..., Candidate]


def test_another_candidates_session_is_as_unknown_as_none(service: Service, begin: Begin) -> None:
    ann = begin()
    bob = Browser(service).sign_in(BOB)
    for path in (f"/api/sessions/{ann.id}", f"/room/{ann.id}"):
        assert bob.get(path).status_code == 404
    assert bob.post(f"/api/sessions/{ann.id}/start").status_code == 404


def test_a_token_opens_its_own_session_only(moodle: FakeMoodle, begin: Begin) -> None:
    first = begin()
    moodle.exams_due = [make_exam("b" * 32)]
    second = begin("b" * 32)
    second.headers = first.headers
    assert second.post("finish").status_code == 403
    second.headers = {"Authorization": "Bearer forged"}
    assert second.post("finish").status_code == 401


def test_an_old_token_opens_nothing(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = begin()
    monkeypatch.setattr("proctor_engine.web.tokens.CAPTURE_HOURS", -1)
    assert ann.post("alive").status_code == 401


def test_an_access_code_that_moodle_does_not_list_for_this_person_opens_nothing(browser: Browser) -> None:
    browser.sign_in(ANN)
    answer = browser.post("/api/sessions", json={"access_code": "f" * 32, "consent": True})
    assert answer.status_code == 404


def test_somebody_elses_access_code_is_refused_though_moodle_lists_it(service: Service, begin: Begin) -> None:
    begin()
    bob = Browser(service).sign_in(BOB)
    assert bob.post("/api/sessions", json={"access_code": "a" * 32, "consent": True}).status_code == 409


def test_without_consent_nothing_is_stored(service: Service, browser: Browser) -> None:
    browser.sign_in(ANN)
    assert browser.post("/api/sessions", json={"access_code": "a" * 32}).status_code == 400
    with service.database.begin() as db:
        assert db.query(ExamSession).count() == 0


@pytest.mark.parametrize("kind", ["warning_substitution_user", "warning_cheater", "warning_phone", "nonsense", None])
def test_a_browser_cannot_report_what_it_cannot_see(begin: Begin, kind: str | None) -> None:
    assert begin().events({"type": kind, "start": 0}, time=0).status_code == 422


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"GIF89a", 422), (b"\xff\xd8\xff" + b"x" * 100, 422), (b"", 422), (b"x" * 600_000, 413)],
)
def test_malformed_and_oversize_frames_are_refused(begin: Begin, content: bytes, status: int) -> None:
    assert begin().frame(content, 0).status_code == status


def test_a_small_file_of_many_pixels_is_refused_before_it_is_decoded(begin: Begin) -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((4000, 4000), np.uint8)).save(buffer, "JPEG")
    assert len(buffer.getvalue()) < 512 * 1024
    assert begin().frame(buffer.getvalue(), 0).status_code == 413


@pytest.mark.parametrize("value", ["-1", "nan", "inf", "1e99", "x", ""])
def test_times_and_numbers_that_make_no_sense_are_refused(
    begin: Begin, value: str, empty_room: Callable[[float], bytes]
) -> None:
    ann = begin()
    for query in (f"sequence=0&time={value}", f"sequence={value}&time=0"):
        answer = ann.browser.client.post(
            f"/api/sessions/{ann.id}/frames?{query}", data=empty_room(0), headers=ann.headers
        )
        assert answer.status_code == 422


def test_a_flood_of_one_candidate_does_not_stop_another(
    service: Service, settings: Settings, moodle: FakeMoodle, begin: Begin
) -> None:
    moodle.exams_due = [make_exam(), make_exam("b" * 32)]
    service.settings = settings.model_copy(
        update={"limits": settings.limits.model_copy(update={"chunks_per_minute": 3})}
    )
    first = begin()
    second = Candidate(first.browser, *_created(first.browser, "b" * 32))
    assert [first.post("alive").status_code for _ in range(5)][-1] == 429
    assert second.post("alive").status_code == 200


def _created(browser: Browser, code: str) -> tuple[str, str]:
    made = browser.post("/api/sessions", json={"access_code": code, "consent": True}).json
    return made["id"], made["token"]


def test_a_check_picture_of_many_pixels_is_refused_before_it_is_decoded(browser: Browser) -> None:
    browser.sign_in(ANN)
    made = browser.post("/api/sessions", json={"access_code": "a" * 32, "consent": True}).json
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((4000, 4000), np.uint8)).save(buffer, "JPEG")
    for step in ("look", "face", "document"):
        assert browser.post(f"/api/sessions/{made['id']}/{step}", data=buffer.getvalue()).status_code == 413, step
        assert browser.post(f"/api/sessions/{made['id']}/{step}", data=b"GIF89a").status_code == 422, step


def test_what_comes_in_pieces_is_measured_too(begin: Begin) -> None:
    ann = begin()
    answer = ann.browser.client.post(
        f"/api/sessions/{ann.id}/frames?sequence=0&time=0",
        input_stream=io.BytesIO(b"\xff\xd8" + b"x" * 600_000),
        headers=ann.headers,
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413


def test_a_hall_behind_one_address_checks_its_cameras_at_once(service: Service, moodle: FakeMoodle) -> None:
    """Forty candidates who look every second and a half are more than one address's worth, and no flood."""
    app = Browser(service)
    for number in range(3):
        code = f"{number:032x}"
        moodle.exams_due = [make_exam(code)]
        app.sign_in(Profile(id=str(number), email=f"{number}@example.org"))
        session = app.post("/api/sessions", json={"access_code": code, "consent": True}).json["id"]
        tries = [app.post(f"/api/sessions/{session}/look", data=b"GIF89a").status_code for _ in range(50)]
        assert set(tries) == {422}


ODD: tuple[Any, ...] = ([], [1], {}, "\ud800", "\0", 10**400, -1, True, None, 1e308, {"a": [{}]}, "x" * 5000)


@pytest.mark.parametrize("odd", ODD, ids=[repr(value)[:12] for value in ODD])
def test_nothing_that_is_sent_upsets_the_service(begin: Begin, odd: Any) -> None:
    ann, text = begin(), quote(str(odd)[:2000], errors="replace")
    bodies = {
        "messages": [odd, {"text": odd}],
        "events": [odd, {"events": odd}, {"events": [odd]}, {"events": [{"type": odd, "start": 0}]}],
        "proof": [odd, {"ticket": odd}],
    }
    bodies["events"] += [{"events": [{"type": "copied", "start": odd, "end": odd, "detail": odd}]}]
    bodies["events"] += [{"events": [{"type": "copied", "start": 0, "detail": odd}]}]
    for what, sent in bodies.items():
        for body in sent:
            answer = ann.post(f"{what}?sequence=0&time=0&after={text}", json=body)
            assert answer.status_code < 500, (what, body)
    for query in (f"sequence={text}&time=0", f"sequence=0&time={text}"):
        answer = ann.browser.client.post(f"/api/sessions/{ann.id}/audio?{query}", data=b"xx", headers=ann.headers)
        assert answer.status_code < 500
    for path, body in (
        ("/api/sessions", {"access_code": odd, "consent": True}),
        (f"/api/sessions/{ann.id}/start", {"holder": odd, "take_over": odd}),
        (f"/api/sessions/{ann.id}/phone", {"link": odd}),
        ("/api/phone/join", {"link": odd, "consent": True}),
        ("/api/panel/open", {"ticket": odd, "holder": odd}),
    ):
        assert ann.browser.post(path, json=body).status_code < 500, path
