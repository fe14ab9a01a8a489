"""user_get_user_details(): of another person's profile, what the caller may see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_course, context_user, has_capability, is_enrolled
from mock_moodle.course.enrolled import active_courses
from mock_moodle.site import current
from mock_moodle.store.core import (
    Course,
    CourseAccess,
    Enrolment,
    Group,
    GroupMember,
    ProfileField,
    Role,
    RoleAssignment,
    User,
    UserPreference,
)
from mock_moodle.webservice.pictures import picture_url

OPTIONAL = Presence.OPTIONAL
MAIL_TO_EVERYONE, MAIL_TO_COURSE_MEMBERS = 1, 2
COURSE_CONTACT = "editingteacher"


def _optional(param: str, *names: str) -> dict[str, Schema]:
    return {name: Value(param, presence=OPTIONAL) for name in names}  # type: ignore[arg-type]


_HEAD: dict[str, Schema] = {
    "id": Value("int", "ID of the user"),
    **_optional("raw", "username"),
    **_optional("notags", "firstname", "lastname"),
    "fullname": Value("notags", "The fullname of the user"),
    **_optional("text", "email", "address"),
    **_optional("notags", "phone1", "phone2"),
    **_optional("text", "department", "institution"),
    **_optional("raw", "idnumber"),
    **_optional("text", "interests"),
    **_optional("int", "firstaccess", "lastaccess"),
}
_TAIL: dict[str, Schema] = {
    **_optional("raw", "description"),
    **_optional("int", "descriptionformat"),
    **_optional("notags", "city"),
    **_optional("alpha", "country"),
    "profileimageurlsmall": Value("url", "User image profile URL - small version"),
    "profileimageurl": Value("url", "User image profile URL - big version"),
    "customfields": Multiple(
        Single(
            {
                "type": Value("alphanumext", "The type of the custom field - text field, checkbox..."),
                "value": Value("raw", "The value of the custom field"),
                "displayvalue": Value("raw", "The value of the custom field for display", OPTIONAL),
                "name": Value("raw", "The name of the custom field"),
                "shortname": Value("raw", "The shortname of the custom field"),
            }
        ),
        presence=OPTIONAL,
    ),
}
_PREFERENCES = Multiple(
    Single({"name": Value("raw", "The name of the preferences"), "value": Value("raw", "The value of the preference")}),
    "Users preferences",
    OPTIONAL,
)
_ACCOUNT: dict[str, Schema] = {
    **_optional("plugin", "auth"),
    **_optional("bool", "suspended", "confirmed"),
    **_optional("safedir", "lang"),
    **_optional("plugin", "calendartype"),
    **_optional("theme", "theme"),
    **_optional("timezone", "timezone"),
    **_optional("int", "mailformat", "trackforums"),
}
_TAKES_PART: dict[str, Schema] = {
    "groups": Multiple(
        Single(
            {
                "id": Value("int", "group id"),
                "name": Value("raw", "group name"),
                "description": Value("raw", "group description"),
                "descriptionformat": Value("int", "description format"),
            }
        ),
        "user groups",
        OPTIONAL,
    ),
    "roles": Multiple(
        Single(
            {
                "roleid": Value("int", "role id"),
                "name": Value("raw", "role name"),
                "shortname": Value("alphanumext", "role shortname"),
                "sortorder": Value("int", "role sortorder"),
            }
        ),
        "user roles",
        OPTIONAL,
    ),
    "enrolledcourses": Multiple(
        Single(
            {
                "id": Value("int", "Id of the course"),
                "fullname": Value("raw", "Fullname of the course"),
                "shortname": Value("raw", "Shortname of the course"),
            }
        ),
        "Courses where the user is enrolled",
        OPTIONAL,
    ),
}

USER: dict[str, Schema] = {**_HEAD, **_ACCOUNT, **_TAIL, "preferences": _PREFERENCES}
"""user_description(): a user outside a course."""

PARTICIPANT: dict[str, Schema] = {
    **_HEAD,
    **_optional("int", "lastcourseaccess"),
    **_TAIL,
    "groups": _TAKES_PART["groups"],
    "roles": _TAKES_PART["roles"],
    "preferences": _PREFERENCES,
    "enrolledcourses": _TAKES_PART["enrolledcourses"],
}
"""A user as one of a course's participants."""

PROFILE: dict[str, Schema] = {**USER, **_TAKES_PART}
"""The same, with what an account's own pages tell."""


def can_view_details(user: User, caller: int, course: Course | None = None) -> bool:
    if user.id == caller or has_capability("moodle/user:viewdetails", context_user(user.id), caller):
        return True
    if course is not None and has_capability("moodle/user:viewdetails", context_course(course.id), caller):
        return True
    return _is_course_contact(user.id)


def details_somewhere(user: User, caller: int) -> dict[str, Any] | None:
    """user_get_user_details_courses(): as seen site-wide, else in the last shared course that shows the profile."""
    if can_view_details(user, caller):
        return user_details(user, caller)
    for course in reversed(active_courses(user.id)):
        shared = is_enrolled(course.id, caller) or has_capability(
            "moodle/course:view", context_course(course.id), caller
        )
        if shared and can_view_details(user, caller, course):
            return user_details(user, caller, course)
    return None


