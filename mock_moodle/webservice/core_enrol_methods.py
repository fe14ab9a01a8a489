"""core_enrol_get_course_enrolment_methods: how somebody can enrol without an administrator's help."""

from __future__ import annotations

from typing import Any

from contract.webservice import Multiple, Presence, Single, Value
from mock_moodle.access import context_course, has_capability
from mock_moodle.errors import MoodleError
from mock_moodle.webservice.context import get_course
from mock_moodle.webservice.registry import Call, function


@function(
    "core_enrol_get_course_enrolment_methods",
    {"courseid": Value("int", "Course id")},
    Multiple(
        Single(
            {
                "id": Value("int", "id of course enrolment instance"),
                "courseid": Value("int", "id of course"),
                "type": Value("plugin", "type of enrolment plugin"),
                "name": Value("raw", "name of enrolment plugin"),
                "status": Value("raw", "status of enrolment plugin"),
                "wsfunction": Value("alphanumext", "webservice function to get more information", Presence.OPTIONAL),
            }
        )
    ),
)
def get_course_enrolment_methods(call: Call, courseid: int) -> list[dict[str, Any]]:
    """None: every enrolment here is manual, and Moodle does not list that one."""
    course = get_course(courseid)
    sees_hidden = has_capability("moodle/course:viewhiddencourses", context_course(course.id), call.userid)
    if not course.visible and not sees_hidden:
        raise MoodleError("coursehidden", "error/coursehidden")
    return []
