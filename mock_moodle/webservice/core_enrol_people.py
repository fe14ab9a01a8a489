"""core_enrol_*, as the participants page and its dialogues ask it: finding people, changing and ending enrolments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import ColumnElement, delete, func, or_, select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import (
    context_by_id,
    context_course,
    enrolled_userids,
    has_capability,
    require_capability,
)
from mock_moodle.errors import InvalidParameter, MissingParameter, MissingRecord, MoodleError, PhpError
from mock_moodle.localtime import timestamp_of
from mock_moodle.site import GUEST_ID, SITE_COURSE_ID, current
from mock_moodle.store.core import COURSE, Context, Course, Enrolment, GroupMember, RoleAssignment, User
from mock_moodle.webservice.clean import clean_param
from mock_moodle.webservice.context import enter_course, get_course, validate_course_context
from mock_moodle.webservice.core_enrol import ENROLLED, chosen_users
from mock_moodle.webservice.debugging import message_of
from mock_moodle.webservice.evolution import without
from mock_moodle.webservice.php import parse_pairs, to_int
from mock_moodle.webservice.registry import Call, function
from mock_moodle.webservice.user_details import USER, can_view_details, user_details

OPTIONAL = Presence.OPTIONAL
VIEW, VIEW_SITE = "moodle/course:viewparticipants", "moodle/site:viewparticipants"
REVIEW = "moodle/course:enrolreview"
SHOWN = ("id", "fullname", "profileimageurl", "profileimageurlsmall")

_CAPABLE = without(Single(ENROLLED), {"idnumber", "customfields.displayvalue", "groups.descriptionformat"})
_OPTION = Single({"name": Value("alphanumext", "option name"), "value": Value("raw", "option value")})
_SEARCH: dict[str, Schema] = {
    "search": Value("raw", "query"),
    "searchanywhere": Value("bool", "find a match anywhere, or only at the beginning"),
    "page": Value("int", "Page number"),
    "perpage": Value("int", "Number per page"),
}


@function(
    "core_enrol_get_enrolled_users_with_capability",
    {
        "coursecapabilities": Multiple(
            Single(
                {
                    "courseid": Value("int", "Course ID number in the Moodle course table"),
                    "capabilities": Multiple(Value("capability", "Capability name, such as mod/forum:viewdiscussion")),
                }
            )
        ),
        "options": Multiple(_OPTION, "groupid, onlyactive, userfields, limitfrom, limitnumber", Presence.DEFAULT, ()),
    },
    Multiple(
        Single(
            {
                "courseid": Value("int", "Course ID number in the Moodle course table"),
                "capability": Value("capability", "Capability name"),
                "users": Multiple(_CAPABLE),
            }
        )
    ),
)
def get_enrolled_users_with_capability(
    call: Call, coursecapabilities: list[dict[str, Any]], options: list[dict[str, str]]
) -> list[dict[str, Any]]:
    if not coursecapabilities:
        raise InvalidParameter("Parameter can not be empty")
    chosen = {option["name"]: option["value"] for option in options}
    start, limit = (to_int(chosen.get(name, "0")) for name in ("limitfrom", "limitnumber"))
    fields = [str(clean_param(name, "alphanumext")) for name in chosen.get("userfields", "").split(",") if name]
    found = []
    for asked in coursecapabilities:
        course, context = get_course(asked["courseid"]), context_course(asked["courseid"])
        _enter(course, call.userid)
        require_capability(VIEW_SITE if course.id == SITE_COURSE_ID else VIEW, context, call.userid)
        _require_for_options(chosen, context, call.userid)
        require_capability("moodle/role:review", context, call.userid)
        for capability in asked["capabilities"]:
            ids = _capable(course, capability, chosen)
            users = list(current.session.scalars(select(User).where(User.id.in_(ids)).order_by(User.id)))
            users = users[start : start + limit] if limit else users[start:]
            told = [
                _only(user_details(user, call.userid, course), fields)
                for user in users
                if can_view_details(user, call.userid, course)
            ]
            found.append({"courseid": course.id, "capability": capability, "users": told})
    return found


def _enter(course: Course, caller: int) -> None:
    """The refusal as Moodle gives it here: its wording took the place of its code, and the course is lost."""
    try:
        validate_course_context(course, caller)
    except MoodleError as error:
        told = (
            "You cannot execute functions in the course context (course id:)."
            f" The context error message was: {message_of(error)}"
        )
        raise MoodleError(told, f"error/{told}") from error


def _require_for_options(chosen: dict[str, str], context: Context, caller: int) -> None:
    """As Moodle asks it: one's own group wants the capability, another one does not."""
    group = to_int(chosen.get("groupid", "0"))
    if group and _is_member(group, caller):
        require_capability("moodle/site:accessallgroups", context, caller)
    if _is_set(chosen, "onlyactive"):
        require_capability(REVIEW, context, caller)


