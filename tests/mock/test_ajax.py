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
