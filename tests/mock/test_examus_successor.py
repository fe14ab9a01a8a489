"""The plugin as this repository builds it: who gets in, what the gate wants, what is pushed."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from mock.campus import CONDITION, EXAM, SERVICE_TOKEN, Browser, Campus
from sqlalchemy import select

from contract import panel, push
from contract.wire import COMPONENT, ENTRY_PATH, LOG_PATH, PLUGIN_PATH, READY_MESSAGE
from mock_moodle.examus.models import Entry
from mock_moodle.examus.push import QueuedEvent, deliver_due
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule, Enrolment, ExternalToken, Group

ENGINE = "https://engine.test"
KEY = "k1:" + "0123456789abcdef" * 4
SECRET = KEY.partition(":")[2]


@pytest.fixture(autouse=True)
def _connected(campus: Campus) -> None:
    configure(campus, engineurl=ENGINE, panelkeys=KEY, pushkeys=KEY)


def configure(campus: Campus, **settings: str) -> None:
    with campus.site.visit():
        for name, value in settings.items():
            current.set_config(name, value, COMPONENT)


@pytest.fixture
def anna(campus: Campus) -> Browser:
    return campus.sign_in("anna")


def code_of(campus: Campus, username: str = "anna") -> str:
    return str(campus.exams(username)[0]["accesscode"])


def begin(campus: Campus, browser: Browser) -> int:
    """Presents the code and starts the attempt; its id."""
    browser.get(ENTRY_PATH, accesscode=code_of(campus))
    page = browser.post("/mod/quiz/startattempt.php", cmid=EXAM, sesskey=browser.sesskey())
    return int(page.location.partition("attempt=")[2].partition("&")[0])


def review(campus: Campus, code: str, status: str, **more: Any) -> Any:
    return campus.call("availability_examus_submit_proctoring_review", accesscode=code, status=status, **more)


# Who may call


def test_the_service_s_capability_is_asked(campus: Campus) -> None:
    with campus.site.visit() as visit:
        visit.session.add(ExternalToken(token="b" * 32, userid=4, externalserviceid=2))
    answer = campus.call("availability_examus_user_proctored_modules", "b" * 32, useremail="anna@example.com")
    assert answer["errorcode"] == "nopermissions"


# The exam list


def test_everything_is_filled_in(campus: Campus) -> None:
    with campus.site.visit() as visit:
        node = {**CONDITION, "rules": {"allow_voices": True}, "scoring": {"voice": 3}, "customrules": "No hats"}
        visit.session.get_one(CourseModule, EXAM).availability = {"op": "&", "c": [node], "showc": [True]}
    (exam,) = campus.exams("anna")
    assert exam["rules"]["allow_to_use_paper"] is True
    assert exam["rules"]["custom_rules"] == "No hats"
    assert len(exam["scoring"]) == 9


def test_a_booked_exam_keeps_its_code(campus: Campus) -> None:
    code = code_of(campus)
    review(campus, code, "Scheduled", timescheduled=1893400000)
    (exam,) = campus.exams("anna")
    assert (exam["accesscode"], exam["status"]) == (code, "Scheduled")


def test_unchanged_entries_can_be_left_out(campus: Campus) -> None:
    campus.exams("anna")
    later = campus.site.clock.travel(10)
    assert campus.exams("anna", since=later) == []
    review(campus, code_of(campus), "Scheduled", timescheduled=1893400000)
    assert len(campus.exams("anna", since=later)) == 1


def test_the_site_s_list_is_read_in_pages(campus: Campus) -> None:
    with campus.site.visit() as visit:
        exam = visit.session.get_one(CourseModule, EXAM)
        for cmid in (91, 92):
            again = {column.key: getattr(exam, column.key) for column in CourseModule.__table__.columns}
            visit.session.add(CourseModule(**{**again, "id": cmid}))

    def page(limit: int, offset: int) -> list[int]:
        answer = campus.call("availability_examus_user_proctored_modules", limit=limit, offset=offset)
        return [module["cm_id"] for module in answer["modules"]]

    whole = page(0, 0)
    assert len(whole) == 3
    assert [page(2, 0), page(2, 2), page(2, 4)] == [whole[:2], whole[2:], []]
    assert campus.call("availability_examus_user_proctored_modules", limit=-1)["errorcode"] == "invalidparameter"


def test_a_code_runs_out(campus: Campus, anna: Browser) -> None:
    configure(campus, codelifetime="3600")
    code = code_of(campus)
    campus.site.clock.travel(3601)
    assert anna.get(ENTRY_PATH, accesscode=code).status == 404
    assert code_of(campus) != code


def test_suspended_people_are_nobody(campus: Campus) -> None:
    with campus.site.visit() as visit:
        from mock_moodle.store.core import User

        visit.session.get_one(User, 3).suspended = True
    assert campus.exams("anna") == []


# Entry and start


@pytest.mark.parametrize("status", ["Clean", "Rules Violation", "Force reset"])
def test_a_used_up_code_opens_nothing(campus: Campus, anna: Browser, status: str) -> None:
    code = code_of(campus)
    review(campus, code, status)
    page = anna.get(ENTRY_PATH, accesscode=code)
    assert page.status == 404
    assert campus.status(code) == status


def test_somebody_else_s_code_stays_unused(campus: Campus) -> None:
    code = code_of(campus)
    assert campus.sign_in("boris").get(ENTRY_PATH, accesscode=code).status == 404
    assert campus.status(code) == "Not inited"


def test_a_code_opens_one_attempt(campus: Campus, anna: Browser) -> None:
    attempt = begin(campus, anna)
    anna.post("/mod/quiz/processattempt.php", attempt=attempt, finishattempt=1, sesskey=anna.sesskey())
    refused = anna.post("/mod/quiz/startattempt.php", cmid=EXAM, sesskey=anna.sesskey())
    assert refused.location.endswith("/course/view.php?id=2")
    assert anna.get("/mod/quiz/review.php", attempt=attempt).status == 200


def test_a_student_begins_in_moodle_itself(campus: Campus, anna: Browser) -> None:
    course = anna.get("/course/view.php", id=2)
    page = anna.get(course.form("a[href*='start.php']")["href"])
    assert "A calculator may be used" in page.text
    view = anna.follow(anna.submit(page, "form[action*='start.php']"))
    assert "Attempt quiz" in view.text
    assert campus.exams("anna")[0]["status"] == "Started"


def test_only_the_panel_has_a_start_in_moodle(campus: Campus, anna: Browser) -> None:
    configure(campus, wayin="frame")
    assert "begin here" not in anna.get("/course/view.php", id=2).text
    assert anna.get(f"{PLUGIN_PATH}/start.php", id=EXAM).status == 404


def test_those_outside_the_groups_are_not_watched(campus: Campus, anna: Browser) -> None:
    with campus.site.visit() as visit:
        visit.session.add(Group(id=7, courseid=2, name="Others"))
        node = {**CONDITION, "groups": ["7"]}
        visit.session.get_one(CourseModule, EXAM).availability = {"op": "&", "c": [node], "showc": [True]}
    page = anna.post("/mod/quiz/startattempt.php", cmid=EXAM, sesskey=anna.sesskey())
    assert anna.get(page.location).status == 200


def test_a_deleted_group_opens_no_exam(campus: Campus, anna: Browser) -> None:
    with campus.site.visit() as visit:
        node = {**CONDITION, "groups": ["77"]}
        visit.session.get_one(CourseModule, EXAM).availability = {"op": "&", "c": [node], "showc": [True]}
    answer = anna.post("/mod/quiz/startattempt.php", cmid=EXAM, sesskey=anna.sesskey())
    assert "attempt.php" not in answer.location


def test_what_a_teacher_hands_in_is_finished(campus: Campus, anna: Browser) -> None:
    begin(campus, anna)
    with campus.site.visit() as visit:
        from mock_moodle.quiz.attempts import find_attempt, finish_attempt

        finish_attempt(find_attempt(1), visit.session.get_one(CourseModule, EXAM), 5)
    with campus.site.visit(write=False) as visit:
        assert visit.session.scalars(select(Entry.status)).one() == "Finished"


# The gate


class Engine:
    """Takes tickets and gives proofs, as the engine's server does."""

    def __init__(self, campus: Campus, browser: Browser, attempt: int) -> None:
        self.campus, self.browser, self.attempt = campus, browser, attempt

    def hand_over(self, **more: Any) -> dict[str, Any]:
        form = {"attempt": self.attempt, "sesskey": self.browser.sesskey(), **more}
        answer: dict[str, Any] = self.browser.post(f"{PLUGIN_PATH}/handover.php", **form).response.json
        return answer

    def ticket(self) -> dict[str, Any]:
        handed = self.hand_over()
        decoded = jwt.decode(handed["ticket"], OctKey.import_key(SECRET), algorithms=["HS256"])
        assert decoded.header["typ"] == panel.TICKET_TYPE
        return dict(decoded.claims)

    def proof(self, ticket: dict[str, Any], *, typ: str = panel.PROOF_TYPE, key: str = SECRET, **changed: Any) -> str:
        now = self.campus.site.clock.time()
        claims = {
            "iss": ENGINE, "aud": ticket["iss"], "sub": ticket["sub"], "iat": now, "exp": now + 300,
            "nonce": ticket["jti"], "attempt": ticket["attempt"], "cmid": ticket["cmid"],
            "accesscode": ticket["accesscode"], **changed,
        }  # fmt: skip
        return jwt.encode({"alg": "HS256", "typ": typ, "kid": "k1"}, claims, OctKey.import_key(key))

    def prove(self, **changed: Any) -> dict[str, Any]:
        return self.hand_over(proof=self.proof(self.ticket(), **changed))


