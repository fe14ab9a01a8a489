"""`api.php`: what the service tells Moodle of a session. Everything is answered with status 200 and a text; an empty
one is a success."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Response, request

from mock_moodle.caching import as_session_answer
from mock_moodle.errors import MoodleError
from mock_moodle.examus2 import names, sessions, tokens
from mock_moodle.examus2.models import Session
from mock_moodle.login.browser import browser
from mock_moodle.page import optional_param
from mock_moodle.webservice.response import to_json

SCHEME = "JWT "


def api() -> Response:
    browser()  # the page begins a session like any other
    return as_session_answer(Response(_answer(), content_type="text/html; charset=utf-8"))


def _answer() -> str:
    authorization = request.headers.get("Authorization", "")
    if SCHEME not in authorization:
        return "Not auth provided"
    try:
        tokens.verify(authorization.partition(SCHEME)[2].strip())
    except tokens.SignatureError:
        return "Signature verification failed"
    body = request.get_data(as_text=True)
    if not body:
        return "No request body"
    told = _decoded(body)
    session = sessions.by_code(told.get("sessionId"))
    if session is None:
        return "Entry was not found"
    method = METHODS.get(optional_param("method"))
    if method is None:
        return "Success"
    method(session, told)
    return ""


def _decoded(body: str) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _review(session: Session, told: Mapping[str, Any]) -> None:
    conclusion = told.get("conclusion")
    if conclusion is None:
        raise MoodleError("dmlwriteexception", "Error writing to database", exception="dml_write_exception")
    session.review_link = _text(told.get("reportUrl")) or session.review_link
    session.archiveurl = _text(told.get("archive")) or session.archiveurl
    session.sessionstart, session.sessionend = _moment(told, "sessionStart"), _moment(told, "sessionEnd")
    session.comment = _text(told.get("comment"))
    score = told.get("score")
    session.score = round(score) if isinstance(score, (int, float)) and abs(score) < 2**31 else None
    session.threshold, session.warnings, session.warningstitles = (
        to_json(told.get(name)).decode() for name in ("threshold", "warnings", "warningTitles")
    )
    sessions.move(session, _text(conclusion) or "")


def _schedule(session: Session, told: Mapping[str, Any]) -> None:
    if told.get("event") != "scheduled":
        session.timescheduled = None
        sessions.renew(session)
        return
    start = _moment(told, "start")
    if start is None:
        raise MoodleError("", "Call to a member function getTimestamp() on false")
    if session.status != names.NEW:
        session = sessions.newest_unused(session) or sessions.renew(session)
    session.timescheduled = start
    sessions.move(session, names.SCHEDULED)


METHODS: dict[str, Callable[[Session, Mapping[str, Any]], None]] = {"review": _review, "schedule": _schedule}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, (dict, list)):
        return None
    return str(value)


def _moment(told: Mapping[str, Any], name: str) -> int | None:
    """ISO 8601 with a zone; a fraction of a second is dropped. None where nothing was sent."""
    sent = told.get(name)
    if not sent:
        return None
    try:
        return int(datetime.strptime(re.sub(r"\.\d+", "", str(sent)), "%Y-%m-%dT%H:%M:%S%z").timestamp())
    except (ValueError, OverflowError) as error:
        raise MoodleError("", "Call to a member function getTimestamp() on false") from error
