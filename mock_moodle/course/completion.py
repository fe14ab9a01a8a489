"""Completion: how far a user has come in a course."""

from __future__ import annotations

from sqlalchemy import func, select

from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule, ModuleCompletion


def progress_percentage(course: Course, userid: int) -> float | None:
    """Completed activities of those with tracking, 0 to 100; None for a course without any."""
    session = current.session
    tracked = select(CourseModule.id).where(CourseModule.course == course.id, CourseModule.completion > 0)
    total = session.scalar(select(func.count()).select_from(tracked.subquery())) or 0
    if not total:
        return None
    done = select(func.count()).where(
        ModuleCompletion.userid == userid,
        ModuleCompletion.coursemoduleid.in_(tracked),
        ModuleCompletion.completionstate > 0,
    )
    return 100 * (session.scalar(done) or 0) / total