@pytest.fixture
def engine(campus: Campus, anna: Browser) -> Engine:
    return Engine(campus, anna, begin(campus, anna))


def test_questions_come_after_the_proof_and_go_when_it_runs_out(campus: Campus, anna: Browser, engine: Engine) -> None:
    waiting = anna.get("/mod/quiz/attempt.php", attempt=1)
    assert f"{PLUGIN_PATH}/gate.php?attempt=1" in waiting.location
    gate = anna.get(waiting.location)
    assert "The Moon" not in gate.html
    assert gate.form("iframe")["allow"] == panel.PANEL_ALLOW
    assert engine.prove() == {"accepted": True, "openfor": 300}
    assert "The Moon" in anna.get("/mod/quiz/attempt.php", attempt=1).html
    assert "attempt.php" in anna.get(waiting.location).location
    campus.site.clock.travel(301)
    assert "gate.php" in anna.get("/mod/quiz/attempt.php", attempt=1).location
    assert "gate.php" in anna.get("/mod/quiz/summary.php", attempt=1).location


def test_a_ticket_says_who_is_there(engine: Engine) -> None:
    ticket = engine.ticket()
    assert set(ticket) == set(panel.TICKET_CLAIMS)
    assert (ticket["aud"], ticket["sub"], ticket["email"]) == (ENGINE, "3", "anna@example.com")
    assert ticket["exp"] - ticket["iat"] <= panel.TICKET_LIFETIME_SECONDS


