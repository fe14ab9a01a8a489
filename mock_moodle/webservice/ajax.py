"""/lib/ajax/service.php: several functions in one JSON request, for pages. Each answers for itself; after one that
failed, the rest is not tried."""

from __future__ import annotations

from typing import Any

from mock_moodle.errors import MoodleError, RequireLogin
from mock_moodle.site import GUEST_ID, current
from mock_moodle.webservice import catalogue
from mock_moodle.webservice.dispatch import execute
from mock_moodle.webservice.registry import Call


def answer(requests: Any, *, userid: int, logged_in_only: bool) -> list[dict[str, Any]]:
    """`requests` is the decoded body: [{"index", "methodname", "args"}]."""
    if not isinstance(requests, list):
        raise MoodleError(
            "codingerror", "Coding error detected, it must be fixed by a programmer: Invalid json in request"
        )
    answers: list[dict[str, Any]] = []
    for request in requests:
        try:
            answers.append({"error": False, "data": _call(request, userid, logged_in_only)})
        except MoodleError as error:  # noqa: PERF203 - each answers for itself
            current.rollback()
            answers.append({"error": True, "exception": exception_as_dict(error)})
            break
    return answers


def exception_as_dict(error: MoodleError) -> dict[str, Any]:
    return {
        "message": error.message,
        "errorcode": error.errorcode,
        "link": current.site.wwwroot + "/",
        "moreinfourl": "",
        "debuginfo": error.debuginfo if current.enabled("debugdisplay") else None,
    }


def _call(asked: Any, userid: int, logged_in_only: bool) -> Any:
    request = asked if isinstance(asked, dict) else {}
    name = str(request.get("methodname", ""))
    if not catalogue.exists(name) or not catalogue.find(name).ajax:
        raise MoodleError(
            "servicenotavailable", "Web service is not available. (It doesn't exist or might be disabled.)"
        )
    function = catalogue.find(name)
    if function.login_required and not logged_in_only:
        raise MoodleError("servicerequireslogin", "This web service is not available for logged out users")
    if function.login_required and userid in (0, GUEST_ID):
        raise RequireLogin("You are not logged in")
    arguments = request.get("args") or {}
    return execute(function, Call(userid), arguments if isinstance(arguments, dict) else {})
