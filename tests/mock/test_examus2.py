"""The push protocol of availability_examus2, step by step as a real Moodle 4.5.6 with v2.0.42 answered it."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from mock.campus import EXAM, ROOT, STUDENT_TOKEN, Browser, Campus, Page, world
from mock.fuzzing import close

from mock_moodle.examus2 import names, tokens
from mock_moodle.examus2.models import Session

PLUGIN = {"component": "availability_examus2", "version": 2025112401, "release": "v2.0.42"}
CONDITION = {"type": "examus2", "duration": "45", "mode": "online", "scoring": {"phone": 2.5}}
START, API = "/mod/quiz/startattempt.php", "/availability/condition/examus2/api.php"
ENTRY = "/availability/condition/examus2/entry.php"


class Service(BaseHTTPRequestHandler):
    told: list[tuple[str, Any, str]]
    """Path, body and Authorization of each call; `heard` is set with one."""
    heard: threading.Event

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.told.append((self.path, body, self.headers["Authorization"]))
        self.send_response(200)
        self.end_headers()
        self.heard.set()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    Service.told, Service.heard = [], threading.Event()
    server = HTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def _prepared(service: str) -> Iterator[Campus]:
    spec = world(PLUGIN, availability={"op": "&", "c": [CONDITION], "showc": [True]}, attempts=2)
    settings = {"examus_url": service, "integration_name": "lab", "jwt_secret": "secret", "account_name": "Lab"}
    spec["site"]["settings"] |= {f"availability_examus2/{name}": value for name, value in settings.items()}
    campus = Campus(spec)
    yield campus
    close(campus.app)


@pytest.fixture
def site(_prepared: Campus) -> Campus:
    _prepared.site.reset()
    _prepared.site.clock.freeze()
    return _prepared


def told_in(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def signed(site: Campus, **claims: Any) -> str:
    with site.site.visit():
        return tokens.encode({"exp": 4_000_000_000, **claims})


def tell(site: Campus, method: str, token: str | None = None, **body: Any) -> Page:
    headers = {"Authorization": f"JWT {token or signed(site)}"}
    client = Browser(site.app).client
    query = {"method": method} if method else {}
    return Page(client.post(API, json=body, headers=headers, query_string=query, base_url=ROOT))


def rows(site: Campus) -> list[tuple[str, int | None]]:
    with site.site.visit(write=False) as visit:
        found = visit.session.query(Session).order_by(Session.id)
        return [(row.status, row.attemptid) for row in found]


def begin(anna: Browser) -> Page:
    return anna.post(START, cmid=str(EXAM), sesskey=anna.sesskey())


def handed_over(site: Campus) -> tuple[Browser, dict[str, Any]]:
    """Anna pressed the button, and her browser was given this to carry to the service."""
    anna = site.sign_in("anna")
    return anna, told_in(str(begin(anna).form("#redirect [name=token]")["value"]))


def test_a_browser_is_let_in_and_a_web_service_is_not(site: Campus) -> None:
    assert site.sign_in("anna").get("/mod/quiz/view.php", id=EXAM).form(f"form[action$='{START}']")
    refused = site.call("mod_quiz_start_attempt", STUDENT_TOKEN, quizid=1)
    assert (refused["errorcode"], refused["message"]) == ("requireloginerror", "Course or activity not accessible.")
    contents = site.call("core_course_get_contents", STUDENT_TOKEN, courseid=2)
    said = next(cm["availabilityinfo"] for section in contents for cm in section["modules"] if cm["id"] == EXAM)
    assert said == "Not available unless: Can not be accessed via Moodle mobile app"


def test_the_browser_carries_a_signed_form_to_the_service(site: Campus, service: str) -> None:
    anna = site.sign_in("anna")
    page = begin(anna)
    assert (page.status, page.title) == (200, "Redirecting to Examus")
    assert page.form("#redirect")["action"] == f"{service}/integration/simple/lab/start/"
    token = str(page.form("#redirect [name=token]")["value"])
    told = told_in(token)
    with site.site.visit():
        tokens.verify(token)
    expected = {
        "accountId": 1, "accountName": "Lab", "examId": EXAM, "examName": "Exam", "courseName": "Algebra",
        "duration": "45", "schedule": True, "proctoring": "online", "trial": False, "userId": "anna",
        "firstName": "Anna", "lastName": "Petrova", "email": "anna@example.com", "language": "en",
        "startDate": "2022-01-01T00:00:00+0000", "endDate": "2032-01-01T00:00:00+0000",
        "scoreConfig": {"phone": 2.5}, "webCameraMainView": "front", "auxiliaryCameraMode": "video",
    }  # fmt: skip
    assert {name: told[name] for name in expected} == expected
    assert told["rules"]["custom_rules"] == ""
    assert len(told["visibleWarnings"]) == 8
    assert told["sessionUrl"].startswith(f"{ROOT}{ENTRY}?examus2_accesscode={told['sessionId']}&token=")
    assert rows(site) == [("new", None)]
    assert told_in(str(begin(anna).form("#redirect [name=token]")["value"]))["sessionId"] == told["sessionId"]


def test_an_exam_from_the_form_to_the_review(site: Campus) -> None:
    _, told = handed_over(site)
    visitor = site.visitor()  # the frame in the service's page has no session yet
    assert visitor.get(told["sessionUrl"]).location == f"{ROOT}/mod/quiz/view.php?id={EXAM}"
    page = begin(visitor)
    assert page.location == f"{ROOT}/mod/quiz/attempt.php?attempt=1&cmid={EXAM}"
    assert names.READY_MESSAGE in visitor.follow(page).html
    assert rows(site) == [("started", 1)]
    Service.heard.clear()
    form = {"attempt": "1", "cmid": str(EXAM), "finishattempt": "1", "timeup": "0", "slots": ""}
    done = visitor.post("/mod/quiz/processattempt.php", **form, sesskey=visitor.sesskey())
    assert done.location == f"{ROOT}/mod/quiz/review.php?attempt=1&cmid={EXAM}"
    assert rows(site) == [("finished", 1)]
    assert Service.heard.wait(20)
    path, body, authorization = Service.told[-1]
    assert path == f"/api/v2/integration/simple/lab/sessions/{told['sessionId']}/finish/"
    assert body == {"sessionFinishUrl": done.location}
    assert told_in(authorization.removeprefix("JWT "))["exp"] == site.site.clock.time() + 30
    review = {
        "sessionId": told["sessionId"], "conclusion": "accepted", "score": 91, "comment": "fine",
        "reportUrl": "https://example.com/report/1", "threshold": {"attention": 50, "rejected": 80},
        "sessionStart": "2026-11-23T01:00:00.123456+0000", "sessionEnd": "2026-11-23T01:30:00+0000",
        "warnings": [{"type": "phone"}], "warningTitles": {"phone": {"en": "Phone"}},
    }  # fmt: skip
    answer = tell(site, "review", **review)
    assert (answer.status, answer.html) == (200, "")
    with site.site.visit(write=False) as visit:
        row = visit.session.query(Session).one()
        assert (row.status, row.score, row.comment, row.review_link) == (
            "accepted",
            91,
            "fine",
            "https://example.com/report/1",
        )
        assert row.sessionend - row.sessionstart == 1800
        assert json.loads(row.threshold) == {"attention": 50, "rejected": 80}
    assert tell(site, "review", sessionId=told["sessionId"], conclusion="rejected").html == ""
    assert rows(site) == [("rejected", 1)]
    assert tell(site, "review", sessionId=told["sessionId"]).status == 404


def test_a_slot_is_booked_and_given_back(site: Campus) -> None:
    _, told = handed_over(site)
    booked = {"sessionId": told["sessionId"], "event": "scheduled", "start": "2027-01-02T03:04:05.678+0000"}
    assert tell(site, "schedule", **booked).html == ""
    with site.site.visit(write=False) as visit:
        assert visit.session.query(Session).one().timescheduled == 1_798_859_045
    assert tell(site, "schedule", **{**booked, "start": "soon"}).status == 404
    assert tell(site, "schedule", sessionId=told["sessionId"], event="canceled").html == ""
    assert rows(site) == [("force_reset", None), ("new", None)]
    assert tell(site, "schedule", **booked).html == ""  # the fresh one is booked instead
    assert rows(site) == [("force_reset", None), ("scheduled", None)]


@pytest.mark.parametrize(
    ("authorization", "body", "status", "said"),
    [
        ("", "{}", 200, "Not auth provided"),
        ("Bearer {good}", "{}", 200, "Not auth provided"),
        ("JWT {good}x", "{}", 200, "Signature verification failed"),
        ("JWT {old}", "{}", 404, "Expired token"),
        ("JWT abc", "{}", 404, "Wrong number of segments"),
        ("JWT a.b.c", "{}", 404, "malformed"),
        ("JWT {good}", "", 200, "No request body"),
        ("JWT {good}", "{bad", 200, "Entry was not found"),
        ("JWT {good}", '{"sessionId": "f"}', 200, "Entry was not found"),
        ("JWT {good}", '{"sessionId": ["f"]}', 200, "Entry was not found"),
    ],
)
def test_what_the_service_may_get_wrong(site: Campus, authorization: str, body: str, status: int, said: str) -> None:
    header = authorization.format(good=signed(site), old=signed(site, exp=1_000_000_000))
    client = Browser(site.app).client
    sent = {"Authorization": header, "Content-Type": "application/json"}
    page = Page(client.post(f"{API}?method=review", data=body, headers=sent, base_url=ROOT))
    assert page.status == status
    assert said in page.html
    if status == 404:
        assert page.title == "Error | campus"


@pytest.mark.parametrize("method", ["", "nonsense"])
def test_other_methods_do_nothing(site: Campus, method: str) -> None:
    _, told = handed_over(site)
    assert tell(site, method, sessionId=told["sessionId"]).html == "Success"
    assert rows(site) == [("new", None)]


def test_the_entry_asks_for_a_code_and_a_right_key(site: Campus) -> None:
    _, told = handed_over(site)
    visitor = site.visitor()
    for query in ({}, {"examus2_accesscode": "f" * 32}, {"examus2_accesscode": told["sessionId"], "token": "0" * 32}):
        assert visitor.get(ENTRY, **query).title == "Error | campus"
    assert visitor.get(ENTRY, examus2_accesscode=told["sessionId"]).location.endswith(f"/mod/quiz/view.php?id={EXAM}")
    assert visitor.get("/my/").location == f"{ROOT}/login/index.php"  # without a key nobody is signed in


def test_without_the_plugin_there_are_no_such_pages() -> None:
    campus = Campus(world(availability=None))
    assert campus.visitor().post(API).status == 404
    assert campus.sign_in("anna").post(START, cmid=str(EXAM)).title.startswith("Error")
    close(campus.app)