@pytest.mark.parametrize(
    "changed",
    [
        {"typ": panel.TICKET_TYPE},
        {"key": "another-secret-of-32-characters-or-so"},
        {"iss": "https://evil.test"},
        {"aud": "https://other-moodle.test"},
        {"sub": "4"},
        {"attempt": 2},
        {"cmid": 2},
        {"accesscode": "f" * 32},
        {"nonce": "f" * 32},
        {"exp": 1},
        {"exp": 9_999_999_999},
        {"iat": 9_999_999_999, "exp": 9_999_999_999},
        {"iat": "now"},
    ],
)
def test_a_proof_that_answers_something_else_is_refused(engine: Engine, changed: dict[str, Any]) -> None:
    assert engine.prove(**changed) == {"accepted": False, "openfor": 0}


def test_a_proof_is_good_once(engine: Engine) -> None:
    proof = engine.proof(engine.ticket())
    assert engine.hand_over(proof=proof)["accepted"] is True
    assert engine.hand_over(proof=proof)["accepted"] is False


def test_the_gate_shuts_when_the_service_has_lost_the_student(anna: Browser, engine: Engine) -> None:
    proof = engine.proof(engine.ticket())
    assert engine.hand_over(proof=proof)["openfor"] == 300
    assert engine.hand_over(lost=1) == {"accepted": True, "openfor": 0}
    assert "gate.php" in anna.get("/mod/quiz/attempt.php", attempt=1).location
    assert engine.hand_over(proof=proof)["accepted"] is False
    assert engine.prove()["openfor"] == 300


