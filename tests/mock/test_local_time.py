"""Times of day are those of who looks: asked for, the account's, or the site's."""

from __future__ import annotations

import pytest
from mock.campus import EXAM, STUDENT_TOKEN, Campus, world

from mock_moodle.localtime import duration

NEW_YEAR = 1893456000
SUMMER = 1909173600


def sentence(moment: int, account: str = "99", asked: str = "") -> str:
    spec = world(availability={"op": "&", "c": [{"type": "date", "d": ">=", "t": moment}], "showc": [True]})
    anna = next(user for user in spec["users"] if user["username"] == "anna")
    anna["timezone"] = account
    setting = {"moodlewssettingtimezone": asked} if asked else {}
    sections = Campus(spec).call("core_course_get_contents", STUDENT_TOKEN, courseid=2, **setting)
    (exam,) = (module for section in sections for module in section["modules"] if module["id"] == EXAM)
    return str(exam["availabilityinfo"])


@pytest.mark.parametrize(
    ("moment", "account", "asked", "expected"),
    [
        (NEW_YEAR, "99", "", "1 January 2030"),
        (NEW_YEAR, "99", "Europe/Moscow", "1 January 2030, 3:00 AM"),
        (NEW_YEAR, "Europe/Moscow", "", "1 January 2030, 3:00 AM"),
        (NEW_YEAR, "-5.5", "", "31 December 2029, 6:30 PM"),
        (NEW_YEAR, "Europe/Moscow", "99", "1 January 2030, 3:00 AM"),
        (NEW_YEAR, "No/Where", "", "1 January 2030"),
        (SUMMER, "99", "", "1 July 2030, 11:00 PM"),  # a new site is in London
    ],
)
def test_a_date_is_told_in_the_callers_zone(moment: int, account: str, asked: str, expected: str) -> None:
    assert sentence(moment, account, asked) == f"Available from <strong>{expected}</strong>"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "now"), (1, "1 sec"), (2, "2 secs"), (90, "1 min 30 secs"), (2700, "45 mins"), (7200, "2 hours"),
        (86_400 + 60, "1 day"), (400 * 86_400, "1 year 35 days"),
    ],
)  # fmt: skip
def test_a_time_limit_is_told_in_two_units(seconds: int, told: str) -> None:
    assert duration(seconds) == told
