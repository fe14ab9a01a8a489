"""Whom an exam watches."""

from __future__ import annotations

from sqlalchemy import select

from mock_moodle.examus.exam import Exam
from mock_moodle.site import current
from mock_moodle.store.core import Group, GroupMember


def concerns(exam: Exam, courseid: int, userid: int) -> bool:
    """Whether a user is in the exam's groups. With none of them left, the successor watches everyone, v0.8 nobody."""
    if not exam.groups:
        return True
    in_course = select(Group.id).where(Group.courseid == courseid, Group.id.in_(exam.groups))
    mine = in_course.join(GroupMember, GroupMember.groupid == Group.id).where(GroupMember.userid == userid)
    if current.session.scalar(mine.limit(1)) is not None:
        return True
    return exam.complete and current.session.scalar(in_course.limit(1)) is None
