"""gradereport_user_get_grade_items: what a user has earned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_course, enrolled_userids, has_capability, require_capability
from mock_moodle.course.visibility import visibility_of
from mock_moodle.errors import MissingRecord, MoodleError
from mock_moodle.site import current
from mock_moodle.store.core import Course, Grade, GroupMember, User
from mock_moodle.webservice.context import get_course, require_active_user, validate_course_context
from mock_moodle.webservice.gradebook import HIDDEN, GradeItem, gradebook_of
from mock_moodle.webservice.registry import WARNINGS, Call, function

OPTIONAL = Presence.OPTIONAL

FORMAT_MOODLE, FORMAT_PLAIN = 0, 2
UNAGGREGATED_MAXIMUM = 100.0
"""Of a total whose row was made while nothing was graded."""


@dataclass(frozen=True)
class View:
    """Who looks, and whether locks and hidden grades are for him."""

    userid: int
    locks: bool
    hidden: bool


_ITEM: dict[str, Schema] = {
    "id": Value("int", "Grade item id"),
    "itemname": Value("raw", "Grade item name", nullable=True),
    "itemtype": Value("alpha", "Grade item type"),
    "itemmodule": Value("plugin", "Grade item module", nullable=True),
    "iteminstance": Value("int", "Grade item instance"),
    "itemnumber": Value("int", "Grade item item number", nullable=True),
    "idnumber": Value("raw", "Grade item idnumber", nullable=True),
    "categoryid": Value("int", "Grade item category id", nullable=True),
    "outcomeid": Value("int", "Outcome id", nullable=True),
    "scaleid": Value("int", "Scale id", nullable=True),
    "locked": Value("bool", "Grade item for user locked?", OPTIONAL, nullable=True),
    "cmid": Value("int", "Course module id (if type mod)", OPTIONAL),
    "weightraw": Value("float", "Weight raw", OPTIONAL),
    "weightformatted": Value("notags", "Weight", OPTIONAL),
    "status": Value("alpha", "Status", OPTIONAL),
    "graderaw": Value("float", "Grade raw", OPTIONAL, nullable=True),
    "gradedatesubmitted": Value("int", "Grade submit date", OPTIONAL, nullable=True),
    "gradedategraded": Value("int", "Grade graded date", OPTIONAL, nullable=True),
    "gradehiddenbydate": Value("bool", "Grade hidden by date?", OPTIONAL),
    "gradeneedsupdate": Value("bool", "Grade needs update?", OPTIONAL),
    "gradeishidden": Value("bool", "Grade is hidden?", OPTIONAL),
    "gradeislocked": Value("bool", "Grade is locked?", OPTIONAL, nullable=True),
    "gradeisoverridden": Value("bool", "Grade overridden?", OPTIONAL, nullable=True),
    "gradeformatted": Value("raw", "The grade formatted", OPTIONAL),
    "grademin": Value("float", "Grade min", OPTIONAL),
    "grademax": Value("float", "Grade max", OPTIONAL),
    "rangeformatted": Value("raw", "Range formatted", OPTIONAL),
    "percentageformatted": Value("raw", "Percentage", OPTIONAL),
    "lettergradeformatted": Value("notags", "Letter grade", OPTIONAL),
    "rank": Value("int", "Rank in the course", OPTIONAL),
    "numusers": Value("int", "Num users in course", OPTIONAL),
    "averageformatted": Value("notags", "Grade average", OPTIONAL),
    "feedback": Value("raw", "Grade feedback", OPTIONAL),
    "feedbackformat": Value("int", "feedback format", OPTIONAL),
}


@function(
    "gradereport_user_get_grade_items",
    {
        "courseid": Value("int", "Course Id"),
        "userid": Value("int", "Return grades only for this user (optional)", Presence.DEFAULT, 0),
        "groupid": Value("int", "Get users from this group only", Presence.DEFAULT, 0),
    },
    Single(
        {
            "usergrades": Multiple(
                Single(
                    {
                        "courseid": Value("int", "course id"),
                        "courseidnumber": Value("text", "course idnumber"),
                        "userid": Value("int", "user id"),
                        "userfullname": Value("text", "user fullname"),
                        "useridnumber": Value("text", "user idnumber"),
                        "maxdepth": Value("int", "table max depth (needed for printing it)"),
                        "gradeitems": Multiple(Single(_ITEM)),
                    }
                )
            ),
            "warnings": WARNINGS,
        }
    ),
)
def get_grade_items(call: Call, courseid: int, userid: int, groupid: int) -> dict[str, Any]:
    course = get_course(courseid)
    validate_course_context(course, call.userid)
    context = context_course(course.id)
    require_capability("gradereport/user:view", context, call.userid)
    if userid:
        require_active_user(userid)
    if userid and userid != call.userid and not has_capability("moodle/grade:viewall", context, call.userid):
        raise MoodleError("nopermissiontoviewgrades", "Cannot view grades.")
    if userid != call.userid:
        require_capability("moodle/grade:viewall", context, call.userid)
    elif not has_capability("moodle/grade:viewall", context, call.userid):
        require_capability("moodle/grade:view", context, call.userid)
    view = View(
        call.userid,
        locks=has_capability("moodle/grade:viewall", context, call.userid),
        hidden=has_capability("moodle/grade:viewhidden", context, call.userid),
    )
    wanted = [userid] if userid else _students(course, groupid)
    return {"usergrades": [_report(course, each, view) for each in wanted], "warnings": []}


def _students(course: Course, groupid: int) -> list[int]:
    """Those who can earn grades, of one group if one is named, by name."""
    context = context_course(course.id)
    ids = [
        each
        for each in enrolled_userids(course.id, only_active=True)
        if has_capability("mod/quiz:attempt", context, each, doanything=False)
    ]
    if groupid:
        members = set(current.session.scalars(select(GroupMember.userid).where(GroupMember.groupid == groupid)))
        ids = [each for each in ids if each in members]
    by_name = select(User.id).where(User.id.in_(ids)).order_by(User.lastname, User.firstname, User.id)
    return list(current.session.scalars(by_name))


def _report(course: Course, userid: int, view: View) -> dict[str, Any]:
    user = current.session.get(User, userid)
    if user is None:
        raise MissingRecord("user")
    earned = Earned(course, user.id, view)
    items = [_item(item, earned) for item in earned.book.items if _is_listed(item, view)]
    known = False if view.locks else None
    locks = {"locked": known, "gradeislocked": known, "gradeisoverridden": known}
    return {
        "courseid": course.id,
        "courseidnumber": course.idnumber,
        "userid": user.id,
        "userfullname": user.fullname,
        "useridnumber": user.idnumber,
        "maxdepth": 2,
        "gradeitems": [item | locks for item in (*items, _total(earned))],
    }


class Earned:
    """What one user has in a course's gradebook, as somebody may see it."""

    def __init__(self, course: Course, userid: int, view: View) -> None:
        self.book = gradebook_of(course)
        self.rows: dict[int, Grade] = {
            item.id: row
            for item in self.book.items
            if item.number == 0 and (row := current.session.get(Grade, (course.id, item.cm.id, userid)))
        }
        self.values = {number: row.finalgrade for number, row in self.rows.items() if row.finalgrade is not None}
        self.hidden = set() if view.hidden else {item.id for item in self.book.items if item.is_hidden}
        self.counted = sum(item.maximum for item in self.book.items if item.id in self.values)
        self.view = view

    @property
    def maximum(self) -> float:
        """Of the total: of what is graded so far. Before that it is what could be, or what a new row says."""
        if self.values:
            return self.counted
        if self.rows and not self.view.hidden:
            return UNAGGREGATED_MAXIMUM
        return sum(item.maximum for item in self.book.items)


