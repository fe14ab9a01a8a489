"""The courses in which a user takes part at this moment."""

from __future__ import annotations

from sqlalchemy import select

from mock_moodle.access import context_course, has_capability
from mock_moodle.site import current
from mock_moodle.store import copy_of
from mock_moodle.store.core import Course, Enrolment


def active_courses(userid: int) -> list[Course]:
    """enrol_get_users_courses(…, onlyactive): neither suspended nor out of their time, hidden ones only for those who
    may see them. Visible courses stand first, and the newest first, as Moodle sorts a category. To read, not to
    change."""

    def read() -> list[tuple[Course, int, int]]:
        query = (
            select(Course, Enrolment.timestart, Enrolment.timeend)
            .join(Enrolment, Enrolment.courseid == Course.id)
            .where(Enrolment.userid == userid, Enrolment.status == 0)
            .order_by(Course.visible.desc(), Course.sortorder, Course.id.desc())
        )
        return [(copy_of(course), start, end) for course, start, end in current.session.execute(query)]

    now = current.clock.time()
    enrolled = current.cached(("course", "user_enrolments"), ("active courses", userid), read)
    active = {course.id: course for course, start, end in enrolled if start <= now and (not end or now < end)}
    return [
        course
        for course in active.values()
        if course.visible or has_capability("moodle/course:viewhiddencourses", context_course(course.id), userid)
    ]
