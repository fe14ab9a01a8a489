"""What developers are told beside: the members that a real Moodle 4.5.6 adds, and where it adds them."""

from __future__ import annotations

import json
from typing import Any

from mock.campus import ROOT, STUDENT_TOKEN, Campus

from mock_moodle.site import current

DEVELOPER = 32767


def developing(campus: Campus, *, displayed: bool, debug: int = DEVELOPER) -> None:
    with campus.site.visit():
        current.set_config("debug", debug)
        current.set_config("debugdisplay", displayed)


def refused(campus: Campus, methodname: str, **args: Any) -> dict[str, Any]:
    anna = campus.sign_in("anna")
    body = json.dumps([{"index": 0, "methodname": methodname, "args": args}])
    sent = anna.client.post("/lib/ajax/service.php", query_string={"sesskey": anna.sesskey()}, data=body, base_url=ROOT)
    told: dict[str, Any] = sent.json[0]["exception"]
    return told


def test_a_pages_script_is_told_where_it_was_thrown_whether_or_not_it_is_displayed(campus: Campus) -> None:
    for displayed in (False, True):
        developing(campus, displayed=displayed)
        told = refused(campus, "core_course_get_courses", x=1)
        assert list(told) == ["message", "errorcode", "backtrace", "link", "moreinfourl", "debuginfo"]
        assert told["message"] == "Invalid parameter value detected"
        assert told["backtrace"].endswith(": core\\exception\\invalid_parameter_exception thrown\n")
        assert told["debuginfo"] == "Unexpected keys (x) detected in parameter array.\nError code: invalidparameter"


def test_others_are_told_nothing(campus: Campus) -> None:
    developing(campus, displayed=True, debug=0)
    assert list(refused(campus, "core_course_get_courses", x=1)) == ["message", "errorcode", "link", "moreinfourl"]


def test_an_error_of_php_has_its_own_kind_in_the_trace_only(campus: Campus) -> None:
    developing(campus, displayed=False)
    told = refused(campus, "core_group_get_groups_for_selector", courseid=None)
    assert told["errorcode"] == "generalexceptionmessage"
    assert told["message"].startswith("Exception - core_group\\external\\get_groups_for_selector::execute(): ")
    assert told["backtrace"].endswith(": TypeError thrown\n")


def test_a_script_has_its_trace_in_one_member(campus: Campus) -> None:
    developing(campus, displayed=False)
    told = campus.visitor().client.post("/webservice/upload.php", data={"token": "x"}, base_url=ROOT).json
    assert told["stacktrace"].endswith(": core\\exception\\moodle_exception thrown\n")
    assert told["debuginfo"] == "\nError code: invalidtoken"


def test_a_service_is_told_what_is_wrong_within_what_is_wrong(campus: Campus) -> None:
    developing(campus, displayed=True)
    inner = 'Invalid external api parameter: the value is "x", the server was expecting "int" type'
    outer = f"courseid => Invalid parameter value detected ({inner}): {inner}"
    told = campus.call("core_course_get_contents", STUDENT_TOKEN, courseid="x")
    assert (told["message"], told["debuginfo"]) == (f"Invalid parameter value detected ({outer})", outer)
