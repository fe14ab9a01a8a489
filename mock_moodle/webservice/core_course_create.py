"""core_course_create_courses and enrol_manual_enrol_users: building a site through the web service."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from contract.webservice import Multiple, Presence, Single, Value
from mock_moodle.access import (
    context_course,
    context_coursecat,
    context_system,
    create_context,
    has_capability,
    require_capability,
    role_ids,
)
from mock_moodle.errors import InvalidParameter, MoodleError
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.core import (
    COURSE,
    Context,
    Course,
    CourseCategory,
    CourseSection,
    Enrolment,
    Role,
    RoleAssignment,
)
from mock_moodle.webservice.context import (
    existing_course,
    existing_user,
    get_course,
    require_active_user,
    supported_format,
    validate_course_context,
)
from mock_moodle.webservice.registry import Call, function

OPTIONAL, DEFAULT = Presence.OPTIONAL, Presence.DEFAULT
YEAR_SECONDS = 365 * 86_400
"""How long a course lasts unless it is said, as a new site is set."""
LANGUAGES = ("", "en")


@function(
    "core_course_create_courses",
    {
        "courses": Multiple(
            Single(
                {
                    "fullname": Value("text", "full name"),
                    "shortname": Value("text", "course short name"),
                    "categoryid": Value("int", "category id"),
                    "idnumber": Value("raw", "id number", OPTIONAL),
                    "summary": Value("raw", "summary", OPTIONAL),
                    "summaryformat": Value("int", "summary format", DEFAULT, 1),
                    "format": Value("plugin", "course format", DEFAULT, "topics"),
                    "showgrades": Value("int", "1 if grades are shown, otherwise 0", DEFAULT, 1),
                    "newsitems": Value("int", "number of recent items appearing on the course page", DEFAULT, 5),
                    "startdate": Value("int", "timestamp when the course start", OPTIONAL),
                    "enddate": Value("int", "timestamp when the course end", OPTIONAL),
                    "numsections": Value("int", "(deprecated) number of weeks/topics", OPTIONAL),
                    "maxbytes": Value("int", "largest size of file that can be uploaded", DEFAULT, 0),
                    "showreports": Value("int", "are activity report shown", DEFAULT, 0),
                    "visible": Value("int", "1: available to student, 0: not available", OPTIONAL),
                    "hiddensections": Value("int", "(deprecated) How the hidden sections are displayed", OPTIONAL),
                    "groupmode": Value("int", "no group, separate, visible", DEFAULT, 0),
                    "groupmodeforce": Value("int", "1: yes, 0: no", DEFAULT, 0),
                    "defaultgroupingid": Value("int", "default grouping id", DEFAULT, 0),
                    "enablecompletion": Value(
                        "int", "Enabled, control via completion and activity settings.", OPTIONAL
                    ),
                    "completionnotify": Value("int", "1: yes 0: no", OPTIONAL),
                    "lang": Value("safedir", "forced course language", OPTIONAL),
                    "forcetheme": Value("plugin", "name of the force theme", OPTIONAL),
                    "courseformatoptions": Multiple(
                        Single({"name": Value("alphanumext", "option name"), "value": Value("raw", "option value")}),
                        "additional options for particular course format",
                        OPTIONAL,
                    ),
                    "customfields": Multiple(
                        Single({"shortname": Value("alphanumext", "short name"), "value": Value("raw", "value")}),
                        "custom fields for the course",
                        OPTIONAL,
                    ),
                }
            ),
            "courses to create",
        )
    },
    Multiple(Single({"id": Value("int", "course id"), "shortname": Value("raw", "short name")})),
    type="write",
)
def create_courses(call: Call, courses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_create(call.userid, spec) for spec in courses]


def _create(userid: int, spec: dict[str, Any]) -> dict[str, Any]:
    session = current.session
    if session.get(CourseCategory, spec["categoryid"]) is None:
        raise MoodleError(
            "errorcatcontextnotvalid",
            f"You cannot execute functions in the category context (category id:{spec['categoryid']})."
            f" The context error message was: {InvalidParameter().message}",
        )
    category = context_coursecat(spec["categoryid"])
    require_capability("moodle/course:create", category, userid)
    for name, wrong in (
        ("shortname", not spec["shortname"]),
        ("fullname", not spec["fullname"]),
        ("lang", spec.get("lang", "") not in LANGUAGES),
    ):
        if wrong:
            raise MoodleError("errorinvalidparam", f'The param "{name}" is invalid.')
    if spec.get("enddate") and spec["enddate"] < spec.get("startdate", current.clock.time()):
        raise MoodleError("enddatebeforestartdate", "The course end date must be after the start date.")
    supported_format(spec["summaryformat"])
    for field, code in (("shortname", "shortnametaken"), ("idnumber", "courseidnumbertaken")):
        if spec.get(field) and session.scalar(select(Course.id).where(getattr(Course, field) == spec[field])):
            label = "Short name" if field == "shortname" else "ID number"
            raise MoodleError(code, f"{label} is already used for another course ({spec[field]})")
    now = current.clock.time()
    course = Course(category=spec["categoryid"], shortname=spec["shortname"], fullname=spec["fullname"])
    course.timecreated = course.timemodified = now
    course.startdate = spec.get("startdate", now)
    course.enddate = course.startdate + YEAR_SECONDS
    for name in (
        "idnumber",
        "summary",
        "summaryformat",
        "format",
        "newsitems",
        "enddate",
        "maxbytes",
        "groupmode",
        "groupmodeforce",
        "lang",
    ):
        if name in spec:
            setattr(course, name, spec[name])
    course.showgrades = bool(spec["showgrades"])
    course.visible = bool(spec.get("visible", 1))
    course.enablecompletion = bool(spec.get("enablecompletion", 1))
    session.add(course)
    session.flush()
    create_context(COURSE, course.id, category)
    for number in range(spec.get("numsections", 0) + 1):
        session.add(CourseSection(course=course.id, section=number))
    return {"id": course.id, "shortname": course.shortname}


_ENROLMENTS = Multiple(
    Single(
        {
            "roleid": Value("int", "Role to assign to the user"),
            "userid": Value("int", "The user that is going to be enrolled"),
            "courseid": Value("int", "The course to enrol the user role in"),
            "timestart": Value("int", "Timestamp when the enrolment start", OPTIONAL),
            "timeend": Value("int", "Timestamp when the enrolment end", OPTIONAL),
            "suspend": Value("int", "set to 1 to suspend the enrolment", OPTIONAL),
        }
    )
)


@function("enrol_manual_enrol_users", {"enrolments": _ENROLMENTS}, None, type="write")
def enrol_users(call: Call, enrolments: list[dict[str, int]]) -> None:
    session = current.session
    for spec in enrolments:
        course = existing_course(spec["courseid"])
        validate_course_context(course, call.userid)
        context = context_course(course.id)
        require_capability("enrol/manual:enrol", context, call.userid)
        require_active_user(spec["userid"])
        role = session.get(Role, spec["roleid"])
        if role is None or not _may_assign(role, context, call.userid):
            whom = f"this role ({spec['roleid']}) to this user ({spec['userid']}) in this course ({course.id})"
            raise MoodleError("wsusercannotassign", f"You don't have the permission to assign {whom}.")
        if course.id == SITE_COURSE_ID:
            missing = "Manual enrolment plugin instance doesn't exist or is disabled for the course"
            raise MoodleError("wsnoinstance", f"{missing} (id = {course.id})")
        wanted = select(Enrolment).where(Enrolment.courseid == course.id, Enrolment.userid == spec["userid"])
        row = session.scalar(wanted) or Enrolment(courseid=course.id, userid=spec["userid"])
        row.status = int(bool(spec.get("suspend")))
        row.timestart, row.timeend = spec.get("timestart", 0), spec.get("timeend", 0)
        session.add(row)
        assigned = select(RoleAssignment.id).where(
            RoleAssignment.contextid == context.id,
            RoleAssignment.userid == spec["userid"],
            RoleAssignment.roleid == spec["roleid"],
        )
        if session.scalar(assigned) is None:
            session.add(RoleAssignment(contextid=context.id, userid=spec["userid"], roleid=spec["roleid"]))
        session.flush()


ASSIGNED_BY = {"editingteacher": ("teacher", "student")}
"""Which roles a role may give; who may change the site gives any."""


def _may_assign(role: Role, context: Context, userid: int) -> bool:
    if has_capability("moodle/role:manage", context_system(), userid):
        return True
    own = current.session.scalars(select(Role.archetype).where(Role.id.in_(role_ids(userid, context))))
    return any(role.archetype in ASSIGNED_BY.get(each or "", ()) for each in own)


@function(
    "enrol_manual_unenrol_users",
    {
        "enrolments": Multiple(
            Single(
                {
                    "userid": Value("int", "The user that is going to be unenrolled"),
                    "courseid": Value("int", "The course to unenrol the user from"),
                    "roleid": Value("int", "The user role", OPTIONAL),
                }
            )
        )
    },
    None,
    type="write",
)
def unenrol_users(call: Call, enrolments: list[dict[str, int]]) -> None:
    for spec in enrolments:
        course = get_course(spec["courseid"])
        validate_course_context(course, call.userid)
        context = context_course(course.id)
        require_capability("enrol/manual:unenrol", context, call.userid)
        existing_user(spec["userid"])
        current.session.execute(
            delete(Enrolment).where(Enrolment.courseid == course.id, Enrolment.userid == spec["userid"])
        )
        current.session.execute(
            delete(RoleAssignment).where(
                RoleAssignment.contextid == context.id, RoleAssignment.userid == spec["userid"]
            )
        )
