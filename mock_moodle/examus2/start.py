"""Between the quiz and the service: the form that carries a browser there before an attempt begins, `entry.php`, by
which it comes back signed in, and what the observers make of attempts."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from flask import Response, has_request_context, make_response, render_template, request
from sqlalchemy import event

from mock_moodle.caching import as_session_answer
from mock_moodle.errors import MoodleError
from mock_moodle.examus2 import names, sessions, tokens
from mock_moodle.examus2.models import Session
from mock_moodle.examus2.payload import payload
from mock_moodle.login.browser import browser, complete_user_login
from mock_moodle.page import optional_param, redirect, required_param
from mock_moodle.plugins import installed_version
from mock_moodle.quiz import events
from mock_moodle.quiz.models import QuizAttempt
from mock_moodle.quiz.pages import Place
from mock_moodle.quiz.routes import STOPS
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule, PrivateKey
from mock_moodle.webservice.file_server import key_owner

CODE, RESET = "availability_examus2_accesscode", "availability_examus2_reset"
"""In the browser's session."""
REQUEST_SECONDS = 10


def before_start(place: Place) -> Response | None:
    """The page that sends the browser on to the service; None lets the attempt begin."""
    node, here = sessions.node_of(place.cm), browser()
    if node is None or place.rules.preview or not sessions.concerns(node, place.cm, place.user.id):
        return None
    if code := here.data.get(CODE):
        shown = sessions.by_code(code)
        if shown is None or shown.status not in names.OPEN or shown.cmid != place.cm.id:
            here.data.pop(CODE)
            here.data[RESET] = True
        return None
    session = sessions.for_attempt(place.cm, place.user.id)
    if session is None or session.status == names.STARTED:
        return None
    told = payload(node, place.cm, place.user, session, _address(session))
    html = render_template(
        "examus2/redirect.html",
        language=place.user.lang,
        address=f"{service()}/integration/simple/{integration()}/start/",
        token=tokens.encode(told),
    )
    return as_session_answer(make_response(html))


STOPS.append(before_start)


def service() -> str:
    """Always by https, as the plugin has it; a whole address is taken as it is, for tests."""
    host = (current.config("examus_url", names.COMPONENT) or "").rstrip("/")
    return host if "://" in host else f"https://{host}"


def integration() -> str:
    return current.config("integration_name", names.COMPONENT) or ""


def _address(session: Session) -> str:
    now = current.clock.time()
    key = PrivateKey(
        script=names.KEY_SCRIPT,
        value=current.keys.md5(),
        userid=session.userid,
        timecreated=now,
        validuntil=now + names.KEY_SECONDS,
    )
    current.session.add(key)
    query = {names.ACCESS_CODE_PARAMETER: session.accesscode, "token": key.value}
    return current.url(f"{names.PLUGIN_PATH}/entry.php", **query)


def entry() -> Response:
    """Whose code it is, nobody asks."""
    code, key, here = required_param(names.ACCESS_CODE_PARAMETER), optional_param("token"), browser()
    if key:
        owner = key_owner(key, names.KEY_SCRIPT, request.remote_addr or "")
        if owner is None:
            raise MoodleError("invalidkey", "Incorrect key")
        complete_user_login(owner)
        here = browser()
    here.data.pop(RESET, None)
    here.data[CODE] = code
    session = sessions.by_code(code)
    if session is None:
        here.data[RESET] = True
        raise MoodleError("error_no_entry_found", "No exam entry found for this access code")
    cm = current.session.get(CourseModule, session.cmid)
    if cm is None or sessions.node_of(cm) is None:
        return Response("", content_type="text/html; charset=utf-8")
    newer = sessions.newest_unused(session)
    if newer is None and session.status not in names.OPEN:
        newer = sessions.for_attempt(cm, session.userid)
    if newer is not None and newer.id != session.id:
        here.data[CODE], here.data[RESET] = newer.accesscode, True
    return redirect(f"/mod/quiz/view.php?id={cm.id}")


def _watched(attempt: QuizAttempt, cm: CourseModule) -> bool:
    if installed_version(names.COMPONENT) is None or attempt.preview:
        return False
    node = sessions.node_of(cm)
    return node is not None and sessions.concerns(node, cm, attempt.userid)


def _browser_data() -> dict[str, Any]:
    """Web services and the clock have none."""
    return browser().data if has_request_context() and current.visit.userid is None else {}


@events.attempt_started.connect
def attempt_started(attempt: QuizAttempt, *, cm: CourseModule, actorid: int) -> None:  # noqa: ARG001
    if not _watched(attempt, cm):
        return
    data = _browser_data()
    session = sessions.by_code(data.get(CODE)) or sessions.for_attempt(cm, attempt.userid)
    if session is not None and session.attemptid not in (None, attempt.id):
        session = sessions.issue(cm.course, cm.id, attempt.userid)
        data[RESET] = True
    if session is not None and session.status in names.OPEN:
        session.attemptid = attempt.id
        sessions.move(session, names.STARTED)


@events.attempt_submitted.connect
def attempt_submitted(attempt: QuizAttempt, *, cm: CourseModule, actorid: int) -> None:
    if not _watched(attempt, cm):
        return
    shown = sessions.by_code(_browser_data().pop(CODE, None))
    if shown is None:
        return
    running = [each for each in sessions.of_exam(actorid, cm.course, cm.id) if each.status == names.STARTED]
    for session in {each.id: each for each in (*running, shown)}.values():
        session.attemptid = session.attemptid or attempt.id
        sessions.move(session, names.FINISHED)
    _tell_finished(running[0] if running else shown, attempt, cm)


@events.attempt_deleted.connect
def attempt_deleted(attempt: QuizAttempt, *, cm: CourseModule, actorid: int) -> None:  # noqa: ARG001
    for session in sessions.of_exam(attempt.userid, cm.course, cm.id):
        if installed_version(names.COMPONENT) is not None and session.attemptid == attempt.id:
            sessions.renew(session)


def _tell_finished(session: Session, attempt: QuizAttempt, cm: CourseModule) -> None:
    """Once it is stored, and without making the student wait for a service that does not answer."""
    address = f"{service()}/api/v2/integration/simple/{integration()}/sessions/{session.accesscode}/finish/"
    token = tokens.encode({"exp": current.clock.time() + 30})
    body = {"sessionFinishUrl": current.url("/mod/quiz/review.php", attempt=attempt.id, cmid=cm.id)}
    headers = {"Accept": "application/json", "Authorization": f"JWT {token}"}

    def post() -> None:
        import requests  # few sites have this plugin

        with contextlib.suppress(requests.RequestException):  # Moodle swallows what an observer runs into
            requests.post(address, json=body, headers=headers, timeout=REQUEST_SECONDS)

    def after_commit(_session: object) -> None:
        threading.Thread(target=post, name="examus2-finish", daemon=True).start()

    event.listen(current.session, "after_commit", after_commit, once=True)
