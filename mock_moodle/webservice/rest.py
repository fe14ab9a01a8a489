"""`/webservice/rest/server.php`: the REST protocol, down to the byte."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from mock_moodle.errors import MoodleError, NotMockedError, array_for_scalar, array_in_query
from mock_moodle.site import current
from mock_moodle.webservice.clean import fix_utf8
from mock_moodle.webservice.debugging import DEBUG_NORMAL, level, message_of
from mock_moodle.webservice.dispatch import authenticate, execute, load_function
from mock_moodle.webservice.php import Parsed, parse_pairs
from mock_moodle.webservice.registry import Call
from mock_moodle.webservice.response import encode_json, escape_xml, to_json, to_xml

SETTINGS = ("raw", "fileurl", "filter", "lang", "timezone")
"""moodlewssetting…: taken out of the request before the function sees it."""

_UNCACHED = [
    ("Cache-Control", "private, must-revalidate, pre-check=0, post-check=0, max-age=0"),
    ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("Pragma", "no-cache"),
    ("Accept-Ranges", "none"),
    ("Access-Control-Allow-Origin", "*"),
]
JSON_HEADERS = [("Content-Type", "application/json"), *_UNCACHED]
XML_HEADERS = [
    ("Content-Type", "application/xml; charset=utf-8"),
    ("Content-Disposition", 'inline; filename="response.xml"'),
    *_UNCACHED,
]


@dataclass
class Answer:
    """`notes` tell the journal what the mock could not do."""

    status: int
    body: bytes
    headers: list[tuple[str, str]]
    notes: tuple[str, ...] = ()


@dataclass
class RestRequest:
    """A call as sent: query and form merged, the protocol's own keys taken out."""

    parameters: dict[str, Parsed]
    token: Parsed | None
    function: Parsed | None
    json: bool
    settings: dict[str, Parsed] = field(default_factory=dict)

    @classmethod
    def parse(cls, query: str, form: list[tuple[str, str]]) -> RestRequest:
        merged = {**parse_pairs(parse_qsl(query, keep_blank_values=True)), **parse_pairs(form)}
        settings = {name: merged.pop(f"moodlewssetting{name}", None) for name in SETTINGS}
        wanted = merged.pop("moodlewsrestformat", "xml")
        token, function = merged.pop("wstoken", None), merged.pop("wsfunction", None)
        sent = {name: value for name, value in settings.items() if value is not None}
        return cls(merged, token, function, wanted == "json", sent)


def serve(request: RestRequest, remote_addr: str) -> Answer:
    """Everything goes out with status 200, errors too, except where the protocol is switched off."""
    if not protocol_enabled("rest"):
        return Answer(403, b"", [("Content-Type", "text/html; charset=utf-8")])
    try:
        settings = {name: _text(value) for name, value in request.settings.items()}
    except MoodleError as error:
        return failure(error, json=False)  # it is read before the wished format
    try:
        current.visit.address = remote_addr
        token = authenticate(_sought(request.token), remote_addr)
        current.visit.userid = token.user.id
        current.visit.settings = settings
        function = load_function(_sought(request.function), token)
        call = Call(token.user.id, token.service.id, token.row.token)
        result = execute(function, call, request.parameters)
        if request.json:
            body = to_json(result) if function.canned else encode_json(result)
            return Answer(200, body, JSON_HEADERS)
        return Answer(200, to_xml(result, function.returns_on(current.site.release)), XML_HEADERS)
    except MoodleError as error:
        current.rollback()
        answer = failure(error, json=request.json)
        if isinstance(error, NotMockedError):
            answer.notes = (f"{request.function} is a function of Moodle that the mock does not have",)
        return answer


def _text(value: Parsed) -> str:
    if isinstance(value, str):
        return value
    raise array_for_scalar()


def _sought(value: Parsed | None) -> str | None:
    """A text to look up in the database, as cleaned for it."""
    if isinstance(value, dict):
        raise array_in_query()
    return fix_utf8(value) if value else value


def protocol_enabled(name: str) -> bool:
    return current.enabled("enablewebservices") and name in (current.config("webserviceprotocols") or "").split(",")


def failure(error: MoodleError, *, json: bool) -> Answer:
    debug = error.debuginfo if level() >= DEBUG_NORMAL else None
    message = message_of(error)
    exception = current.site.release.exception_name(error.exception)
    if json:
        answer = {"exception": exception, "errorcode": error.errorcode, "message": message}
        answer = {name: value for name, value in answer.items() if value}
        if debug is not None:
            answer["debuginfo"] = debug
        return Answer(200, to_json(answer), JSON_HEADERS)
    lines = [
        '<?xml version="1.0" encoding="UTF-8" ?>',
        f'<EXCEPTION class="{exception}">',
        *([f"<ERRORCODE>{escape_xml(error.errorcode)}</ERRORCODE>"] if error.errorcode else []),
        f"<MESSAGE>{escape_xml(message)}</MESSAGE>",
    ]
    if debug is not None:
        lines.append(f"<DEBUGINFO>{escape_xml(debug)}</DEBUGINFO>")
    return Answer(200, "\n".join([*lines, "</EXCEPTION>", ""]).encode(), XML_HEADERS)
