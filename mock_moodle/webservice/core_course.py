"""core_course_*: courses and modules by id or field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, func, or_, select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import can_access_course, context_course, has_capability, is_enrolled, require_capability
from mock_moodle.errors import InvalidParameter, PhpError
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.collation import same
from mock_moodle.store.core import Course, CourseSection, Role, RoleAssignment, User
from mock_moodle.webservice.clean import clean_param
from mock_moodle.webservice.context import enter_course
from mock_moodle.webservice.courses_asked import courses_asked
from mock_moodle.webservice.php import to_int
from mock_moodle.webservice.registry import FILES, WARNINGS, Call, function
from mock_moodle.webservice.user_details import COURSE_CONTACT

OPTIONAL = Presence.OPTIONAL


def _optional_ints(*names: str) -> dict[str, Schema]:
    return {name: Value("int", presence=OPTIONAL) for name in names}


_FORMAT_OPTIONS = Multiple(
    Single({"name": Value("raw", "course format option name"), "value": Value("raw", "its value")}),
    "additional options for particular course format",
    OPTIONAL,
)
CUSTOM_FIELDS = Multiple(
    Single(
        {
            "name": Value("raw"),
            "shortname": Value("raw"),
            "type": Value("component"),
            "valueraw": Value("raw"),
            "value": Value("raw"),
        }
    ),
    "Custom fields and associated values",
    OPTIONAL,
)
SECTIONED = ("topics", "weeks")
"""Formats whose options the mock knows."""
COURSES_IN_CATEGORY = 10_000
_COURSE: dict[str, Schema] = {
    "id": Value("int", "course id"),
    "shortname": Value("raw", "course short name"),
    "categoryid": Value("int", "category id"),
    **_optional_ints("categorysortorder"),
    "fullname": Value("raw", "full name"),
    "displayname": Value("raw", "course display name"),
    "idnumber": Value("raw", "id number", OPTIONAL),
    "summary": Value("raw", "summary"),
    "summaryformat": Value("int", "summary format"),
    "format": Value("plugin", "course format: weeks, topics, social, site,.."),
    **_optional_ints("showgrades", "newsitems"),
    "startdate": Value("int", "timestamp when the course start"),
    "enddate": Value("int", "timestamp when the course end"),
    **_optional_ints(
        "numsections", "maxbytes", "showreports", "visible", "hiddensections", "groupmode", "groupmodeforce",
        "defaultgroupingid", "timecreated", "timemodified", "enablecompletion", "completionnotify",
    ),
    "lang": Value("safedir", "forced course language", OPTIONAL),
    "forcetheme": Value("plugin", "name of the force theme", OPTIONAL),
    "courseformatoptions": _FORMAT_OPTIONS,
    "showactivitydates": Value("bool", "Whether the activity dates are shown or not"),
    "showcompletionconditions": Value("bool", "Whether the activity completion conditions are shown", nullable=True),
    "customfields": CUSTOM_FIELDS,
}  # fmt: skip


@function(
    "core_course_get_courses",
    {
        "options": Single(
            {"ids": Multiple(Value("int", "Course id"), "List of course id.", OPTIONAL)},
            "options - operator OR is used",
            Presence.DEFAULT,
            {},
        )
    },
    Multiple(Single(_COURSE)),
    ajax=True,
)
def get_courses(call: Call, options: dict[str, list[int]]) -> list[dict[str, Any]]:
    wanted = select(Course).order_by(Course.id)
    if "ids" in options:
        wanted = wanted.where(Course.id.in_(options["ids"]))
    found = []
    for course in current.session.scalars(wanted):
        if course.id != SITE_COURSE_ID:
            enter_course(course.id, call.userid)
            require_capability("moodle/course:view", context_course(course.id), call.userid)
        found.append(_course(course, call.userid))
    return found


def _course(course: Course, userid: int) -> dict[str, Any]:
    site = course.id == SITE_COURSE_ID
    values: dict[str, Any] = {
        "id": course.id,
        "shortname": course.shortname,
        "categoryid": course.category,
        "fullname": course.fullname,
        "displayname": course.fullname,
        "summary": course.summary,
        "summaryformat": 0 if site else course.summaryformat,
        "format": course.format,
        "startdate": course.startdate,
        "enddate": course.enddate,
        "showactivitydates": False,
        "showcompletionconditions": True if course.enablecompletion and not site else None,
    }
    if site:
        values["numsections"] = 1
    if has_capability("moodle/course:update", context_course(course.id), userid):
        values |= {
            "categorysortorder": sort_order(course),
            "idnumber": course.idnumber,
            "showgrades": int(course.showgrades),
            "showreports": 0,
            "newsitems": course.newsitems,
            "visible": int(course.visible),
            "maxbytes": course.maxbytes,
            "groupmode": course.groupmode,
            "groupmodeforce": course.groupmodeforce,
            "defaultgroupingid": 0,
            "lang": course.lang,
            "timecreated": course.timecreated,
            "timemodified": course.timemodified,
            "forcetheme": course.theme,
            "enablecompletion": int(course.enablecompletion),
            "completionnotify": 0,
            "courseformatoptions": format_options(course),
        }
        if course.format in SECTIONED:
            values |= {"hiddensections": 1, "numsections": last_section(course)}
    return values


_COURSE_BY_FIELD: dict[str, Schema] = {
    "id": Value("int", "course id"),
    "fullname": Value("raw", "course full name"),
    "displayname": Value("raw", "course display name"),
    "shortname": Value("raw", "course short name"),
    "courseimage": Value("url", "Course image", OPTIONAL),
    "categoryid": Value("int", "category id"),
    "categoryname": Value("raw", "category name"),
    **_optional_ints("sortorder"),
    "summary": Value("raw", "summary"),
    "summaryformat": Value("int", "summary format"),
    "summaryfiles": FILES,
    "overviewfiles": FILES,
    "showactivitydates": Value("bool", "Whether the activity dates are shown or not"),
    "showcompletionconditions": Value("bool", "Whether the activity completion conditions are shown", nullable=True),
    "contacts": Multiple(
        Single({"id": Value("int", "contact user id"), "fullname": Value("notags", "contact user fullname")}),
        "contact users",
    ),
    "enrollmentmethods": Multiple(Value("plugin", "enrollment method"), "enrollment methods list"),
    "customfields": CUSTOM_FIELDS,
    "idnumber": Value("raw", "Id number", OPTIONAL),
    "format": Value("plugin", "Course format: weeks, topics, social, site,..", OPTIONAL),
    **_optional_ints("showgrades", "newsitems", "startdate", "enddate", "maxbytes", "showreports", "visible"),
    **_optional_ints("groupmode", "groupmodeforce", "defaultgroupingid", "enablecompletion", "completionnotify"),
    "lang": Value("safedir", "Forced course language", OPTIONAL),
    "theme": Value("plugin", "Fame of the forced theme", OPTIONAL),
    **_optional_ints("marker", "legacyfiles"),
    "calendartype": Value("plugin", "Calendar type", OPTIONAL),
    **_optional_ints("timecreated", "timemodified", "requested", "cacherev"),
    "filters": Multiple(
        Single({"filter": Value("plugin"), "localstate": Value("int"), "inheritedstate": Value("int")}),
        "Course filters",
        OPTIONAL,
    ),
    "courseformatoptions": _FORMAT_OPTIONS,
    "communicationroomname": Value("raw", "Communication tool room name.", OPTIONAL),
    "communicationroomurl": Value("raw", "Communication tool room URL.", OPTIONAL),
}
FILTERS = ("displayh5p", "activitynames", "mathjaxloader", "emoticon", "urltolink", "mediaplugin")
"""Text filters that a new site has switched on."""
_FIELDS = {"id": Course.id, "shortname": Course.shortname, "idnumber": Course.idnumber, "category": Course.category}


@function(
    "core_course_get_courses_by_field",
    {
        "field": Value("alpha", "The field to search can be left empty for all courses", Presence.DEFAULT, ""),
        "value": Value("raw", "The value to match", Presence.DEFAULT, ""),
    },
    Single({"courses": Multiple(Single(_COURSE_BY_FIELD)), "warnings": WARNINGS}),
)
def get_courses_by_field(call: Call, field: str, value: str) -> dict[str, Any]:
    wanted = select(Course).order_by(Course.id)
    if field in ("id", "category"):
        wanted = wanted.where(_FIELDS[field] == to_int(value))
    elif field == "sectionid":
        wanted = wanted.where(
            Course.id == select(CourseSection.course).where(CourseSection.id == to_int(value)).scalar_subquery()
        )
    elif field == "ids":
        sent = str(clean_param(value, "sequence")).split(",")
        return _in_order(dict.fromkeys(to_int(each) for each in sent), call.userid)
    elif field in _FIELDS:
        wanted = wanted.where(same(_FIELDS[field], value))
    elif field:
        raise InvalidParameter("Invalid field name")
    return {"courses": _listed(current.session.scalars(wanted), call.userid), "warnings": []}


def _in_order(ids: Iterable[int], userid: int) -> dict[str, Any]:
    """As asked for; one that does not exist brings the function down."""
    found = [current.session.get(Course, course_id) for course_id in ids]
    courses = [course for course in found if course is not None]
    if len(courses) < len(found):
        raise PhpError("Error", 'Attempt to assign property "contextvalidated" on null')
    _, warnings = courses_asked([course.id for course in courses], userid)
    return {"courses": _listed(courses, userid), "warnings": warnings}


def _listed(courses: Iterable[Course], userid: int) -> list[dict[str, Any]]:
    return [_by_field(course, userid) for course in courses if course.visible or _sees_hidden(course, userid)]


def _sees_hidden(course: Course, userid: int) -> bool:
    return has_capability("moodle/course:viewhiddencourses", context_course(course.id), userid)


def _by_field(course: Course, userid: int) -> dict[str, Any]:
    site = course.id == SITE_COURSE_ID
    values: dict[str, Any] = {
        "id": course.id,
        "fullname": course.fullname,
        "displayname": course.fullname,
        "shortname": course.shortname,
        "courseimage": course_image(course),
        "categoryid": course.category,
        "categoryname": "" if site else f"Category {course.category}",
        "sortorder": sort_order(course),
        "summary": course.summary,
        "summaryformat": 0 if site else course.summaryformat,
        "summaryfiles": [],
        "overviewfiles": [],
        "showactivitydates": False,
        "showcompletionconditions": True if course.enablecompletion and not site else None,
        "contacts": [] if site else _contacts(course),
        "enrollmentmethods": [] if site else ["manual"],
    }
    if can_access_course(course, userid):
        values |= {
            "format": course.format,
            "showgrades": int(course.showgrades),
            "newsitems": course.newsitems,
            "startdate": course.startdate,
            "enddate": course.enddate,
            "maxbytes": course.maxbytes,
            "showreports": 0,
            "visible": int(course.visible),
            "groupmode": course.groupmode,
            "groupmodeforce": course.groupmodeforce,
            "defaultgroupingid": 0,
            "enablecompletion": int(course.enablecompletion),
            "completionnotify": 0,
            "lang": course.lang,
            "theme": course.theme,
            "marker": 0,
            "filters": [{"filter": name, "localstate": 0, "inheritedstate": 1} for name in FILTERS],
        }
        if course.format in SECTIONED:
            values["courseformatoptions"] = [*format_options(course), {"name": "indentation", "value": "1"}]
    if has_capability("moodle/course:update", context_course(course.id), userid):
        values |= {
            "idnumber": course.idnumber,
            "legacyfiles": 0,
            "calendartype": "",
            "timecreated": course.timecreated,
            "timemodified": course.timemodified,
            "requested": 0,
            "cacherev": course.timemodified,
        }
    return values


def _contacts(course: Course) -> list[dict[str, Any]]:
    """Who teaches it, by name."""
    teachers = (
        select(User)
        .join(RoleAssignment, RoleAssignment.userid == User.id)
        .join(Role, Role.id == RoleAssignment.roleid)
        .where(RoleAssignment.contextid == context_course(course.id).id, Role.shortname == COURSE_CONTACT)
        .order_by(User.lastname, User.firstname, User.id)
    )
    enrolled = [user for user in current.session.scalars(teachers) if is_enrolled(course.id, user.id)]
    return [{"id": user.id, "fullname": user.fullname} for user in enrolled]


def format_options(course: Course) -> list[dict[str, Any]]:
    if course.id == SITE_COURSE_ID:
        return [{"name": "numsections", "value": 1}]
    if course.format not in SECTIONED:
        return []
    options = [{"name": "hiddensections", "value": 1}, {"name": "coursedisplay", "value": 0}]
    return [*options, {"name": "automaticenddate", "value": 1}] if course.format == "weeks" else options


def last_section(course: Course) -> int:
    return current.session.scalar(select(func.max(CourseSection.section)).where(CourseSection.course == course.id)) or 0


def sort_order(course: Course) -> int:
    """Categories count in ten thousands, and a new course comes first in its own."""
    if course.id == SITE_COURSE_ID:
        return 1
    before = select(func.count()).where(
        Course.category == course.category,
        or_(
            Course.sortorder < course.sortorder,
            and_(Course.sortorder == course.sortorder, Course.id > course.id),
        ),
    )
    return COURSES_IN_CATEGORY * course.category + (current.session.scalar(before) or 0) + 1


def course_image(course: Course) -> str:
    return f"{current.site.wwwroot}/pluginfile.php/{context_course(course.id).id}/course/generated/course.svg"
