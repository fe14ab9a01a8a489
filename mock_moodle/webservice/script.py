"""What scripts answer that pages and clients call: JSON, errors too."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from mock_moodle.caching import as_ajax
from mock_moodle.errors import MoodleError
from mock_moodle.site import current
from mock_moodle.webservice.response import to_json

JSON = "application/json; charset=utf-8"


def json_response(value: object) -> Response:
    return Response(to_json(value), content_type=JSON)


def json_or_error(serve: Callable[[], Response]) -> Response:
    """What an AJAX_SCRIPT answers when it fails."""
    try:
        return serve()
    except MoodleError as error:
        current.rollback()
        return json_error(error)


def json_error(error: MoodleError, status: int = 200) -> Response:
    response = json_response(
        {
            "error": error.message,
            "errorcode": error.errorcode,
            "stacktrace": None,
            "debuginfo": None,
            "reproductionlink": None,
        }
    )
    response.status_code = status
    return as_ajax(response)