def _is_listed(item: GradeItem, view: View) -> bool:
    if item.hidden_until == HIDDEN and not view.hidden:
        return False
    seen = visibility_of(item.cm, view.userid)
    return seen.uservisible or bool(seen.information)


def _item(item: GradeItem, earned: Earned) -> dict[str, Any]:
    """Weights are told as soon as the user has a row in the course: an item's part of what is graded so far. From whom
    a grade is hidden all others' weights are, too: they would tell it."""
    row, maximum = earned.rows.get(item.id), item.maximum
    value = earned.values.get(item.id)
    told = {
        **_values(None if item.id in earned.hidden else value, maximum, any_row=bool(earned.rows)),
        "id": item.id,
        "itemname": item.name,
        "itemtype": "mod",
        "itemmodule": item.cm.modname,
        "iteminstance": item.cm.instance,
        "itemnumber": item.number,
        "idnumber": None if item.cm.modname == "workshop" else item.cm.idnumber,
        "categoryid": earned.book.category,
        "cmid": item.cm.id,
        "gradeishidden": item.is_hidden,
    }
    if row and value is not None:
        told |= {"gradedatesubmitted": row.timemodified, "gradedategraded": row.timemodified}
    if earned.rows and (not earned.hidden or item.id in earned.hidden):
        weight = 0.0 if value is None or not earned.counted else round(maximum / earned.counted, 5)
        told |= {"weightraw": weight, "weightformatted": f"{100 * weight:.2f} %"}
        if value is None:
            told["status"] = "novalue"
    return told


def _total(earned: Earned) -> dict[str, Any]:
    values = earned.values
    return {
        **_values(
            sum(values.values()) if values and not earned.hidden else None, earned.maximum, any_row=bool(earned.rows)
        ),
        "id": earned.book.total_id,
        "itemname": None,
        "itemtype": "course",
        "itemmodule": None,
        "iteminstance": earned.book.category,
        "itemnumber": None,
        "idnumber": None,
        "categoryid": None,
        "gradedategraded": max((earned.rows[number].timemodified for number in values), default=None),
    }


def _values(raw: float | None, maximum: float, *, any_row: bool) -> dict[str, Any]:
    return {
        "outcomeid": None,
        "scaleid": None,
        "graderaw": raw,
        "gradedatesubmitted": None,
        "gradedategraded": None,
        "gradehiddenbydate": False,
        "gradeneedsupdate": False,
        "gradeishidden": False,
        "gradeformatted": "-" if raw is None else f"{raw:.2f}",
        "grademin": 0.0,
        "grademax": maximum,
        "rangeformatted": f"0&ndash;{maximum:g}",
        "percentageformatted": "-" if raw is None or not maximum else f"{100 * raw / maximum:.2f} %",
        "feedback": "",
        "feedbackformat": FORMAT_PLAIN if any_row else FORMAT_MOODLE,
    }
