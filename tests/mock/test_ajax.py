"""The pages' own service: several functions in one request."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mock.campus import ROOT, Browser, Campus

SERVICE = "/lib/ajax/service.php"


def ask(browser: Browser, *calls: tuple[str, dict[str, Any]], sesskey: str | None = None, path: str = SERVICE) -> Any:
    body = [{"index": at, "methodname": name, "args": args} for at, (name, args) in enumerate(calls)]
    return send(browser, json.dumps(body), sesskey=sesskey, path=path)


def send(browser: Browser, body: str, *, sesskey: str | None = None, path: str = SERVICE) -> Any:
    query = {} if sesskey is None else {"sesskey": sesskey}
    sent = browser.client.post(path, query_string=query, data=body, content_type="application/json", base_url=ROOT)
    return sent.json


@pytest.fixture
def anna(campus: Campus) -> Browser:
    return campus.sign_in("anna")


def test_a_batch_ends_with_the_first_refusal(anna: Browser) -> None:
    courses = ("core_course_get_enrolled_courses_by_timeline_classification", {"classification": "all"})
    groups = ("core_group_get_course_groups", {"courseid": 2})
    first, second = ask(anna, courses, groups, courses, sesskey=anna.sesskey())
    assert [course["shortname"] for course in first["data"]["courses"]] == ["ALG"]
    assert (second["error"], second["exception"]["errorcode"]) == (True, "nopermissions")
    assert second["exception"]["moreinfourl"] == "https://docs.moodle.org/405/en/error/moodle/nopermissions"


@pytest.mark.parametrize(("sesskey", "errorcode"), [("bad", "invalidsesskey"), (None, "missingparam")])
def test_the_pages_key_is_asked_for_by_the_function(anna: Browser, sesskey: str | None, errorcode: str) -> None:
    (refused,) = ask(anna, ("core_course_get_courses", {}), sesskey=sesskey)
    assert refused["exception"]["errorcode"] == errorcode


def test_without_a_session_only_open_functions_answer(anna: Browser) -> None:
    (refused,) = ask(anna, ("core_course_get_courses", {}), path="/lib/ajax/service-nologin.php")
    assert refused["exception"]["errorcode"] == "servicerequireslogin"


def test_a_visitor_has_no_session(campus: Campus) -> None:
    visitor = campus.visitor()
    (refused,) = ask(visitor, ("core_courseformat_get_state", {"courseid": 2}), sesskey="any")
    assert refused["exception"]["errorcode"] == "servicerequireslogin"


def test_null_is_nothing_of_the_parameters_own_kind(anna: Browser) -> None:
    (refused,) = ask(anna, ("core_group_get_course_groups", {"courseid": None}), sesskey=anna.sesskey())
    assert refused["exception"]["errorcode"] == "errorcoursecontextnotvalid"
    (refused,) = ask(anna, ("core_course_get_courses", {"options": {"ids": None}}), sesskey=anna.sesskey())
    assert refused["exception"]["errorcode"] == "invalidparameter"


def test_a_whole_number_may_have_a_point(anna: Browser) -> None:
    (answer,) = ask(anna, ("core_courseformat_get_state", {"courseid": 2.0}), sesskey=anna.sesskey())
    assert json.loads(answer["data"])["course"]["id"] == "2"


def test_answers_go_by_the_calls_own_index(anna: Browser) -> None:
    calls = [{"index": at, "methodname": "core_course_get_courses", "args": {"options": {"ids": [9]}}} for at in (7, 5)]
    empty = {"error": False, "data": []}
    assert send(anna, json.dumps(calls), sesskey=anna.sesskey()) == {"7": empty, "5": empty}


def test_a_call_in_the_address_is_for_visitors(anna: Browser) -> None:
    query = {"sesskey": anna.sesskey(), "args": "[]"}
    assert anna.get(SERVICE, **query).response.json["errorcode"] == "codingerror"
    assert anna.get("/lib/ajax/service-nologin.php", **query).response.json == []


def test_functions_for_clients_are_not_for_pages(anna: Browser) -> None:
    (refused,) = ask(anna, ("core_webservice_get_site_info", {}), sesskey=anna.sesskey())
    assert refused["exception"]["errorcode"] == "servicenotavailable"


@pytest.mark.parametrize(
    ("body", "errorcode"),
    [("", "codingerror"), ("[", "codingerror"), ("null", "codingerror"), ('[{"methodname": "nope"}]', "invalidrecord")],
)
def test_what_makes_no_sense_is_answered_as_a_whole(anna: Browser, body: str, errorcode: str) -> None:
    assert send(anna, body, sesskey=anna.sesskey())["errorcode"] == errorcode
    assert send(anna, "{}", sesskey=anna.sesskey()) == []


TIMELINE = "core_course_get_enrolled_courses_by_timeline_classification"


@pytest.mark.parametrize(
    ("name", "args", "errorcode", "message"),
    [
        (TIMELINE, {"classification": "all", "limit": None}, "generalexceptionmessage", "Argument #2 ($limit)"),
        (TIMELINE, {"classification": None}, "generalexceptionmessage", "must be of type string, null given"),
        ("core_courseformat_get_state", {"courseid": None}, "generalexceptionmessage", "get_state::execute()"),
        (TIMELINE, {"classification": "all", "limit": False}, "invalidparameter", "Invalid parameter"),
        (TIMELINE, {"classification": "all", "customfieldname": 1e20}, "invalidparameter", "Invalid parameter"),
        (TIMELINE, {"classification": "all", "sort": ""}, "codingerror", "Invalid $sort parameter"),
        ("core_course_get_courses", None, "invalidparameter", "Invalid parameter"),
        ("core_course_get_courses", [1], "invalidparameter", "Invalid parameter"),
        ("core_course_get_courses", "x", "invalidparameter", "Invalid parameter"),
        ("core_message_send_instant_messages", {"messages": []}, "codingerror", "empty arrays"),
    ],
)
def test_values_that_no_form_could_send(anna: Browser, name: str, args: Any, errorcode: str, message: str) -> None:
    (refused,) = ask(anna, (name, args), sesskey=anna.sesskey())
    assert refused["exception"]["errorcode"] == errorcode
    assert message in refused["exception"]["message"]


def test_an_empty_list_is_an_empty_object(anna: Browser) -> None:
    (refused,) = ask(anna, ("core_course_get_courses", {"options": []}), sesskey=anna.sesskey())
    assert refused["exception"]["errorcode"] == "nopermissions"  # the parameters were right


@pytest.mark.parametrize("call", [{"index": [], "methodname": "x"}, {"index": 0, "methodname": ["x"]}])
def test_lists_for_a_name_or_a_number_end_the_request(anna: Browser, call: dict[str, Any]) -> None:
    refused = send(anna, json.dumps([call]), sesskey=anna.sesskey())
    assert "clean_array()" in refused["error"]


def test_answers_without_a_session_may_be_kept(anna: Browser) -> None:
    def headers(path: str) -> Any:
        body = json.dumps([{"index": 0, "methodname": "core_course_get_courses", "args": {}}])
        return anna.client.post(path, data=body, content_type="application/json", base_url=ROOT).headers

    assert headers(SERVICE)["Cache-Control"] == "no-store, no-cache, must-revalidate"
    assert "Cache-Control" not in headers("/lib/ajax/service-nologin.php")


def test_every_pages_scripts_keep_the_session_and_ask_for_notices(anna: Browser) -> None:
    scripts = (
        ("core_session_touch", {}),
        ("core_session_time_remaining", {}),
        ("core_fetch_notifications", {"contextid": 1}),
    )
    touched, remaining, notices = ask(anna, *scripts, sesskey=anna.sesskey())
    assert (touched["data"], remaining["data"]["timeremaining"], notices["data"]) == (True, 8 * 3600, [])


def test_notices_of_a_place_are_for_who_may_enter_it(campus: Campus, anna: Browser) -> None:
    def refusal(browser: Browser, contextid: int) -> str:
        (told,) = ask(browser, ("core_fetch_notifications", {"contextid": contextid}), sesskey="")
        code: str = told["exception"]["errorcode"]
        return code

    assert refusal(campus.visitor(), 1) == "requireloginerror"
    assert (refusal(anna, 0), refusal(anna, 9999)) == ("codingerror", "invalidrecord")