def _capable(course: Course, capability: str, chosen: dict[str, str]) -> list[int]:
    ids, context = enrolled_userids(course.id, only_active=_is_set(chosen, "onlyactive")), context_course(course.id)
    if group := to_int(chosen.get("groupid", "0")):
        ids = [userid for userid in ids if _is_member(group, userid)]
    return [userid for userid in ids if has_capability(capability, context, userid, doanything=False)]


def _is_member(group_id: int, userid: int) -> bool:
    return current.session.get(GroupMember, (group_id, userid)) is not None


def _is_set(chosen: dict[str, str], name: str) -> bool:
    return chosen.get(name, "0") not in ("", "0")


@function(
    "core_enrol_get_potential_users",
    {"courseid": Value("int", "course id"), "enrolid": Value("int", "enrolment id"), **_SEARCH},
    Multiple(Single(USER)),
    ajax=True,
)
def get_potential_users(
    call: Call,
    courseid: int,
    enrolid: int,
    search: str,
    searchanywhere: bool,
    page: int,
    perpage: int,
) -> list[dict[str, Any]]:
    """Who is enrolled otherwise than by `enrolid`, even in another course, could be by it."""
    course = enter_course(get_course(courseid).id, call.userid)
    require_capability(REVIEW, context_course(course.id), call.userid)
    taken = enrolled_userids(enrolling) if (enrolling := _course_of_method(enrolid)) else []
    matching = [*_matching(search, searchanywhere, course, call.userid), User.id.not_in(taken)]
    return _found(matching, course, call.userid, page, perpage)


def _course_of_method(enrolid: int) -> int | None:
    """A new course gets three ways to enrol: by hand, for guests and by oneself. Here all are enrolled by hand."""
    place, kind = divmod(enrolid - 1, 3)
    courses = select(Course.id).where(Course.id != SITE_COURSE_ID).order_by(Course.id).offset(place).limit(1)
    return current.session.scalar(courses) if kind == 0 and place >= 0 else None


@function(
    "core_enrol_search_users",
    {
        "courseid": Value("int", "course id"),
        **_SEARCH,
        "contextid": Value("int", "Context ID", Presence.DEFAULT, None, nullable=True),
    },
    Multiple(Single(USER)),
    ajax=True,
    php="core_enrol_external::search_users",
)
def search_users(
    call: Call,
    courseid: int,
    search: str,
    searchanywhere: bool,
    page: int,
    perpage: int,
    contextid: int | None,
) -> list[dict[str, Any]]:
    course = enter_course(get_course(courseid).id, call.userid)
    context = context_course(course.id) if contextid is None else context_by_id(contextid)
    if context.contextlevel != COURSE or context.instanceid == SITE_COURSE_ID:  # its script is loaded on the way there
        raise PhpError("Error", "Call to undefined function course_require_view_participants()")
    require_capability(VIEW, context, call.userid)
    ids = chosen_users(course, {}, call.userid)
    matching = [*_matching(search, searchanywhere, course, call.userid), User.id.in_(ids)]
    return _found(matching, course, call.userid, page, perpage)


def _matching(search: str, anywhere: bool, course: Course, caller: int) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [User.id != GUEST_ID, ~User.deleted, User.confirmed.is_(True)]
    if search:
        text = f"{'%' if anywhere else ''}{search}%"
        columns: list[Any] = [User.firstname, User.lastname, func.trim(User.firstname + " " + User.lastname)]
        if has_capability("moodle/site:viewuseridentity", context_course(course.id), caller):
            columns.append(User.email)
        conditions.append(or_(*(column.ilike(text) for column in columns)))
    return conditions


