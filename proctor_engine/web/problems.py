"""Errors as a person or a program can use them: a line that says what is wrong and what to do, in their language."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException, InternalServerError

from proctor_engine.lms import LmsError
from proctor_engine.store.sessions import ConflictError, ElsewhereError
from proctor_engine.web.language import gettext
from proctor_engine.web.language import gettext as _

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(LmsError, _moodle)
    app.register_error_handler(ConflictError, _conflict)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(UnicodeEncodeError, _unstorable)
    app.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> Response:
    response = _answer(error.code or 500, _description(error))
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            response.headers[name] = value
    return response


def _description(error: HTTPException) -> str:
    """What our code said, else a plain line in place of the framework's own."""
    if isinstance(error, CSRFError):
        return _("This page is old. Reload it and try again.")
    if error.code == 429:
        return _("That was too often. Wait a minute, then try again.")
    if error.description and error.description != type(error).description:
        return gettext(error.description)
    plain = {
        403: _("This is not for your account."),
        404: _("There is no such page."),
        405: _("This address does not take such a request."),
        413: _("That is more than is taken at once."),
        500: _("Something went wrong here. It is noted; try again in a minute."),
    }
    return plain.get(error.code or 500) or error.description or error.name


def _moodle(error: LmsError) -> Response:
    log.warning("Moodle: %s", error.logged)
    if error.retriable:
        return _answer(503, _("Moodle does not answer. Try again in a minute."))
    return _answer(502, f"Moodle: {gettext(str(error))}")


def _conflict(error: ConflictError) -> Response:
    values = {name: gettext(value) for name, value in error.values.items()}
    return _answer(409, gettext(error.text).format(**values), elsewhere=isinstance(error, ElsewhereError))


def _unstorable(_error: DataError | UnicodeEncodeError) -> Response:
    """A number out of range, half a character or a NUL, where no page of ours would send one."""
    return _answer(422, _("That cannot be stored. Leave out strange characters and try again."))


def _unexpected(error: Exception) -> Response:
    log.error("unexpected: %s", type(error).__name__, exc_info=error)
    g.profile, g.staff = None, {}  # The page asks nobody who is there: the database may be what does not answer.
    return _answer(500, _description(InternalServerError()))


def _answer(status: int, message: str, *, elsewhere: bool = False) -> Response:
    """`elsewhere` lets a page offer to take over."""
    if request.path.startswith("/api/"):
        return make_response(jsonify({"error": message} | ({"elsewhere": True} if elsewhere else {})), status)
    return make_response(render_template("problem.html", status=status, message=message), status)