def user_details(user: User, caller: int, course: Course | None = None) -> dict[str, Any]:
    """Raw values for USER or PARTICIPANT; what the caller may not see is left out."""
    own = user.id == caller
    admin = current.session.get_one(User, caller).siteadmin
    context = context_course(course.id) if course else context_user(user.id)
    all_details = own or has_capability("moodle/user:viewalldetails", context, caller)
    identity = has_capability("moodle/site:viewuseridentity", context, caller)
    modern = current.site.release.at_least("4.5")
    details: dict[str, Any] = {
        "id": user.id,
        "fullname": user.fullname,
        "profileimageurlsmall": picture_url(user, size="f2"),
        "profileimageurl": picture_url(user, size="f1"),
        "suspended": user.suspended,
        "firstaccess": user.firstaccess,
        "lastaccess": user.lastaccess,
        "timezone": user.timezone,
    }
    if modern or has_capability("moodle/site:viewfullnames", context, caller):
        details |= {"firstname": user.firstname, "lastname": user.lastname}
    if all_details:
        names = ("username", "department", "auth", "confirmed", "lang", "theme")
        details |= {name: getattr(user, name) for name in names}
        details |= {name: getattr(user, name) for name in ("idnumber", "institution") if getattr(user, name)}
        details["mailformat"] = user.mailformat
        if modern:
            details["trackforums"] = 0
    if own or identity or _shows_email(user, caller, course):
        details["email"] = user.email
    if admin:
        details |= {name: getattr(user, name) for name in ("phone1", "phone2") if getattr(user, name)}
    details |= {name: getattr(user, name) for name in ("address", "city", "country") if getattr(user, name)}
    if user.description and (own or admin or _has_any_role(user.id)):
        details |= {"description": user.description, "descriptionformat": 1}
    if user.interests:
        details["interests"] = user.interests
    if fields := _custom_fields(user.id):
        details["customfields"] = fields
    if own:
        details["preferences"] = _preferences(user)
    if course:
        details |= _course_details(user, course)
    return details


def _has_any_role(userid: int) -> bool:
    """The setting `profilesforenrolledusersonly`: what others wrote about themselves is shown once they take part."""
    return current.session.scalar(select(RoleAssignment.id).where(RoleAssignment.userid == userid).limit(1)) is not None


def _is_course_contact(userid: int) -> bool:
    """Whoever teaches is visible to all: the setting `coursecontact` names the teacher's role."""
    contacts = (
        select(RoleAssignment.id).join(Role, Role.id == RoleAssignment.roleid).where(Role.shortname == COURSE_CONTACT)
    )
    return current.session.scalar(contacts.where(RoleAssignment.userid == userid).limit(1)) is not None


def _shows_email(user: User, caller: int, course: Course | None) -> bool:
    if course and has_capability("moodle/course:useremail", context_course(course.id), caller):
        return True
    display = _maildisplay(user)
    if display == MAIL_TO_EVERYONE:
        return True
    return display == MAIL_TO_COURSE_MEMBERS and _share_course(user.id, caller)


def _maildisplay(user: User) -> int:
    """The administrator's address is public from the installation on; others are for course members."""
    return MAIL_TO_EVERYONE if user.siteadmin else MAIL_TO_COURSE_MEMBERS


def _share_course(first: int, second: int) -> bool:
    courses = select(Enrolment.courseid).where(Enrolment.userid == first, Enrolment.status == 0)
    shared = select(Enrolment.id).where(
        Enrolment.userid == second, Enrolment.status == 0, Enrolment.courseid.in_(courses)
    )
    return current.session.scalar(shared.limit(1)) is not None


def _custom_fields(userid: int) -> list[dict[str, str]]:
    rows = current.session.scalars(select(ProfileField).where(ProfileField.userid == userid))
    return [
        {"type": "text", "value": row.data, "displayvalue": row.data, "name": row.shortname, "shortname": row.shortname}
        for row in rows
    ]


def _preferences(user: User) -> list[dict[str, Any]]:
    """Stored ones, and the two that signing in through a web service always leaves."""
    now = current.clock.time()
    rows = current.session.scalars(select(UserPreference).where(UserPreference.userid == user.id))
    return [
        *({"name": row.name, "value": row.value} for row in rows),
        {"name": "last_time_enrolments_synced", "value": str(now)},
        {"name": "_lastloaded", "value": now},
    ]


def _course_details(user: User, course: Course) -> dict[str, Any]:
    session, context = current.session, context_course(course.id)
    access = session.get(CourseAccess, (user.id, course.id))
    roles = session.scalars(
        select(Role)
        .join(RoleAssignment, RoleAssignment.roleid == Role.id)
        .where(RoleAssignment.userid == user.id, RoleAssignment.contextid == context.id)
        .order_by(Role.sortorder)
    )
    groups = session.scalars(
        select(Group).join(GroupMember).where(GroupMember.userid == user.id, Group.courseid == course.id)
    )
    details: dict[str, Any] = {
        "lastcourseaccess": access.timeaccess if access else 0,
        "roles": [{"roleid": role.id, "name": "", "shortname": role.shortname, "sortorder": 0} for role in roles],
    }
    if in_groups := [
        {"id": group.id, "name": group.name, "description": group.description, "descriptionformat": 1}
        for group in groups
    ]:
        details["groups"] = in_groups
    if enrolled := [
        {"id": each.id, "fullname": each.fullname, "shortname": each.shortname} for each in active_courses(user.id)
    ]:
        details["enrolledcourses"] = enrolled
    return details
