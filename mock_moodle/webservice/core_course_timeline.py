"""core_course_get_enrolled_courses_by_timeline_classification: the cards of the dashboard's course overview."""

from __future__ import annotations

from typing import Any

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.course.completion import progress_percentage
from mock_moodle.errors import InvalidParameter
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseAccess, CourseCategory
from mock_moodle.webservice.core_course import course_image
from mock_moodle.webservice.registry import Call, function
from mock_moodle.webservice.user_details import courses_of

EVERYTHING = ("all", "allincludinghidden")
PERIODS = ("past", "inprogress", "future")
PERSONAL = ("favourites", "hidden", "customfield")
"""By marks that nobody can set here: always empty."""
SEARCH = "search"

_CARD: dict[str, Schema] = {
    "id": Value("int"),
    "fullname": Value("text"),
    "shortname": Value("text"),
    "idnumber": Value("raw"),
    "summary": Value("raw", nullable=True),
    "summaryformat": Value("int"),
    "startdate": Value("int"),
    "enddate": Value("int"),
    "visible": Value("bool"),
    "showactivitydates": Value("bool", nullable=True),
    "showcompletionconditions": Value("bool", nullable=True),
    "pdfexportfont": Value("text", nullable=True),
    "fullnamedisplay": Value("text"),
    "viewurl": Value("url"),
    "courseimage": Value("raw"),
    "progress": Value("int", presence=Presence.OPTIONAL),
    "hasprogress": Value("bool"),
    "isfavourite": Value("bool"),
    "hidden": Value("bool"),
    "timeaccess": Value("int", presence=Presence.OPTIONAL),
    "showshortname": Value("bool"),
    "coursecategory": Value("text"),
}


def _default(param: str, description: str) -> Value:
    return Value(param, description, Presence.DEFAULT, None, nullable=True)  # type: ignore[arg-type]


@function(
    "core_course_get_enrolled_courses_by_timeline_classification",
    {
        "classification": Value("alpha", "future, inprogress, or past"),
        "limit": Value("int", "Result set limit", Presence.DEFAULT, 0),
        "offset": Value("int", "Result set offset", Presence.DEFAULT, 0),
        "sort": _default("text", "Sort string"),
        "customfieldname": _default("alphanumext", "Used when classification = customfield"),
        "customfieldvalue": _default("raw", "Used when classification = customfield"),
        "searchvalue": _default("raw", "The value a user wishes to search against"),
        "requiredfields": Multiple(
            Value("alphanumext", "Field name to be included from the results"),
            "Array of the only field names that need to be returned. If empty, all fields will be returned.",
            Presence.DEFAULT,
            (),
        ),
    },
    Single({"courses": Multiple(Single(_CARD), "Course"), "nextoffset": Value("int", "Offset for the next request")}),
    ajax=True,
)
def get_enrolled_courses_by_timeline_classification(
    call: Call, classification: str, limit: int, offset: int, sort: str | None, searchvalue: str | None, **_: Any
) -> dict[str, Any]:
    """The offset counts courses before the classification chooses among them, as in Moodle."""
    if classification not in (*EVERYTHING, *PERIODS, *PERSONAL, SEARCH):
        raise InvalidParameter("Invalid classification")
    courses = courses_of(call.userid)
    if sort in ("fullname", "shortname"):
        courses.sort(key=lambda course: str(getattr(course, sort)).casefold())
    if classification == SEARCH:
        courses = [course for course in courses if _mentions(course, searchvalue or "")]
    chosen: list[Course] = []
    seen = offset
    for course in courses[offset:]:
        if limit and len(chosen) == limit:
            break
        seen += 1
        if classification in (*EVERYTHING, SEARCH) or classification == _period(course):
            chosen.append(course)
    return {
        "courses": [_card(course, call.userid) for course in chosen],
        "nextoffset": seen if classification != "customfield" else 0,
    }


def _mentions(course: Course, words: str) -> bool:
    return words.casefold() in f"{course.fullname} {course.shortname} {course.idnumber} {course.summary}".casefold()


def _period(course: Course) -> str:
    now = current.clock.time()
    if course.startdate > now:
        return "future"
    return "past" if course.enddate and course.enddate < now else "inprogress"


def _card(course: Course, userid: int) -> dict[str, Any]:
    progress = progress_percentage(course, userid) if course.enablecompletion else None
    category = current.session.get(CourseCategory, course.category)
    access = current.session.get(CourseAccess, (userid, course.id))
    card = {
        "id": course.id,
        "fullname": course.fullname,
        "shortname": course.shortname,
        "idnumber": course.idnumber,
        "summary": course.summary,
        "summaryformat": course.summaryformat,
        "startdate": course.startdate,
        "enddate": course.enddate,
        "visible": course.visible,
        "showactivitydates": False,
        "showcompletionconditions": True,
        "pdfexportfont": "",
        "fullnamedisplay": course.fullname,
        "viewurl": f"{current.site.wwwroot}/course/view.php?id={course.id}",
        "courseimage": course_image(course),
        "progress": int(progress or 0),
        "hasprogress": progress is not None,
        "isfavourite": False,
        "hidden": False,
        "showshortname": False,
        "coursecategory": category.name if category else "",
    }
    return {**card, "timeaccess": access.timeaccess} if access else card
