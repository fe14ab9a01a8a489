"""core_course_get_course_module: one activity by its course module id, or by kind and instance."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_course, has_capability
from mock_moodle.errors import MissingByQuery, UnreadableTable, coding_error
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule, CourseSection
from mock_moodle.webservice.context import get_course, validate_module_context
from mock_moodle.webservice.gradebook import GRADED, gradebook_of, maximum_grade
from mock_moodle.webservice.registry import WARNINGS, Call, function
from mock_moodle.webservice.response import to_json
from mock_moodle.world.courses import STANDARD_MODULES, is_news_forum

OPTIONAL = Presence.OPTIONAL
INSTALLED = [name for name in STANDARD_MODULES if name != "qbank"]
"""Module types in the order of their ids; question banks came with 5.0."""
GRADING_AREAS = {"assign": "submissions", "forum": "forum"}
"""What an activity has graded by advanced methods."""


def _optional_ints(*names: str) -> dict[str, Schema]:
    return {name: Value("int", presence=OPTIONAL) for name in names}


_MODULE: dict[str, Schema] = {
    "id": Value("int", "The course module id"),
    "course": Value("int", "The course id"),
    "module": Value("int", "The module type id"),
    "name": Value("raw", "The activity name"),
    "modname": Value("component", "The module component name (forum, assign, etc..)"),
    "instance": Value("int", "The activity instance id"),
    "section": Value("int", "The module section id"),
    "sectionnum": Value("int", "The module section number"),
    "groupmode": Value("int", "Group mode"),
    "groupingid": Value("int", "Grouping id"),
    "completion": Value("int", "If completion is enabled"),
    "idnumber": Value("raw", "Module id number", OPTIONAL, nullable=True),
    **_optional_ints("added", "score", "indent", "visible", "visibleoncoursepage", "visibleold"),
    "completiongradeitemnumber": Value("int", "Completion grade item", OPTIONAL, nullable=True),
    **_optional_ints("completionpassgrade", "completionview", "completionexpected", "showdescription"),
    "downloadcontent": Value("int", "The download content value", OPTIONAL),
    "availability": Value("raw", "Availability settings", OPTIONAL, nullable=True),
    "grade": Value("float", "Grade (max value or scale id)", OPTIONAL),
    "scale": Value("raw", "Scale items (if used)", OPTIONAL),
    "gradepass": Value("raw", "Grade to pass (float)", OPTIONAL),
    **_optional_ints("gradecat"),
    "advancedgrading": Multiple(
        Single({"area": Value("alphanumext"), "method": Value("component", nullable=True)}),
        "Advanced grading settings",
        OPTIONAL,
    ),
    "outcomes": Multiple(Value("raw"), "Outcomes information", OPTIONAL),
}


@function(
    "core_course_get_course_module",
    {"cmid": Value("int", "The course module id")},
    Single({"cm": Single(_MODULE), "warnings": WARNINGS}),
)
def get_course_module(call: Call, cmid: int) -> dict[str, Any]:
    cm = current.session.get(CourseModule, cmid)
    if cm is None:
        raise MissingByQuery
    return {"cm": _course_module(cm, call.userid), "warnings": []}


@function(
    "core_course_get_course_module_by_instance",
    {"module": Value("component", "The module name"), "instance": Value("int", "The module instance id")},
    Single({"cm": Single(_MODULE), "warnings": WARNINGS}),
)
def get_course_module_by_instance(call: Call, module: str, instance: int) -> dict[str, Any]:
    if not re.fullmatch("[a-z][a-z0-9]*", module):
        raise coding_error("Invalid modulename parameter")
    if module not in INSTALLED:
        raise UnreadableTable  # Moodle looks into the table of that name
    cm = current.session.scalar(
        select(CourseModule).where(CourseModule.modname == module, CourseModule.instance == instance)
    )
    if cm is None:
        raise MissingByQuery
    return {"cm": _course_module(cm, call.userid), "warnings": []}


def _course_module(cm: CourseModule, userid: int) -> dict[str, Any]:
    validate_module_context(cm, userid)
    section = current.session.get_one(CourseSection, cm.section)
    values: dict[str, Any] = {
        "id": cm.id,
        "course": cm.course,
        "module": _module_number(cm.modname),
        "name": cm.name,
        "modname": cm.modname,
        "instance": cm.instance,
        "section": cm.section,
        "sectionnum": section.section,
        "groupmode": cm.groupmode,
        "groupingid": cm.groupingid,
        "completion": cm.completion,
        "downloadcontent": 1,
    }
    course = get_course(cm.course)
    if has_capability("moodle/course:manageactivities", context_course(course.id), userid):
        values |= {
            "idnumber": cm.idnumber or (None if is_news_forum(cm) else ""),
            "added": cm.added,
            "score": 0,
            "indent": cm.indent,
            "visible": int(cm.visible),
            "visibleoncoursepage": int(cm.visibleoncoursepage),
            "visibleold": int(cm.visible),
            "completionview": 0,
            "completionexpected": 0,
            "showdescription": int(bool(cm.settings.get("showdescription"))),
            "completiongradeitemnumber": None,
            "completionpassgrade": 0,
            "availability": cm.availability and to_json(cm.availability).decode(),
        }
        if (area := GRADING_AREAS.get(cm.modname)) is not None:
            values["advancedgrading"] = [{"area": area, "method": None}]
        if cm.modname in GRADED:
            values |= {"grade": maximum_grade(cm), "gradepass": "0.00", "gradecat": gradebook_of(course).category}
    return values


def _module_number(modname: str) -> int:
    """Id of the module's type: they are numbered by name at installation."""
    return INSTALLED.index(modname) + 1
