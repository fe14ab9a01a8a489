"""The evaluation for a user of this site: what conditions ask is looked up in its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import select

from mock_moodle.access import context_course, has_capability
from mock_moodle.availability.plugins import installed_condition
from mock_moodle.availability.tree import Group as Tree
from mock_moodle.availability.tree import TreeError, admits_all, check, read_tree
from mock_moodle.availability.wording import explain, explain_all
from mock_moodle.course.sections import state_of
from mock_moodle.errors import MoodleError
from mock_moodle.localtime import date_and_time, is_midnight, local
from mock_moodle.site import current
from mock_moodle.store.core import (
    Course,
    CourseModule,
    CourseSection,
    Grade,
    Group,
    Grouping,
    GroupingGroup,
    GroupMember,
    ModuleCompletion,
    ProfileField,
    User,
)

DEFAULT_MAXIMUM_GRADE = 100.0
COURSE_TOTAL = "Course total"
MISSING = "(Missing activity)"


@dataclass(frozen=True)
class Answer:
    """`met` lets the user in; `information` is HTML for others, empty where the activity is to be hidden from them."""

    met: bool
    information: str = ""


def availability_of(cm: CourseModule, userid: int) -> Answer:
    """Whether the conditions of an activity, and of its section, let a user in."""
    for stored in (state_of(cm.section).availability, cm.availability):
        tree = tree_of(stored)
        verdict = check(tree, SiteLearner(cm, userid), cm.id)
        if not verdict.available:
            return Answer(False, explain(verdict.failure, SiteNames(cm)) if verdict.failure else "")
    return Answer(True)


def restrictions_of(cm: CourseModule) -> str:
    """HTML that tells the staff what stands in the way of others; empty for an open activity."""
    tree = tree_of(cm.availability)
    return explain_all(tree, SiteNames(cm)) if tree and tree.children else ""


def tree_of(stored: Mapping[str, Any] | str | None) -> Tree | None:
    """None without restriction. A tree that cannot be read is a coding error, as in Moodle: nobody gets in."""
    try:
        return read_tree(stored)
    except TreeError as error:
        raise coding_error("Invalid availability text", str(error)) from error


def open_to_all(cm: CourseModule) -> bool:
    """Whether there is nobody whom its restriction could keep out."""
    try:
        return admits_all(tree_of(cm.availability), current.clock.time())
    except MoodleError:
        return False


def coding_error(message: str, debuginfo: str | None = None) -> MoodleError:
    """Moodle's coding_exception."""
    text = f"Coding error detected, it must be fixed by a programmer: {message}"
    return MoodleError("codingerror", text, debuginfo, exception="core\\exception\\coding_exception")


@dataclass
class SiteLearner:
    """`userid` in the course of `cm`."""

    cm: CourseModule
    userid: int
    now: int = field(default_factory=lambda: current.clock.time())

    @cached_property
    def _user(self) -> User | None:
        return current.session.get(User, self.userid)

    @cached_property
    def _groups(self) -> frozenset[int]:
        query = (
            select(Group.id)
            .join(GroupMember, GroupMember.groupid == Group.id)
            .where(Group.courseid == self.cm.course, GroupMember.userid == self.userid)
        )
        return frozenset(current.session.scalars(query))

    def group_ids(self) -> frozenset[int]:
        return self._groups

    def grouping_ids(self) -> frozenset[int]:
        query = select(GroupingGroup.groupingid).where(GroupingGroup.groupid.in_(self._groups))
        return frozenset(current.session.scalars(query))

    def sees_all_groups(self) -> bool:
        return has_capability("moodle/site:accessallgroups", context_course(self.cm.course), self.userid)

    def completion_state(self, cmid: int) -> int:
        row = current.session.get(ModuleCompletion, (cmid, self.userid))
        return row.completionstate if row else 0

    def previous_module(self, cmid: int) -> int | None:
        query = (
            select(CourseModule.id)
            .join(CourseSection, CourseSection.id == CourseModule.section)
            .where(CourseModule.course == self.cm.course, (CourseModule.completion > 0) | (CourseModule.id == cmid))
            .order_by(CourseSection.section, CourseModule.position, CourseModule.id)
        )
        ids = list(current.session.scalars(query))
        at = ids.index(cmid) if cmid in ids else 0
        return ids[at - 1] if at else None

    def profile_field(self, name: str) -> str:
        row = current.session.get(ProfileField, (self.userid, name))
        if row is not None:
            return row.data
        value = getattr(self._user, name, "") if name in STANDARD_FIELDS else ""
        return str(value or "")

    def grade_percent(self, item_id: int) -> float | None:
        """An item is named by its course module; 0 is the course's total."""
        row = current.session.get(Grade, (self.cm.course, item_id, self.userid))
        if row is None or row.finalgrade is None:
            return None
        return 100.0 * row.finalgrade / _maximum_grade(item_id)

    def plugin_condition(self, node: Mapping[str, Any], *, negated: bool) -> bool:
        condition = installed_condition(str(node["type"]))
        return condition is not None and condition.holds(node, self.cm, self.userid, negated=negated)


STANDARD_FIELDS = {
    "firstname": "First name",
    "lastname": "Last name",
    "email": "Email address",
    "city": "City/town",
    "country": "Country",
    "idnumber": "ID number",
    "institution": "Institution",
    "department": "Department",
    "phone1": "Phone",
    "phone2": "Mobile phone",
    "address": "Address",
}


def _maximum_grade(cmid: int) -> float:
    other = current.session.get(CourseModule, cmid)
    if other is None:
        return DEFAULT_MAXIMUM_GRADE
    if other.modname == "quiz":
        from mock_moodle.quiz.models import Quiz

        quiz = current.session.get(Quiz, other.instance)
        return (quiz.grade if quiz else 0) or DEFAULT_MAXIMUM_GRADE
    return float(other.settings.get("grade") or DEFAULT_MAXIMUM_GRADE)


@dataclass(frozen=True)
class SiteNames:
    """Names of what the conditions of `cm` point to."""

    cm: CourseModule

    def group(self, group_id: int) -> str:
        row = current.session.get(Group, group_id)
        return row.name if row else "(Missing group)"

    def grouping(self, grouping_id: int) -> str:
        row = current.session.get(Grouping, grouping_id)
        return row.name if row else "(Missing grouping)"

    def module(self, cmid: int) -> str:
        row = current.session.get(CourseModule, cmid)
        return row.name if row else MISSING

    def grade_item(self, item_id: int) -> str:
        if item_id == 0:
            course = current.session.get(Course, self.cm.course)
            return course.fullname if course else COURSE_TOTAL
        return self.module(item_id)

    def profile_field(self, name: str) -> str:
        return STANDARD_FIELDS.get(name, name)

    def plugin_condition(self, node: Mapping[str, Any], *, negated: bool) -> str:
        condition = installed_condition(str(node["type"]))
        return condition.describe(node, self.cm, negated=negated) if condition else f"(Missing plugin: {node['type']})"

    def date(self, timestamp: int) -> str:
        moment = local(timestamp)
        return f"{moment.day} {moment:%B %Y}" if is_midnight(timestamp) else date_and_time(moment)

    def is_midnight(self, timestamp: int) -> bool:
        return is_midnight(timestamp)
