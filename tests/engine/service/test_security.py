"""The rows of docs/security.md, each tried."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from actors import ANN, BOB, Browser, Candidate, Clock, FakeMoodle, make_exam
from joserfc import jwt
from joserfc.jwk import OctKey
from PIL import Image

from contract import panel, push
from proctor_engine.lms import Access, Profile
from proctor_engine.lms.panel import PanelKeys, TicketError
from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.store import admins
from proctor_engine.store.model import ExamSession
from proctor_engine.web.export import sheet

Begin = Callable[..., Candidate]
Analyse = Callable[[], None]
SECRET = "s" * 40
KEYS = PanelKeys({"k1": SECRET}, "https://moodle.example.org", "http://localhost")


def reviewer(service: Service, moodle: FakeMoodle, *courses: int, who: Profile = BOB) -> Browser:
    moodle.staff[who.email] = Access(
        success=True, proctor_auth=True, reviewer_auth=True, proctor_courses=courses, reviewer_courses=courses
    )
    return Browser(service).sign_in(who)


def ticket(clock: Clock, secret: str = SECRET, kid: str = "k1", typ: str = panel.TICKET_TYPE, **claims: Any) -> str:
    at = int(clock.now().timestamp())
    values = {
        "iss": "https://moodle.example.org",
        "aud": "http://localhost",
        "sub": "17",
        "iat": at,
        "exp": at + 120,
        "jti": "n" * 32,
        "attempt": 5,
        "cmid": 41,
        "accesscode": "a" * 32,
        "email": ANN.email,
        "name": "Ann Lee",
        "language": "en",
    }
    header = {"alg": panel.ALGORITHM, "typ": typ, "kid": kid}
    return jwt.encode(header, values | claims, OctKey.import_key(secret), algorithms=[panel.ALGORITHM])


# Candidates


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


# Staff


def test_a_reviewer_of_another_course_sees_nothing(
    service: Service, moodle: FakeMoodle, begin: Begin, analyse: Analyse
) -> None:
    ann = begin()
    ann.post("finish")
    analyse()
    bob = reviewer(service, moodle, 4)
    for path in (
        f"/api/review/{ann.id}",
        f"/review/{ann.id}/report.json",
        f"/api/wall/session/{ann.id}",
        f"/api/wall/session/{ann.id}/picture",
        "/api/wall/3/41",
        "/wall/3/41",
        "/review/course/3",
    ):
        assert bob.get(path).status_code == 404, path
    assert bob.post(f"/api/review/{ann.id}/conclusion", json={"conclusion": "Clean"}).status_code == 404
    assert bob.post(f"/api/wall/session/{ann.id}/stop").status_code == 404
    assert ANN.name not in bob.get("/review").text


def test_where_moodle_does_not_tell_courses_none_is_open_until_it_is_assigned(
    service: Service, moodle: FakeMoodle, begin: Begin
) -> None:
    ann = begin()
    moodle.staff[BOB.email] = Access(success=True, reviewer_auth=True)
    bob = Browser(service).sign_in(BOB)
    assert bob.get(f"/api/review/{ann.id}").status_code == 404
    admin = signed_in_admin(service)
    form = {"email": BOB.email, "course": "3", "csrf_token": csrf(admin, "/admin/staff")}
    assert admin.client.post("/admin/staff", data=form).status_code == 302
    assert bob.get(f"/api/review/{ann.id}").status_code == 200


def test_a_candidate_is_no_staff(begin: Begin) -> None:
    browser = begin().browser
    for path in ("/review", "/wall", "/admin/staff", "/admin/people", "/admin/audit"):
        assert browser.get(path).status_code == 403, path


def test_a_reviewer_is_no_administrator(service: Service, moodle: FakeMoodle) -> None:
    assert reviewer(service, moodle, 3).get("/admin/people").status_code == 403


def test_the_second_review_is_another_persons(
    service: Service, settings: Settings, moodle: FakeMoodle, begin: Begin, analyse: Analyse
) -> None:
    service.settings = settings.model_copy(update={"second_review": True})
    ann = begin()
    ann.post("finish")
    analyse()
    bob = reviewer(service, moodle, 3)
    path = f"/api/review/{ann.id}/conclusion"
    assert bob.post(path, json={"conclusion": "Clean"}).json["state"] == "proposed"
    assert bob.post(path, json={"conclusion": "Clean"}).status_code == 409
    cora = reviewer(service, moodle, 3, who=Profile(id="19", email="cora@example.org", firstname="Cora"))
    assert cora.post(path, json={"conclusion": "Suspicious"}).json["state"] == "concluded"


# Scripts and formulas in what people type


def test_names_and_comments_are_shown_not_run(
    service: Service, moodle: FakeMoodle, begin: Begin, analyse: Analyse
) -> None:
    evil = '<script>alert("x")</script>'
    moodle.exams_due = [
        make_exam(name=evil, course_name=evil, rules={"custom_rules": evil}, user_agreement_url="javascript:alert(1)")
    ]
    ann = begin(who=Profile(id="17", email=ANN.email, firstname=evil))
    page = ann.browser.get(f"/exams/{'a' * 32}").text
    assert evil not in page
    assert "javascript:" not in page
    ann.post("messages", json={"text": evil})
    ann.post("finish")
    analyse()
    bob = reviewer(service, moodle, 3)
    for path in ("/review", f"/review/{ann.id}", f"/review/{ann.id}/report.html", "/review/course/3", "/wall"):
        assert evil not in bob.get(path).text, path


def test_a_cell_that_a_spreadsheet_would_run_is_text() -> None:
    assert sheet.table(["a"], [["=1+1"], ["+x"], ["@y"], ["plain"]]).splitlines()[1:] == [
        "'=1+1",
        "'+x",
        "'@y",
        "plain",
    ]


# The browser's own attacks


@pytest.mark.parametrize("text", ["' OR '1'='1", "'; DROP TABLE person; --", "%", "\\", '") UNION SELECT 1 --'])
def test_quotes_in_every_field_are_only_text(
    service: Service, moodle: FakeMoodle, begin: Begin, analyse: Analyse, text: str
) -> None:
    ann = begin()
    ann.post("messages", json={"text": text})
    ann.post("finish")
    analyse()
    bob = reviewer(service, moodle, 3)
    found = bob.get("/review/course/3", query_string={"name": text})
    assert found.status_code == 200
    assert ann.id not in found.text
    assert bob.get("/review/course/3", query_string={"name": "Ann"}).text.count(ann.id) > 0
    assert bob.post(f"/api/review/{ann.id}/conclusion", json={"conclusion": text}).status_code == 422
    made = bob.post(f"/api/review/{ann.id}/conclusion", json={"conclusion": "Clean", "comment": text})
    assert made.status_code == 200
    facts = bob.get(f"/api/review/{ann.id}").json
    assert text in [message["text"] for message in facts["messages"]]
    assert [review["comment"] for review in facts["reviews"]] == [text]
    assert bob.get(f"/api/review/{text}").status_code == 404


def test_a_request_without_our_csrf_token_changes_nothing(begin: Begin) -> None:
    browser = begin().browser
    assert browser.client.post("/api/sessions", json={"access_code": "a" * 32, "consent": True}).status_code == 400


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_a_sign_in_link_leads_nowhere_else(browser: Browser, to: str) -> None:
    browser.client.get("/sign-in", query_string={"to": to})
    assert browser.client.get("/oauth/callback?code=c&state=s").location == "/exams"


def test_a_callback_that_nobody_began_signs_nobody_in(browser: Browser) -> None:
    assert browser.get("/oauth/callback?code=c&state=s").status_code == 400
    assert browser.get("/api/me").status_code == 401


def test_headers_keep_pages_from_being_framed_sniffed_and_stored(browser: Browser) -> None:
    headers = browser.get("/").headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["frame-ancestors"] == "'none'"
    assert policy["default-src"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert headers["Cache-Control"] == "no-store"


def test_only_moodle_and_configured_origins_may_frame_the_panel(service: Service, settings: Settings) -> None:
    service.settings = settings.model_copy(update={"frame_ancestors": ("https://other.example.org",)})
    headers = Browser(service).get("/panel").headers
    assert "frame-ancestors https://moodle.example.org https://other.example.org" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers


def test_cookies_are_for_us_alone(service: Service, settings: Settings) -> None:
    service.settings = settings.model_copy(update={"public_url": "https://engine.example.org"})
    cookie = Browser(service).get("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("__Host-proctor=")
    assert all(flag in cookie for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))


def test_passwords_cannot_be_tried_quickly(service: Service) -> None:
    browser = Browser(service)
    token = csrf(browser, "/admin/sign-in")
    tries = [
        browser.client.post("/admin/sign-in", data={"name": "admin", "password": "x", "csrf_token": token}).status_code
        for _ in range(7)
    ]
    assert tries[:5] == [403] * 5
    assert tries[-1] == 429


def test_the_local_administrator_can_be_switched_off(service: Service, settings: Settings) -> None:
    admin = signed_in_admin(service)
    assert admin.get("/admin/people").status_code == 200
    service.settings = settings.model_copy(update={"local_admin": False})
    assert admin.get("/admin/sign-in").status_code == 404
    assert admin.get("/admin/people").status_code in {302, 403}


def signed_in_admin(service: Service) -> Browser:
    with service.database.begin() as db:
        admins.set_password(db, "admin", "correct horse")
    browser = Browser(service)
    form = {"name": "admin", "password": "correct horse", "csrf_token": csrf(browser, "/admin/sign-in")}
    assert browser.client.post("/admin/sign-in", data=form).status_code == 302
    return browser


def csrf(browser: Browser, path: str) -> str:
    return str(browser.get(path).text.split('name="csrf_token" value="')[1].split('"')[0])


# Moodle's tickets and events


def test_a_fresh_ticket_is_believed(clock: Clock) -> None:
    read = KEYS.read(ticket(clock))
    assert (read.email, read.access_code, read.attempt) == (ANN.email, "a" * 32, 5)


@pytest.mark.parametrize(
    "forged",
    [
        {"secret": "x" * 40},
        {"kid": "k2"},
        {"typ": panel.PROOF_TYPE},
        {"iss": "https://evil.example"},
        {"aud": "https://other.example"},
        {"exp": 1},
        {"exp": 2**40},
        {"iat": 2**33, "exp": 2**33 + 60},
        {"email": None, "accesscode": None, "attempt": "x"},
    ],
)
def test_a_forged_stale_or_strange_ticket_is_refused(clock: Clock, forged: dict[str, Any]) -> None:
    with pytest.raises(TicketError):
        KEYS.read(ticket(clock, **forged))


def test_an_unsigned_ticket_is_refused(clock: Clock) -> None:
    head, body, _signature = ticket(clock).split(".")
    for token in (f"{head}.{body}.", "", "a.b.c", "eyJhbGciOiJub25lIn0." + body + "."):
        with pytest.raises(TicketError):
            KEYS.read(token)


def with_keys(service: Service, settings: Settings) -> None:
    moodle = settings.moodle.model_copy(update={"panel_keys": {"k1": SECRET}, "push_keys": {"k1": SECRET}})
    service.settings = settings.model_copy(update={"moodle": moodle})


def test_a_ticket_signs_in_once(service: Service, settings: Settings, clock: Clock) -> None:
    with_keys(service, settings)
    token = ticket(clock)
    browser = Browser(service)
    assert browser.client.post("/panel/prepare", data={"ticket": token}).status_code == 302
    assert browser.get("/api/me").json["email"] == ANN.email
    assert Browser(service).client.post("/panel/prepare", data={"ticket": token}).status_code == 403


def test_a_proof_is_for_this_exam_and_only_while_pictures_come(
    service: Service, settings: Settings, clock: Clock, begin: Begin, empty_room: Callable[[float], bytes]
) -> None:
    with_keys(service, settings)
    ann = begin()
    ann.frame(empty_room(0), 0)
    proof = ann.post("proof", json={"ticket": ticket(clock)}).json["proof"]
    claims = jwt.decode(proof, OctKey.import_key(SECRET)).claims
    assert set(claims) == set(panel.PROOF_CLAIMS)
    assert (claims["nonce"], claims["aud"]) == ("n" * 32, "https://moodle.example.org")
    assert ann.post("proof", json={"ticket": ticket(clock, accesscode="b" * 32)}).status_code == 403
    clock.advance(seconds=90)
    assert ann.post("proof", json={"ticket": ticket(clock)}).status_code == 409


def test_a_browser_that_was_taken_over_from_proves_nothing_any_more(
    service: Service, settings: Settings, clock: Clock, begin: Begin, empty_room: Callable[[float], bytes]
) -> None:
    with_keys(service, settings)
    ann = begin()
    ann.frame(empty_room(0), 0)
    taken = {"ticket": ticket(clock), "holder": "tablet", "take_over": True}
    assert ann.browser.client.post("/api/panel/open", json=taken).status_code == 200
    refused = ann.post("proof", json={"ticket": ticket(clock)})
    assert (refused.status_code, refused.json["elsewhere"]) == (409, True)


def push_headers(clock: Clock, body: bytes, secret: str = SECRET, ahead: int = 0) -> dict[str, str]:
    stamp = str(int((clock.now() + timedelta(seconds=ahead)).timestamp()))
    signature = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {
        push.KEY_HEADER: "k1",
        push.TIMESTAMP_HEADER: stamp,
        push.SIGNATURE_HEADER: f"{push.SIGNATURE_SCHEME}={signature}",
    }


def test_a_signed_event_ends_the_exam_and_forged_or_recorded_ones_do_not(
    service: Service, settings: Settings, clock: Clock, begin: Begin
) -> None:
    with_keys(service, settings)
    ann = begin()
    event = {
        "id": "e1",
        "type": push.PushEvent.ATTEMPT_SUBMITTED.value,
        "created": 1,
        "site": "https://moodle.example.org",
        "data": {"accesscode": "a" * 32},
    }
    body = json.dumps(event).encode()
    client = ann.browser.client
    assert client.post(push.PUSH_PATH, data=body, headers=push_headers(clock, body, "x" * 40)).status_code == 403
    assert client.post(push.PUSH_PATH, data=body, headers=push_headers(clock, body, ahead=-900)).status_code == 403
    assert client.post(push.PUSH_PATH, data=body + b" ", headers=push_headers(clock, body)).status_code == 403
    assert ann.post("alive").json["handed_in"] is False
    assert client.post(push.PUSH_PATH, data=body, headers=push_headers(clock, body)).json == {"seen": False}
    assert client.post(push.PUSH_PATH, data=body, headers=push_headers(clock, body)).json == {"seen": True}
    assert ann.post("alive").json["handed_in"] is True


def test_every_test_that_the_page_names_is_there() -> None:
    folder = Path(__file__).parent
    page = (folder.parents[2] / "docs" / "security.md").read_text("utf-8")
    written = {path.stem: path.read_text("utf-8") for path in folder.glob("test_*.py")}
    named = re.findall(r"`(?:(test_\w+)::)?(test_\w+?)(…?)`", page)
    assert len(named) > 40
    for file, name, more in named:
        where = [written[file]] if file in written else [*written.values()]
        start = name if name in written else f"def {name}" + ("" if more else "(")
        assert name in written or any(start in text for text in where), f"docs/security.md names {name}"
