"""Entries of the plugin's table: which one a student goes on with, and what puts one aside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from mock_moodle.availability import tree_of
from mock_moodle.examus2 import names
from mock_moodle.examus2.models import Session
from mock_moodle.plugins import installed_version
from mock_moodle.quiz.models import Quiz
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule, Group, GroupMember


def node_of(cm: CourseModule) -> Mapping[str, Any] | None:
    """The first restriction of this kind in a module's tree."""
    tree = tree_of(cm.availability)
    if tree is None or installed_version(names.COMPONENT) is None:
        return None
    return next((leaf.node for leaf in tree.conditions() if leaf.type == names.CONDITION_TYPE), None)


def concerns(node: Mapping[str, Any], cm: CourseModule, userid: int) -> bool:
    """Everybody, where no group is named or none of the named is left."""
    wanted = [int(group) for group in node.get("groups") or () if str(group).isdecimal()]
    left = select(Group.id).where(Group.courseid == cm.course, Group.id.in_(wanted))
    if current.session.scalar(left.limit(1)) is None:
        return True
    mine = left.join(GroupMember, GroupMember.groupid == Group.id).where(GroupMember.userid == userid)
    return current.session.scalar(mine.limit(1)) is not None


def by_code(code: object) -> Session | None:
    if not isinstance(code, str) or not code:
        return None
    return current.session.scalar(select(Session).where(Session.accesscode == code))


def of_exam(userid: int, courseid: int, cmid: int) -> list[Session]:
    query = select(Session).where(Session.userid == userid, Session.courseid == courseid, Session.cmid == cmid)
    return list(current.session.scalars(query.order_by(Session.id)))


def newest_unused(session: Session) -> Session | None:
    """Of the same student at the same exam."""
    same = of_exam(session.userid, session.courseid, session.cmid)
    return next((each for each in reversed(same) if each.status == names.NEW), None)


def for_attempt(cm: CourseModule, userid: int) -> Session | None:
    """The one to go on with, or a new one while the quiz allows another attempt, else whatever was last."""
    same = of_exam(userid, cm.course, cm.id)
    for status in ((names.STARTED, names.NEW), (names.SCHEDULED,)):
        for session in same:
            if session.status in status:
                return session
    quiz = current.session.get(Quiz, cm.instance) if cm.modname == "quiz" else None
    counted = sum(session.status not in names.USED_UP_NOTHING for session in same)
    if quiz is None or not quiz.attempts or counted < quiz.attempts:
        return issue(cm.course, cm.id, userid)
    return same[-1]


def issue(courseid: int, cmid: int, userid: int) -> Session:
    now = current.clock.time()
    session = Session(
        courseid=courseid,
        cmid=cmid,
        userid=userid,
        accesscode=current.keys.md5(),
        status=names.NEW,
        timecreated=now,
        timemodified=now,
    )
    current.session.add(session)
    current.session.flush()
    return session


def renew(session: Session) -> Session:
    """Puts a session and the unused ones beside it aside, for a fresh one."""
    for each in of_exam(session.userid, session.courseid, session.cmid):
        if each is session or each.status == names.NEW:
            move(each, names.FORCE_RESET)
    return issue(session.courseid, session.cmid, session.userid)


def move(session: Session, status: str) -> None:
    session.status, session.timemodified = status, current.clock.time()
    current.session.flush()
