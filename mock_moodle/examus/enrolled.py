"""The courses in which a user takes part at this moment."""

from __future__ import annotations

from sqlalchemy import or_, select

from mock_moodle.site import current
from mock_moodle.store.core import Course, Enrolment


def active_courses(userid: int) -> list[Course]:
    """enrol_get_users_courses(…, onlyactive): neither suspended nor out of their time; visible courses first."""
    now = current.clock.time()
    query = (
        select(Course)
        .join(Enrolment, Enrolment.courseid == Course.id)
        .where(
            Enrolment.userid == userid,
            Enrolment.status == 0,
            Enrolment.timestart <= now,
            or_(Enrolment.timeend == 0, Enrolment.timeend > now),
        )
        .order_by(Course.visible.desc(), Course.sortorder, Course.id)
        .distinct()
    )
    return list(current.session.scalars(query))
