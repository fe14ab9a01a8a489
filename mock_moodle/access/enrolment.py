"""Who takes part in a course."""

from __future__ import annotations

from sqlalchemy import select

from mock_moodle.access.contexts import context_course
from mock_moodle.access.resolve import has_capability
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.core import Course, Enrolment


def is_enrolled(course_id: int, userid: int, *, only_active: bool = True) -> bool:
    now = current.clock.time()
    rows = current.session.scalars(select(Enrolment).where(Enrolment.courseid == course_id, Enrolment.userid == userid))
    return any(not only_active or _active(row, now) for row in rows)


def enrolled_userids(course_id: int, *, only_active: bool = False) -> list[int]:
    now = current.clock.time()
    rows = current.session.scalars(select(Enrolment).where(Enrolment.courseid == course_id).order_by(Enrolment.userid))
    return list(dict.fromkeys(row.userid for row in rows if not only_active or _active(row, now)))


def can_access_course(course: Course, userid: int) -> bool:
    """Enrolled, or allowed to view courses without; a hidden course asks for one capability more."""
    if course.id == SITE_COURSE_ID:
        return True
    context = context_course(course.id)
    if not course.visible and not has_capability("moodle/course:viewhiddencourses", context, userid):
        return False
    return is_enrolled(course.id, userid) or has_capability("moodle/course:view", context, userid)


def _active(row: Enrolment, now: int) -> bool:
    return row.status == 0 and row.timestart <= now and (row.timeend == 0 or now < row.timeend)
