"""core_course_get_enrolled_courses_by_timeline_classification: the cards of the dashboard's course overview."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.course.completion import progress_percentage
from mock_moodle.course.enrolled import active_courses
from mock_moodle.errors import InvalidParameter, coding_error
from mock_moodle.geopattern import picture_of
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseAccess, CourseCategory
from mock_moodle.webservice.registry import Call, function

EVERYTHING = ("all", "allincludinghidden")
PERIODS = ("past", "inprogress", "future")
PERSONAL = ("favourites", "hidden", "customfield")
"""By marks that nobody can set here: always empty."""
SEARCH = "search"
SORTABLE = (
    "id", "category", "sortorder", "fullname", "shortname", "idnumber", "summary", "format", "startdate", "enddate",
    "visible", "timecreated", "timemodified",
)  # fmt: skip
EXPORTED = frozenset(
    {
        "id", "fullname", "shortname", "idnumber", "summary", "summaryformat", "startdate", "enddate", "visible",
        "showactivitydates", "showcompletionconditions", "pdfexportfont",
    }
)  # fmt: skip
"""What `requiredfields` can name."""

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
    php="core_course_external::get_enrolled_courses_by_timeline_classification",
)
def get_enrolled_courses_by_timeline_classification(
    call: Call,
    classification: str,
    limit: int,
    offset: int,
    sort: str | None,
    searchvalue: str | None,
    requiredfields: list[str],
    **_: Any,
) -> dict[str, Any]:
    """The offset counts courses before the classification chooses among them, as in Moodle."""
    if classification not in (*EVERYTHING, *PERIODS, *PERSONAL, SEARCH):
        raise InvalidParameter("Invalid classification")
    courses = _sorted(active_courses(call.userid), sort or "", call.userid)
    plain = classification != "customfield"
    if courses and plain and "enddate" not in requiredfields and not EXPORTED.isdisjoint(requiredfields):
        raise coding_error("Unexpected property enddate")  # Moodle leaves it out of the query, and misses it then
    if sort == "":
        raise coding_error("Invalid $sort parameter in enrol_get_my_courses()")
    if classification == SEARCH:
        courses = [course for course in courses if _mentions(course, searchvalue or "")]
    chosen: list[Course] = []
    seen = offset
    for course in courses[max(offset, 0) :]:
        seen += 1
        if classification in (*EVERYTHING, SEARCH) or classification == _period(course):
            chosen.append(course)
        if limit and len(chosen) >= limit:
            break
    return {
        "courses": [_card(course, call.userid) for course in chosen],
        "nextoffset": seen if plain else offset,
    }


def _sorted(courses: list[Course], sort: str, userid: int) -> list[Course]:
    """By `sort` as SQL has it: "fullname desc, ul.timeaccess"."""
    for part in reversed([words for each in sort.split(",") if (words := each.split())]):
        field = part[0].removeprefix("c.")
        direction = part[1].lower() if len(part) > 1 else "asc"
        if len(part) == len(("field", "direction")) and direction not in ("asc", "desc"):
            raise coding_error("Invalid sort direction in $sort parameter in enrol_get_my_courses()")
        if len(part) > len(("field", "direction")) or field not in (*SORTABLE, "timeaccess", "ul.timeaccess"):
            raise coding_error("Invalid $sort parameter in enrol_get_my_courses()")
        keys = {course.id: _sort_key(course, field, userid) for course in courses}
        courses = sorted(courses, key=lambda course: keys[course.id], reverse=direction == "desc")
    return sorted(courses, key=lambda course: not course.visible)


def _sort_key(course: Course, field: str, userid: int) -> Any:
    if field not in SORTABLE:
        access = current.session.get(CourseAccess, (userid, course.id))
        return access.timeaccess if access else 0
    value = getattr(course, field)
    return value.casefold() if isinstance(value, str) else value


def _mentions(course: Course, words: str) -> bool:
    return words.casefold() in f"{course.fullname} {course.shortname} {course.idnumber} {course.summary}".casefold()


def _period(course: Course) -> str:
    now = current.clock.time()
    if course.startdate > now:
        return "future"
    return "past" if course.enddate and course.enddate < now else "inprogress"


def _image(course: Course) -> str:
    """The pattern itself, not its address."""
    return f"data:image/svg+xml;base64,{b64encode(picture_of(course.id).encode()).decode()}"


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
        "showcompletionconditions": True if course.enablecompletion else None,
        "pdfexportfont": "",
        "fullnamedisplay": course.fullname,
        "viewurl": f"{current.site.wwwroot}/course/view.php?id={course.id}",
        "courseimage": _image(course),
        "progress": int(progress or 0),
        "hasprogress": progress is not None,
        "isfavourite": False,
        "hidden": False,
        "showshortname": False,
        "coursecategory": category.name if category else "",
    }
    return {**card, "timeaccess": access.timeaccess} if access else card
