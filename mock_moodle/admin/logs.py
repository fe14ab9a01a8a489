"""Reports, Logs: what happened on the site."""

from __future__ import annotations

from datetime import datetime, timezone

from flask import Blueprint, Response
from sqlalchemy import select

from mock_moodle.access import context_course, context_system, require_capability
from mock_moodle.login.browser import require_login
from mock_moodle.page import optional_param, page, site_course
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.core import Course, LogEvent, User

PAGE_SIZE = 100


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/report/log/index.php", view_func=logs)


def logs() -> Response:
    """Of the site, or of one course (`id`)."""
    course_id = optional_param("id", 0, int)
    course = current.session.get(Course, course_id) if course_id > SITE_COURSE_ID else None
    require_login(course)
    if course is not None:
        require_capability("report/log:view", context_course(course.id))
    else:
        require_capability("report/log:view", context_system())
    number = max(0, optional_param("page", 0, int))
    query = select(LogEvent, User).outerjoin(User, User.id == LogEvent.userid).order_by(LogEvent.id.desc())
    if course is not None:
        query = query.where(LogEvent.courseid == course.id)
    rows = current.session.execute(query.offset(number * PAGE_SIZE).limit(PAGE_SIZE + 1)).all()
    return page(
        "admin/logs.html",
        title=f"{course.shortname}: Logs" if course else "Logs",
        heading="Logs",
        within=course.fullname if course else site_course().fullname,
        rows=rows[:PAGE_SIZE],
        more=len(rows) > PAGE_SIZE,
        page_number=number,
        course=course,
        time=lambda stamp: f"{datetime.fromtimestamp(stamp, timezone.utc):%d %B %Y, %H:%M:%S}",
    )
