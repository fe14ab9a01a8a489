"""/lib/ajax/service.php: several functions in one JSON request, for pages. Each answers for itself; after one that
failed, the rest is not tried."""

from __future__ import annotations

import json
from typing import Any

from mock_moodle.errors import (
    InvalidParameter,
    MissingRecord,
    MoodleError,
    PhpError,
    RequiredCapability,
    array_for_scalar,
    coding_error,
)
from mock_moodle.login.browser import require_sesskey
from mock_moodle.site import current
from mock_moodle.webservice import catalogue
from mock_moodle.webservice.clean import clean_param
from mock_moodle.webservice.debugging import debuginfo_of, is_developing, trace_of
from mock_moodle.webservice.dispatch import execute
from mock_moodle.webservice.parameters import as_php_text
from mock_moodle.webservice.php import to_int
from mock_moodle.webservice.registry import Call

DOCS = "https://docs.moodle.org"
_BY_CODE = {
    "servicenotavailable": "webservice",
    "servicerequireslogin": "webservice",
    "errorcoursecontextnotvalid": "webservice",
    "errorinvalidparam": "webservice",
    "codingerror": "debug",
}
"""Which of Moodle's plugins an error belongs to, as its help page's address says."""


def answer(body: str, *, userid: int, with_session: bool) -> list[dict[str, Any]] | dict[str, dict[str, Any]]:
    """`body` is JSON: `[{"index", "methodname", "args"}]`; what is no list of objects has nothing to answer. The
    answers go by `index`: a list where they count from 0, else an object.

    Raises:
        MoodleError: for no JSON, and for a function that does not exist.
    """
    try:
        requests = json.loads(body)
    except ValueError:
        requests = None
    if requests is None:
        problem = "No error" if body.strip() == "null" else "Syntax error"
        raise coding_error(f"Invalid json in request: {problem}")
    if isinstance(requests, dict):
        requests = list(requests.values())
    answers: dict[str, dict[str, Any]] = {}
    for request in requests if isinstance(requests, list) else ():
        asked = request if isinstance(request, dict) else {}
        if any(isinstance(asked.get(key), (dict, list)) for key in ("index", "methodname")):
            raise array_for_scalar()
        name = str(clean_param(as_php_text(asked.get("methodname", "")), "alphanumext"))
        if not catalogue.exists(name):
            raise MissingRecord("external_functions", name=name)
        index = str(to_int(str(asked.get("index", ""))))
        try:
            answers[index] = {"error": False, "data": _call(name, asked.get("args"), userid, with_session)}
        except MoodleError as error:
            current.rollback()
            answers[index] = {"error": True, "exception": exception_as_dict(error)}
            break
    counted = [str(number) for number in range(len(answers))]
    return list(answers.values()) if list(answers) == counted else answers


def exception_as_dict(error: MoodleError) -> dict[str, Any]:
    trace = trace_of(error)
    if isinstance(error, PhpError):
        error = MoodleError("generalexceptionmessage", f"Exception - {error.message}")
    developing = is_developing()
    return {
        "message": error.message,
        "errorcode": error.errorcode,
        **({"backtrace": trace} if developing else {}),
        "link": {} if isinstance(error, RequiredCapability) else current.site.wwwroot + "/",
        "moreinfourl": _help_page(error),
        **({"debuginfo": debuginfo_of(error)} if developing else {}),
    }


def _help_page(error: MoodleError) -> str:
    major, minor = current.site.release.number
    module = "debug" if isinstance(error, InvalidParameter) else _BY_CODE.get(error.errorcode, "moodle")
    return f"{DOCS}/{major}{minor:02}/en/error/{module}/{error.errorcode}"


def _call(name: str, arguments: Any, userid: int, with_session: bool) -> Any:
    function = catalogue.find(name)
    if not function.ajax:
        raise MoodleError(
            "servicenotavailable", "Web service is not available. (It doesn't exist or might be disabled.)"
        )
    if function.login_required:
        if not (with_session and userid):
            raise MoodleError(
                "servicerequireslogin",
                "Web service is not available. (The session has been logged out or has expired.)",
            )
        require_sesskey()
    if isinstance(arguments, list):
        arguments = {str(number): item for number, item in enumerate(arguments)}
    if not isinstance(arguments, dict):
        raise InvalidParameter(f"Only arrays accepted. The bad value is: '{as_php_text(arguments or '')}'")
    return execute(function, Call(userid), arguments)