def test_garbage_is_no_proof(engine: Engine) -> None:
    for garbage in ("x", "a.b.c", "e30.e30.", "...."):
        assert engine.hand_over(proof=garbage)["accepted"] is False


def test_the_plain_word_counts_where_an_administrator_says_so(campus: Campus, anna: Browser, engine: Engine) -> None:
    assert engine.hand_over(plain=1)["accepted"] is False
    configure(campus, acceptplainready="1")
    assert READY_MESSAGE in anna.get(f"{PLUGIN_PATH}/gate.php", attempt=1).html
    assert engine.hand_over(plain=1)["accepted"] is True


def test_the_hand_over_wants_the_page_s_key_and_its_own_student(campus: Campus, engine: Engine) -> None:
    assert engine.browser.post(f"{PLUGIN_PATH}/handover.php", attempt=1, sesskey="forged").status == 404
    boris = campus.sign_in("boris")
    answer = boris.post(f"{PLUGIN_PATH}/handover.php", attempt=1, sesskey=boris.sesskey())
    assert answer.response.json == {"ended": True}


def test_previews_and_unprotected_exams_have_no_gate(campus: Campus, anna: Browser) -> None:
    tamara = campus.sign_in("tamara")
    page = tamara.post("/mod/quiz/startattempt.php", cmid=EXAM, sesskey=tamara.sesskey())
    assert tamara.get(page.location).status == 200
    with campus.site.visit() as visit:
        tree = {"op": "&", "c": [{**CONDITION, "noprotection": True}], "showc": [True]}
        visit.session.get_one(CourseModule, EXAM).availability = tree
    anna.get(ENTRY_PATH, accesscode=code_of(campus))
    page = anna.post("/mod/quiz/startattempt.php", cmid=EXAM, sesskey=anna.sesskey())
    assert anna.get(page.location).status == 200


# The log


def test_a_course_s_log_is_open_to_its_teacher(campus: Campus) -> None:
    campus.exams("anna")
    with campus.site.visit() as visit:
        from mock_moodle.access import context_system
        from mock_moodle.store.core import RoleCapability

        visit.session.add(
            RoleCapability(
                contextid=context_system().id, roleid=3, capability="availability/examus:logaccess_course", permission=1
            )
        )
    tamara = campus.sign_in("tamara")
    assert tamara.get(LOG_PATH).status == 404
    assert "anna@example.com" in tamara.get(LOG_PATH, courseid=2).text
    page = tamara.get(LOG_PATH, courseid=2)
    assert tamara.submit(page, "#entries form").location.endswith(f"{LOG_PATH}?courseid=2")


def test_a_new_entry_wants_the_page_s_key(campus: Campus) -> None:
    code = code_of(campus)
    admin = campus.sign_in("admin")
    assert admin.get(LOG_PATH, action="renew", id=1, force=1).status == 404
    assert campus.status(code) == "Not inited"


def test_details_show_titles_in_the_reader_s_language(campus: Campus) -> None:
    titles = {"warning_talk": {"en": "Speech", "ru": "Речь"}}
    warning = {"type": "warning_talk", "start": 1700000000, "end": "2026-01-01T10:00:00+0000"}
    review(
        campus, code_of(campus), "Clean", comment="a < b", review_link="javascript:alert(1)",
        warnings=[json.dumps(warning), "warning_phone"], warning_titles=json.dumps(titles), score=7,
    )  # fmt: skip
    page = campus.sign_in("admin").get(LOG_PATH, action="show", id=1)
    assert "Speech" in page.text
    assert "warning_phone" in page.text
    assert "a < b" in page.text
    assert not page.soup.select('a[href^="javascript"]')


# Push


class Inbox(BaseHTTPRequestHandler):
    """Where events arrive; `server.statuses` says how each is answered, the last one for good."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        inbox: Any = self.server
        inbox.received.append((self.path, dict(self.headers), body))
        status = inbox.statuses.pop(0) if len(inbox.statuses) > 1 else inbox.statuses[0]
        self.send_response(status)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Quietly."""


