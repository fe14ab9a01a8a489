"""core_enrol_*: whose courses, whose participants."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import (
    context_course,
    context_system,
    context_user,
    enrolled_userids,
    has_capability,
    is_enrolled,
    require_capability,
)
from mock_moodle.course.completion import progress_percentage
from mock_moodle.course.enrolled import active_courses
from mock_moodle.errors import InvalidParameter, MoodleError, coding_error
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.core import Course, CourseAccess, Enrolment, Group, GroupMember, User
from mock_moodle.webservice.clean import clean_param
from mock_moodle.webservice.context import enter_course, get_course
from mock_moodle.webservice.core_course import course_image
from mock_moodle.webservice.evolution import without
from mock_moodle.webservice.php import to_int
from mock_moodle.webservice.registry import FILES, Call, function
from mock_moodle.webservice.user_details import PARTICIPANT, can_view_details, user_details

OPTIONAL = Presence.OPTIONAL
SEPARATE_GROUPS = 1

_COURSE: dict[str, Schema] = {
    "id": Value("int", "id of course"),
    "shortname": Value("raw", "short name of course"),
    "fullname": Value("raw", "long name of course"),
    "displayname": Value("raw", "course display name for lists."),
    "enrolledusercount": Value("int", "Number of enrolled users in this course", OPTIONAL),
    "idnumber": Value("raw", "id number of course"),
    "visible": Value("int", "1 means visible, 0 means not yet visible course"),
    "summary": Value("raw", "summary", OPTIONAL),
    "summaryformat": Value("int", "summary format", OPTIONAL),
    "format": Value("plugin", "course format: weeks, topics, social, site", OPTIONAL),
    "courseimage": Value("url", "The course image URL", OPTIONAL),
    "showgrades": Value("bool", "true if grades are shown, otherwise false", OPTIONAL),
    "lang": Value("safedir", "forced course language", OPTIONAL),
    "enablecompletion": Value("bool", "true if completion is enabled, otherwise false", OPTIONAL),
    "completionhascriteria": Value("bool", "If completion criteria is set.", OPTIONAL),
    "completionusertracked": Value("bool", "If the user is completion tracked.", OPTIONAL),
    "category": Value("int", "course category id", OPTIONAL),
    "progress": Value("float", "Progress percentage", OPTIONAL, nullable=True),
    "completed": Value("bool", "Whether the course is completed.", OPTIONAL, nullable=True),
    "startdate": Value("int", "Timestamp when the course start", OPTIONAL),
    "enddate": Value("int", "Timestamp when the course end", OPTIONAL),
    "marker": Value("int", "Course section marker.", OPTIONAL),
    "lastaccess": Value("int", "Last access to the course (timestamp).", OPTIONAL, nullable=True),
    "isfavourite": Value("bool", "If the user marked this course a favourite.", OPTIONAL),
    "hidden": Value("bool", "If the user hide the course from the dashboard.", OPTIONAL),
    "overviewfiles": FILES,
    "showactivitydates": Value("bool", "Whether the activity dates are shown or not"),
    "showcompletionconditions": Value("bool", "Whether the activity completion conditions are shown or not"),
    "timemodified": Value("int", "Last time course settings were updated (timestamp).", OPTIONAL),
}


@function(
    "core_enrol_get_users_courses",
    {
        "userid": Value("int", "user id"),
        "returnusercount": Value("bool", "Include count of enrolled users for each course?", Presence.DEFAULT, True),
    },
    Multiple(Single(_COURSE)),
)
def get_users_courses(call: Call, userid: int, returnusercount: bool) -> list[dict[str, Any]]:
    user = current.session.get(User, userid)
    if user is None:
        return []
    return [
        _course(course, user, call.userid, returnusercount)
        for course in active_courses(userid)
        if _may_see(course, user, call.userid)
    ]


def _may_see(course: Course, user: User, caller: int) -> bool:
    context = context_course(course.id)
    if user.id == caller:
        return True
    reachable = is_enrolled(course.id, caller) or has_capability("moodle/course:view", context, caller)
    return (
        reachable
        and has_capability("moodle/course:viewparticipants", context, caller)
        and can_view_details(user, caller, course)
    )


def _course(course: Course, user: User, caller: int, count: bool) -> dict[str, Any]:
    told = course.enablecompletion and (user.id == caller or _may_see_completion(course, user, caller))
    tracked = told and has_capability(
        "moodle/course:isincompletionreports", context_course(course.id), user.id, doanything=False
    )
    access = current.session.get(CourseAccess, (user.id, course.id))
    values: dict[str, Any] = {
        "id": course.id,
        "shortname": course.shortname,
        "fullname": course.fullname,
        "displayname": course.fullname,
        "idnumber": course.idnumber,
        "visible": int(course.visible),
        "summary": course.summary,
        "summaryformat": course.summaryformat,
        "format": course.format,
        "courseimage": course_image(course),
        "showgrades": course.showgrades,
        "lang": course.lang,
        "enablecompletion": course.enablecompletion,
        "completionhascriteria": False,
        "completionusertracked": tracked,
        "category": course.category,
        "progress": progress_percentage(course, user.id) if tracked else None,
        "completed": False if told else None,
        "startdate": course.startdate,
        "enddate": course.enddate,
        "marker": 0,
        "lastaccess": access.timeaccess if access else None,
        "isfavourite": False,
        "hidden": False,
        "overviewfiles": [],
        "showactivitydates": False,
        "showcompletionconditions": True,
        "timemodified": course.timemodified,
    }
    if count:
        values["enrolledusercount"] = count_enrolled(course.id)
    return values


def _may_see_completion(course: Course, user: User, caller: int) -> bool:
    return has_capability("moodle/user:viewuseractivitiesreport", context_user(user.id), caller) or has_capability(
        "report/completion:view", context_course(course.id), caller
    )


def count_enrolled(course_id: int) -> int:
    enrolled = select(func.count(func.distinct(Enrolment.userid))).where(Enrolment.courseid == course_id)
    return current.session.scalar(enrolled) or 0


ENROLLED: dict[str, Schema] = {
    **PARTICIPANT,
    "fullname": Value("notags", "The fullname of the user", OPTIONAL),
    "profileimageurlsmall": Value("url", "User image profile URL - small version", OPTIONAL),
    "profileimageurl": Value("url", "User image profile URL - big version", OPTIONAL),
}
"""Asked for some fields, a participant may lack all others."""
_SORTABLE = {"id": User.id, "firstname": User.firstname, "lastname": User.lastname, "siteorder": User.lastname}
_BOTH = "Both onlyactive and onlysuspended are set, this is probably not what you want!"


@function(
    "core_enrol_get_enrolled_users",
    {
        "courseid": Value("int", "course id"),
        "options": Multiple(
            Single({"name": Value("alphanumext", "option name"), "value": Value("raw", "option value")}),
            "withcapability, groupid, onlyactive, onlysuspended, userfields, limitfrom, limitnumber, sortby …",
            Presence.DEFAULT,
            (),
        ),
    },
    Multiple(without(Single(ENROLLED), {"customfields.displayvalue"})),
)
def get_enrolled_users(call: Call, courseid: int, options: list[dict[str, str]]) -> list[dict[str, Any]]:
    chosen = _read_options(options)
    course = get_course(courseid)
    enter_course(course.id, call.userid)
    if course.id == SITE_COURSE_ID:
        require_capability("moodle/site:viewparticipants", context_system(), call.userid)
    else:
        require_capability("moodle/course:viewparticipants", context_course(course.id), call.userid)
    ids = chosen_users(course, chosen, call.userid)
    wanted = select(User).where(User.id.in_(ids), ~User.deleted).order_by(*_order(chosen))
    wanted = wanted.offset(to_int(chosen.get("limitfrom", "0")))
    if limit := to_int(chosen.get("limitnumber", "0")):
        wanted = wanted.limit(limit)
    fields = (
        [str(clean_param(name, "alphanumext")) for name in chosen["userfields"].split(",")]
        if "userfields" in chosen
        else []
    )
    for name in fields:
        if name not in PARTICIPANT:
            raise MoodleError("invaliduserfield", f"Invalid user field: {name}")
    found = []
    for user in current.session.scalars(wanted):
        if can_view_details(user, call.userid, course):
            details = user_details(user, call.userid, course)
            kept = {name: details[name] for name in details if name in (*fields, "id", "fullname")}
            found.append(kept if fields else details)
    return found


def chosen_users(course: Course, chosen: dict[str, str], caller: int) -> list[int]:
    """Ids of the participants that the options leave. Some options ask for a capability of their own."""
    context = context_course(course.id)
    only_active, only_suspended = (chosen.get(name) not in (None, "", "0") for name in ("onlyactive", "onlysuspended"))
    capability, group = chosen.get("withcapability"), to_int(chosen.get("groupid", "0"))
    own_groups = set(
        current.session.scalars(
            select(GroupMember.groupid).join(Group).where(Group.courseid == course.id, GroupMember.userid == caller)
        )
    )
    if capability:
        require_capability("moodle/role:review", context, caller)
    if group and group not in own_groups:
        require_capability("moodle/site:accessallgroups", context, caller)
    if only_active or only_suspended:
        require_capability("moodle/course:enrolreview", context, caller)
    if only_active and only_suspended:
        raise coding_error(_BOTH)
    if course.id == SITE_COURSE_ID:  # everybody takes part in the front page
        ids = list(current.session.scalars(select(User.id)))
    else:
        ids = enrolled_userids(course.id, only_active=only_active)
    if only_suspended:
        active = set(enrolled_userids(course.id, only_active=True))
        ids = [userid for userid in ids if userid not in active]
    if capability:
        ids = [userid for userid in ids if has_capability(capability, context, userid, doanything=False)]
    groups = {group} if group > 0 else None
    if not group and course.groupmode == SEPARATE_GROUPS:
        groups = None if has_capability("moodle/site:accessallgroups", context, caller) else own_groups
    if groups is None:
        return ids
    members = set(current.session.scalars(select(GroupMember.userid).where(GroupMember.groupid.in_(groups))))
    return [userid for userid in ids if userid in members]


def _order(chosen: dict[str, str]) -> list[ColumnElement[Any]]:
    """ "siteorder" is by last name, first name and id, of which a direction turns the last only."""
    down = chosen.get("sortdirection", "ASC").upper() == "DESC"
    if chosen.get("sortby") == "siteorder":
        return [User.lastname.asc(), User.firstname.asc(), User.id.desc() if down else User.id.asc()]
    column = _SORTABLE[chosen.get("sortby", "id")]
    return [column.desc() if down else column.asc(), User.id.asc()]


def _read_options(options: list[dict[str, str]]) -> dict[str, str]:
    chosen = {option["name"]: option["value"] for option in options}
    if chosen.get("sortby", "id") not in _SORTABLE:
        raise InvalidParameter(
            f"Invalid value for sortby parameter (value: {chosen['sortby']}), allowed values are:"
            " id,firstname,lastname,siteorder"
        )
    if chosen.get("sortdirection", "ASC").upper() not in ("ASC", "DESC"):
        raise InvalidParameter(
            f"Invalid value for sortdirection parameter (value: {chosen['sortdirection']}),"
            " allowed values are: ASC,DESC"
        )
    return chosen
