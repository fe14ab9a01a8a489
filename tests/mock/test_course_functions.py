"""Courses, their contents and their participants, as web services tell them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mock.campus import EXAM, STUDENT_TOKEN, TEACHER_TOKEN, Campus
from mock.rest_client import as_service, ask

from mock_moodle.testing import MockMoodle

ALGEBRA = 2


def contents(campus: Campus, **options: str) -> list[dict[str, Any]]:
    chosen = [{"name": name, "value": value} for name, value in options.items()]
    answer: list[dict[str, Any]] = campus.call(
        "core_course_get_contents", TEACHER_TOKEN, courseid=ALGEBRA, options=chosen
    )
    return answer


def modules(sections: list[dict[str, Any]]) -> list[str]:
    return [module["modname"] for section in sections for module in section["modules"]]


def test_options_are_read_as_php_reads_numbers(campus: Campus) -> None:
    every = contents(campus)
    assert contents(campus, sectionid="x") == contents(campus, cmid="0") == every
    assert contents(campus, sectionid="-1") == []
    assert modules(contents(campus, excludemodules="yes")) == []


def test_an_instance_belongs_to_a_kind(campus: Campus) -> None:
    assert modules(contents(campus, modname="quiz", modid="1")) == ["quiz"]
    assert contents(campus, modid="1") == contents(campus)
    refused = campus.call(
        "core_course_get_contents", TEACHER_TOKEN, courseid=ALGEBRA, options=[{"name": "modname", "value": "QUIZ"}]
    )
    assert refused["errorcode"] == "errorinvalidparam"


@pytest.mark.parametrize(("field", "value"), [("id", "2"), ("shortname", "alg"), ("sectionid", "")])
def test_a_course_is_found_by_what_it_has(campus: Campus, field: str, value: str) -> None:
    section = str(contents(campus)[0]["id"])
    (course,) = campus.call("core_course_get_courses_by_field", STUDENT_TOKEN, field=field, value=value or section)[
        "courses"
    ]
    assert [contact["fullname"] for contact in course["contacts"]] == ["Tamara Teacher"]
    assert {"name": "hiddensections", "value": 1} in course["courseformatoptions"]
    assert "timecreated" not in course  # for those who may change the course


def test_who_may_change_an_activity_is_told_how_it_is_set(campus: Campus) -> None:
    told = campus.call("core_course_get_course_module", TEACHER_TOKEN, cmid=EXAM)["cm"]
    assert (told["grade"], told["gradepass"], told["downloadcontent"]) == (10, "0.00", 1)
    assert "examus" in told["availability"]
    assert campus.call("core_course_get_course_module", STUDENT_TOKEN, cmid=99)["errorcode"] == "invalidrecordunknown"


def test_participants_in_the_order_and_with_the_fields_asked_for(campus: Campus) -> None:
    def asked(**options: str) -> Any:
        chosen = [{"name": name, "value": value} for name, value in options.items()]
        return campus.call("core_enrol_get_enrolled_users", TEACHER_TOKEN, courseid=ALGEBRA, options=chosen)

    names = [user["fullname"] for user in asked(sortby="siteorder", sortdirection="DESC")]
    assert names == sorted(names, key=lambda name: name.split()[-1])
    assert set(asked(userfields="id, email")[0]) == {"id", "fullname", "email"}
    assert asked(userfields="")["errorcode"] == "invaliduserfield"
    assert asked(onlyactive="1", onlysuspended="1")["errorcode"] == "codingerror"


def test_completion_is_for_those_who_may_see_it(campus: Campus) -> None:
    (own,) = campus.call("core_enrol_get_users_courses", STUDENT_TOKEN, userid=3)
    (seen,) = campus.call("core_enrol_get_users_courses", TEACHER_TOKEN, userid=3)
    assert own["completionusertracked"] == seen["completionusertracked"] == own["enablecompletion"]


def test_profiles_of_nobody_are_none(campus: Campus) -> None:
    def profiles(userid: int, courseid: int) -> Any:
        return campus.call(
            "core_user_get_course_user_profiles", TEACHER_TOKEN, userlist=[{"userid": userid, "courseid": courseid}]
        )

    assert profiles(99, 99) == []
    assert profiles(3, 99)["errorcode"] == "invalidparameter"
    assert [profile["suspended"] for profile in profiles(3, ALGEBRA)] == [False]


def test_a_page_knows_which_activities_are_restricted(mock_moodle: MockMoodle) -> None:
    """Whether anybody may be kept out, and whether who asks is told by what: students are once it keeps them out."""
    as_service(mock_moodle, "Pages", ["core_courseformat_get_state"])
    past = {"type": "date", "d": ">=", "t": 1}
    group = {"type": "group"}
    course = mock_moodle.course("algebra")
    course.quiz("Open", questions=[], availability={"op": "&", "c": [past], "showc": [True]})
    course.quiz("Group", questions=[], availability={"op": "|", "c": [{"op": "!|", "c": [past]}, group], "show": True})
    course.quiz("Broken", questions=[], visible=False)

    def told(username: str, role: str) -> dict[str, tuple[bool, bool]]:
        token = mock_moodle.user(username).enrolled_in("algebra", role).token("Pages")
        state = json.loads(ask(mock_moodle, token, "core_courseformat_get_state", courseid=course.id))
        return {cm["name"]: (cm["accessvisible"], cm["hascmrestrictions"]) for cm in state["cm"]}

    assert told("anna", "student") == {"Open": (True, False), "Group": (False, True)}
    assert told("tamara", "editingteacher") == {"Open": (True, True), "Group": (False, True), "Broken": (False, False)}
