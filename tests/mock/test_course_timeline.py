"""The cards of the course overview: past, in progress and future courses, searched and paged."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest
from mock.rest_client import ask

from mock_moodle.geopattern import picture_of
from mock_moodle.testing import MockMoodle

FUNCTION = "core_course_get_enrolled_courses_by_timeline_classification"
TOKEN = "7" * 32
COURSES: dict[str, dict[str, Any]] = {
    "OLD": {"fullname": "Old Greek", "startdate": 1_000_000_000, "enddate": 1_100_000_000},
    "NOW": {"fullname": "Algebra", "startdate": 1_000_000_000},
    "SOON": {"fullname": "Astronomy", "startdate": 4_102_444_800},
}


@pytest.fixture
def moodle(mock_moodle: MockMoodle) -> MockMoodle:
    enrolled = {"enrolments": [{"user": "anna", "role": "student"}]}
    mock_moodle.control.patch(
        {
            "site": {"settings": {"enablewebservices": True, "webserviceprotocols": ["rest"]}},
            "users": [{"username": "anna", "password": "Passw0rd!"}],
            "roles": [{"shortname": "user", "allow": ["webservice/rest:use"]}],
            "courses": [{"shortname": name, **course, **enrolled} for name, course in COURSES.items()],
            "services": [{"name": "Overview", "functions": [FUNCTION]}],
            "tokens": [{"token": TOKEN, "user": "anna", "service": "Overview"}],
        }
    )
    return mock_moodle


def shown(moodle: MockMoodle, classification: str, **more: Any) -> tuple[list[str], int]:
    answer = ask(moodle, TOKEN, FUNCTION, classification=classification, **more)
    return [course["shortname"] for course in answer["courses"]], answer["nextoffset"]


@pytest.mark.parametrize(
    ("classification", "expected"),
    [
        ("past", ["OLD"]),
        ("inprogress", ["NOW"]),
        ("future", ["SOON"]),
        ("all", ["NOW", "OLD", "SOON"]),
        ("favourites", []),
        ("hidden", []),
    ],
)
def test_time_decides_where_a_course_stands(moodle: MockMoodle, classification: str, expected: list[str]) -> None:
    courses, following = shown(moodle, classification)
    assert sorted(courses) == expected
    assert following == len(COURSES)


def test_offset_counts_courses_before_they_are_chosen(moodle: MockMoodle) -> None:
    first, following = shown(moodle, "all", sort="fullname", limit=2)
    assert (first, following) == (["NOW", "SOON"], 2)
    assert shown(moodle, "all", sort="fullname", offset=following) == (["OLD"], 3)


def test_search_looks_at_the_names(moodle: MockMoodle) -> None:
    assert shown(moodle, "search", searchvalue="greek")[0] == ["OLD"]


def test_unknown_classification_is_refused(moodle: MockMoodle) -> None:
    answer = ask(moodle, TOKEN, FUNCTION, classification="bogus")
    assert answer["errorcode"] == "invalidparameter"


def test_a_card_shows_the_pattern_of_its_course(moodle: MockMoodle) -> None:
    (course,) = ask(moodle, TOKEN, FUNCTION, classification="future")["courses"]
    kind, pattern = course["courseimage"].split(",")
    assert kind == "data:image/svg+xml;base64"
    assert b64decode(pattern).decode() == picture_of(course["id"])
