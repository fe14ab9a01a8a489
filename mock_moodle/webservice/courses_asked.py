"""util::validate_courses(): the courses of a `courseids` parameter that the caller may enter, and warnings for the
rest."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from mock_moodle.course.enrolled import active_courses
from mock_moodle.course.visibility import visibility_of
from mock_moodle.errors import MoodleError
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule
from mock_moodle.webservice.context import get_course, validate_course_context


def courses_asked(
    ids: list[int], userid: int, *, with_reason: bool = False
) -> tuple[list[Course], list[dict[str, Any]]]:
    """Without ids: the caller's own courses. `with_reason` puts the refusal's own words into the warning."""
    if not ids:
        return active_courses(userid), []
    courses, warnings = [], []
    for course_id in dict.fromkeys(ids):
        try:
            course = get_course(course_id)
            validate_course_context(course, userid)
            courses.append(course)
        except MoodleError as error:  # noqa: PERF203 - a refused course does not end it
            warnings.append(
                {
                    "item": "course",
                    "itemid": course_id,
                    "warningcode": "1",
                    "message": "No access rights in course context" + (f" {error.message}" if with_reason else ""),
                }
            )
    return courses, warnings


def modules_of(courses: list[Course], modname: str, userid: int) -> list[CourseModule]:
    """get_all_instances_in_courses(): the activities of a kind that the user sees and may enter."""
    wanted = select(CourseModule).where(
        CourseModule.course.in_([course.id for course in courses]), CourseModule.modname == modname
    )
    rows = current.session.scalars(wanted.order_by(CourseModule.course, CourseModule.section, CourseModule.position))
    return [cm for cm in rows if visibility_of(cm, userid).uservisible]