@pytest.fixture
def inbox(campus: Campus) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Inbox)
    server.received, server.statuses = [], [200]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    configure(campus, engineurl=f"http://127.0.0.1:{server.server_port}", pushenabled="1")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def queued(campus: Campus) -> list[QueuedEvent]:
    with campus.site.visit(write=False) as visit:
        return list(visit.session.scalars(select(QueuedEvent)))


def until(condition: Callable[[], bool]) -> None:
    """Waits for the thread that delivers."""
    for _ in range(500):
        if condition():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it never came about")


def wait_for(inbox: Any, count: int) -> list[tuple[str, dict[str, Any]]]:
    """Type and data of the events, in the order of arrival."""
    until(lambda: len(inbox.received) >= count)
    events = [json.loads(body) for _, _, body in inbox.received]
    return [(event["type"], event["data"]) for event in events]


def test_a_signed_event_tells_that_an_attempt_began_and_ended(campus: Campus, anna: Browser, inbox: Any) -> None:
    attempt = begin(campus, anna)
    anna.post("/mod/quiz/processattempt.php", attempt=attempt, finishattempt=1, sesskey=anna.sesskey())
    events = wait_for(inbox, 2)
    assert [type_ for type_, _ in events] == ["attempt.started", "attempt.submitted"]
    assert set(events[0][1]) == set(push.ENTRY_DATA)
    assert (events[1][1]["status"], events[1][1]["useremail"]) == ("Finished", "anna@example.com")
    path, headers, body = inbox.received[0]
    assert path == push.PUSH_PATH
    signed = f"{headers[push.TIMESTAMP_HEADER]}.".encode() + body
    assert headers[push.SIGNATURE_HEADER] == "v1=" + hmac.new(SECRET.encode(), signed, sha256).hexdigest()
    assert set(json.loads(body)) == set(push.ENVELOPE)


def test_a_fresh_code_and_a_changed_restriction_are_told(campus: Campus, inbox: Any) -> None:
    code = code_of(campus)
    review(campus, code, "Clean")
    admin = campus.sign_in("admin")
    form = admin.get("/course/modedit.php", update=EXAM)
    admin.submit(form, "#mform1", {"availabilityconditionsjson": ""}, press="submitbutton")
    events = dict(wait_for(inbox, 2))
    assert events["entry.reset"]["accesscode"] != code
    assert events["condition.changed"] == {"courseid": 2, "cmid": EXAM, "present": False}


def test_idle_means_no_request(campus: Campus, inbox: Any) -> None:
    campus.exams("anna")
    campus.sign_in("anna").get("/course/view.php", id=2)
    assert inbox.received == []
    assert not any(thread.name == "moodle-push" for thread in threading.enumerate())


def test_what_fails_is_tried_again_and_keeps_its_id(campus: Campus, inbox: Any) -> None:
    inbox.statuses = [503, 200]
    review(campus, code_of(campus), "Clean")
    wait_for(inbox, 1)
    until(lambda: [row.faildelay for row in queued(campus)] == [60])
    campus.site.clock.travel(120)
    with campus.site.visit():
        deliver_due()
    wait_for(inbox, 2)
    ids = {json.loads(body)["id"] for _, _, body in inbox.received}
    assert len(ids) == 1


def test_what_is_refused_is_given_up(campus: Campus, inbox: Any) -> None:
    inbox.statuses = [422]
    review(campus, code_of(campus), "Clean")
    wait_for(inbox, 1)
    until(lambda: not queued(campus))
    assert len(inbox.received) == 1


def test_what_is_rolled_back_is_not_told(campus: Campus, inbox: Any) -> None:
    code = code_of(campus)
    with campus.site.visit():
        from mock_moodle.examus.behaviour import behaviour
        from mock_moodle.examus.entries import by_code

        entry = by_code(code)
        assert entry is not None
        behaviour().replace(entry)
        current.rollback()
    assert queued(campus) == []
    assert inbox.received == []


def test_unenrolled_students_see_nothing(campus: Campus) -> None:
    with campus.site.visit() as visit:
        for row in visit.session.scalars(select(Enrolment)):
            visit.session.delete(row)
    assert campus.exams("anna") == []
    assert (
        campus.call("availability_examus_auth_access", SERVICE_TOKEN, useremail="anna@example.com")["proctor_courses"]
        == []
    )