def _found(
    matching: list[ColumnElement[bool]], course: Course, caller: int, page: int, perpage: int
) -> list[dict[str, Any]]:
    wanted = select(User).where(*matching).order_by(User.lastname, User.firstname, User.id)
    wanted = wanted.offset(max(page * perpage, 0)).limit(max(perpage + 1, 0) or None)
    rows = list(current.session.scalars(wanted))
    if rows and len(rows) > perpage:  # one more was asked for, to know whether there are more
        rows.pop()
    shown: Sequence[str] = SHOWN
    if has_capability("moodle/site:viewuseridentity", context_course(course.id), caller):
        shown = (*SHOWN, "email")
    return [_only(user_details(user, caller, course), shown) for user in rows if can_view_details(user, caller, course)]


def _only(details: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """These fields, or all where none is named."""
    return {name: value for name, value in details.items() if not fields or name in (*fields, "id", "fullname")}


@function(
    "core_enrol_submit_user_enrolment_form",
    {"formdata": Value("raw", "The data from the event form")},
    Single(
        {
            "result": Value("bool", "True if the user's enrolment was successfully updated"),
            "validationerror": Value("bool", "Indicates invalid form data"),
        }
    ),
    type="write",
    ajax=True,
)
def submit_user_enrolment_form(call: Call, formdata: str) -> dict[str, Any]:
    """The dialogue's own fields: status, timestart[enabled], timestart[day] …, timeend[…], duration."""
    data = parse_pairs(parse_qsl(formdata, keep_blank_values=True))
    enrolment = current.session.get(Enrolment, to_int(str(data.get("ue", "0"))))
    if enrolment is None:
        raise MissingRecord("user_enrolments")
    course = get_course(enrolment.courseid)
    validate_course_context(course, call.userid)
    start, end = (_moment(data.get(name)) for name in ("timestart", "timeend"))
    if "_qf__enrol_user_enrolment_form" not in data:
        return {"result": False, "validationerror": True}
    if call.serviceid:  # a form is a page's; a service has no session whose key it could send
        raise MissingParameter("sesskey")
    if start and end and start >= end:
        return {"result": False, "validationerror": True}
    if not has_capability(f"enrol/{enrolment.enrol}:manage", context_course(course.id), call.userid):
        return {"result": False, "validationerror": False}
    duration = to_int(str(data.get("duration", "0")))
    enrolment.status = int(str(data.get("status", enrolment.status)) == "1")
    enrolment.timestart, enrolment.timeend = start, end or (start + duration if duration else 0)
    return {"result": True, "validationerror": False}


def _moment(parts: Any) -> int:
    """0 for a moment that is not ticked, or that no calendar has."""
    if not isinstance(parts, dict) or to_int(str(parts.get("enabled", "0"))) == 0:
        return 0
    return timestamp_of(*(to_int(str(parts.get(part, "0"))) for part in ("year", "month", "day", "hour", "minute")))


@function(
    "core_enrol_unenrol_user_enrolment",
    {"ueid": Value("int", "User enrolment ID")},
    Single(
        {
            "result": Value("bool", "True if the user's enrolment was successfully updated"),
            "errors": Multiple(
                Single(
                    {
                        "key": Value("text", "The data that failed the validation"),
                        "message": Value("text", "The error message"),
                    }
                )
            ),
        }
    ),
    type="write",
    ajax=True,
)
def unenrol_user_enrolment(call: Call, ueid: int) -> dict[str, Any]:
    enrolment = current.session.get(Enrolment, ueid)
    if enrolment is None:
        return {"result": False, "errors": [{"key": "invalidrequest", "message": "Invalid request"}]}
    course = get_course(enrolment.courseid)
    validate_course_context(course, call.userid)
    context = context_course(course.id)
    if not has_capability(f"enrol/{enrolment.enrol}:unenrol", context, call.userid):
        return {"result": False, "errors": []}
    current.session.execute(
        delete(RoleAssignment).where(RoleAssignment.contextid == context.id, RoleAssignment.userid == enrolment.userid)
    )
    current.session.delete(enrolment)
    return {"result": True, "errors": []}
