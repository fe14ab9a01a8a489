"""What scripts answer that pages and clients call: JSON, errors too."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from mock_moodle.caching import as_ajax
from mock_moodle.errors import MoodleError
from mock_moodle.site import current
from mock_moodle.webservice.debugging import debuginfo_of, is_developing, trace_of
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
    developing = is_developing()
    response = json_response(
        {
            "error": error.message,
            "errorcode": error.errorcode,
            "stacktrace": trace_of(error) if developing else None,
            "debuginfo": debuginfo_of(error) if developing else None,
            "reproductionlink": current.url("/") if developing else None,
        }
    )
    response.status_code = status
    return as_ajax(response)
