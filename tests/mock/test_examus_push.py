"""Events that are pushed to the service: signed, in order, tried again."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from mock.campus import EXAM, Browser, Campus
from mock.successor import SECRET, begin, code_of, configure, review
from sqlalchemy import select

from contract import push
from mock_moodle.examus.push import QueuedEvent, deliver_due
from mock_moodle.site import current

pytestmark = pytest.mark.usefixtures("connected")


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
