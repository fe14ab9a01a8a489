"""gradereport_user_get_grade_items: what a user has earned."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_course, enrolled_userids, has_capability, require_capability
from mock_moodle.course.activities import settings_of
from mock_moodle.errors import MissingRecord, MoodleError
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule, Grade, User
from mock_moodle.webservice.context import enter_course, get_course, require_active_user
from mock_moodle.webservice.registry import WARNINGS, Call, function

OPTIONAL = Presence.OPTIONAL

GRADED = ("quiz", "assign")
"""Kinds of activities that the mock grades."""
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
    "graderaw": Value("float", "Grade raw", OPTIONAL, nullable=True),
    "gradedatesubmitted": Value("int", "Grade submit date", OPTIONAL, nullable=True),
    "gradedategraded": Value("int", "Grade graded date", OPTIONAL, nullable=True),
    "gradehiddenbydate": Value("bool", "Grade hidden by date?", OPTIONAL),
    "gradeneedsupdate": Value("bool", "Grade needs update?", OPTIONAL),
    "gradeishidden": Value("bool", "Grade is hidden?", OPTIONAL),
    "gradeislocked": Value("bool", "Grade is locked?", OPTIONAL),
    "gradeisoverridden": Value("bool", "Grade overridden?", OPTIONAL),
    "gradeformatted": Value("raw", "The grade formatted", OPTIONAL),
    "grademin": Value("float", "Grade min", OPTIONAL),
    "grademax": Value("float", "Grade max", OPTIONAL),
    "rangeformatted": Value("raw", "Range formatted", OPTIONAL),
    "percentageformatted": Value("raw", "Percentage", OPTIONAL),
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
def get_grade_items(call: Call, courseid: int, userid: int, groupid: int) -> dict[str, Any]:  # noqa: ARG001 - groups see all
    course = get_course(courseid)
    enter_course(course, call.userid)
    context = context_course(course.id)
    require_capability("gradereport/user:view", context, call.userid)
    if userid:
        require_active_user(userid)
    if userid and userid != call.userid and not has_capability("moodle/grade:viewall", context, call.userid):
        raise MoodleError("nopermissiontoviewgrades", "Cannot view grades.")
    if userid != call.userid:
        require_capability("moodle/grade:viewall", context, call.userid)
    else:
        require_capability("moodle/grade:view", context, call.userid)
    wanted = [userid] if userid else [each for each in enrolled_userids(course.id) if _graded(course, each)]
    return {"usergrades": [_report(course, each) for each in wanted], "warnings": []}


def maximum_grade(cm: CourseModule) -> float:
    return float(settings_of(cm).get("grade", 100))


def grade_category(courseid: int) -> int:
    """Id of a course's own grade category: each is made with the course's first graded activity."""
    graded = select(func.count(func.distinct(CourseModule.course)))
    before = graded.where(CourseModule.modname.in_(GRADED), CourseModule.course <= courseid)
    return current.session.scalar(before) or 1


def _graded(course: Course, userid: int) -> bool:
    return has_capability("mod/quiz:attempt", context_course(course.id), userid, doanything=False)


def _report(course: Course, userid: int) -> dict[str, Any]:
    user = current.session.get(User, userid)
    if user is None:
        raise MissingRecord("user")
    graded = select(CourseModule).where(CourseModule.course == course.id, CourseModule.modname.in_(GRADED))
    items = [_item(cm, user.id, number) for number, cm in enumerate(current.session.scalars(graded), 2)]
    return {
        "courseid": course.id,
        "courseidnumber": course.idnumber,
        "userid": user.id,
        "userfullname": user.fullname,
        "useridnumber": user.idnumber,
        "maxdepth": 2,
        "gradeitems": [*items, _total(course, items)],
    }


def _item(cm: CourseModule, userid: int, number: int) -> dict[str, Any]:
    grade = current.session.get(Grade, (cm.course, cm.id, userid))
    maximum = maximum_grade(cm)
    return {
        **_values(grade.finalgrade if grade else None, maximum, grade.timemodified if grade else None),
        "id": number,
        "itemname": cm.name,
        "itemtype": "mod",
        "itemmodule": cm.modname,
        "iteminstance": cm.instance,
        "itemnumber": 0,
        "idnumber": cm.idnumber,
        "categoryid": grade_category(cm.course),
        "cmid": cm.id,
    }


def _total(course: Course, items: list[dict[str, Any]]) -> dict[str, Any]:
    earned = [item["graderaw"] for item in items if item["graderaw"] is not None]
    return {
        **_values(sum(earned) if earned else None, sum(item["grademax"] for item in items), None),
        "id": 1,
        "itemname": None,
        "itemtype": "course",
        "itemmodule": None,
        "iteminstance": course.id,
        "itemnumber": None,
        "idnumber": None,
        "categoryid": None,
    }


def _values(raw: float | None, maximum: float, graded: int | None) -> dict[str, Any]:
    return {
        "outcomeid": None,
        "scaleid": None,
        "locked": False,
        "graderaw": raw,
        "gradedatesubmitted": graded,
        "gradedategraded": graded,
        "gradehiddenbydate": False,
        "gradeneedsupdate": False,
        "gradeishidden": False,
        "gradeislocked": False,
        "gradeisoverridden": False,
        "gradeformatted": "-" if raw is None else f"{raw:.2f}",
        "grademin": 0.0,
        "grademax": maximum,
        "rangeformatted": f"0&ndash;{maximum:g}",
        "percentageformatted": "-" if raw is None or not maximum else f"{100 * raw / maximum:.2f} %",
        "feedback": "",
        "feedbackformat": 0,
    }
