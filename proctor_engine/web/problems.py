"""Errors as a person or a program can use them: a line that says what is wrong and what to do."""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError

from proctor_engine.lms import LmsError
from proctor_engine.store.chunks import ChunkRefusedError
from proctor_engine.store.reviews import SecondReviewerError
from proctor_engine.store.sessions import WrongStateError

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(LmsError, _moodle)
    for error in (WrongStateError, ChunkRefusedError, SecondReviewerError):
        app.register_error_handler(error, _conflict)
    app.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> Response:
    response = _answer(error.code or 500, error.description or error.name)
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            response.headers[name] = value
    return response


def _moodle(error: LmsError) -> Response:
    log.warning("Moodle: %s", error)
    return _answer(503 if error.retriable else 502, f"Moodle: {error}")


def _conflict(error: Exception) -> Response:
    return _answer(409, str(error))


def _unexpected(error: Exception) -> Response:
    log.error("unexpected: %s", type(error).__name__, exc_info=error)
    return _answer(500, InternalServerError.description or "")


def _answer(status: int, message: str) -> Response:
    if request.path.startswith("/api/"):
        return make_response(jsonify({"error": message}), status)
    return make_response(render_template("problem.html", status=status, message=message), status)
