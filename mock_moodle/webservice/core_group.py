"""core_group_*: groups of a course and who is in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_course, has_capability, is_enrolled, require_capability
from mock_moodle.errors import InvalidParameter, MissingRecord, MoodleError, UnwritableRow
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.collation import same
from mock_moodle.store.core import Course, Group, GroupMember
from mock_moodle.webservice.context import (
    enter_course,
    existing_user,
    get_course,
    require_active_user,
    supported_format,
)
from mock_moodle.webservice.courses_asked import courses_asked
from mock_moodle.webservice.registry import WARNINGS, Call, function
from mock_moodle.webservice.user_details import courses_of

OPTIONAL = Presence.OPTIONAL
FORMAT_HTML = 1
MEMBERS_ONLY = 1
VISIBILITIES = (0, MEMBERS_ONLY, 2, 3)
"""To everybody, to members, to each member alone, to nobody. The latter two take part in no activity as a group."""
LONGEST_NAME = 254

_GROUP: dict[str, Schema] = {
    "id": Value("int", "group record id"),
    "courseid": Value("int", "id of course"),
    "name": Value("text", "group name"),
    "description": Value("raw", "group description text"),
    "descriptionformat": Value("int", "description format"),
    "enrolmentkey": Value("raw", "group enrol secret phrase", nullable=True),
    "idnumber": Value("raw", "id number"),
    "visibility": Value("int", "group visibility mode", OPTIONAL),
    "participation": Value("bool", "whether this group is selectable in activities", OPTIONAL),
}
_IDS: dict[str, Schema] = {"groupids": Multiple(Value("int", "Group ID"), "List of group id.")}
_MEMBERS: dict[str, Schema] = {
    "members": Multiple(Single({"groupid": Value("int", "group record id"), "userid": Value("int", "user id")}))
}


@function(
    "core_group_create_groups",
    {
        "groups": Multiple(
            Single(
                {
                    "courseid": Value("int", "id of course"),
                    "name": Value("text", "group name"),
                    "description": Value("raw", "group description text"),
                    "descriptionformat": Value("int", "description format", Presence.DEFAULT, 1),
                    "enrolmentkey": Value("raw", "group enrol secret phrase", OPTIONAL),
                    "idnumber": Value("raw", "id number", OPTIONAL),
                    "visibility": Value("int", "group visibility mode", OPTIONAL),
                    "participation": Value("bool", "activity participation enabled?", OPTIONAL),
                    "customfields": Multiple(
                        Single(
                            {"shortname": Value("alphanumext", "its short name"), "value": Value("raw", "its value")}
                        ),
                        "Custom fields",
                        OPTIONAL,
                    ),
                }
            )
        )
    },
    Multiple(Single(_GROUP), "List of group objects."),
    type="write",
)
def create_groups(call: Call, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    created = []
    for spec in groups:
        course = _managed_course(spec["courseid"], call.userid)
        if not spec["name"].strip():
            raise InvalidParameter("Invalid group name")
        taken = select(Group.id).where(Group.courseid == course.id, Group.name == spec["name"])
        if current.session.scalar(taken) is not None:
            raise InvalidParameter("Group with the same name already exists in the course")
        idnumber, visibility = spec.get("idnumber", ""), spec.get("visibility", 0)
        if idnumber and current.session.scalar(
            select(Group.id).where(Group.courseid == course.id, same(Group.idnumber, idnumber))
        ):
            raise MoodleError("idnumbertaken", "This ID number is already in use")
        if visibility not in VISIBILITIES:
            raise InvalidParameter("Invalid group visibility provided. Must be one of 0,1,2,3")
        if len(spec["name"]) > LONGEST_NAME:
            raise UnwritableRow
        group = Group(
            courseid=course.id,
            name=spec["name"],
            idnumber=idnumber,
            description=spec["description"],
            descriptionformat=supported_format(spec["descriptionformat"]),
            enrolmentkey=spec.get("enrolmentkey") or None,
            visibility=visibility,
            participation=spec.get("participation", True) and visibility <= MEMBERS_ONLY,
            timecreated=current.clock.time(),
        )
        current.session.add(group)
        current.session.flush()
        created.append(
            _as_dict(group) | {"enrolmentkey": group.enrolmentkey or "", "descriptionformat": group.descriptionformat}
        )
    return created


@function("core_group_get_groups", _IDS, Multiple(Single(_GROUP)))
def get_groups(call: Call, groupids: list[int]) -> list[dict[str, Any]]:
    groups = [_group(group_id) for group_id in groupids]
    for group in groups:
        _managed_course(group.courseid, call.userid)
    return [_as_dict(group) for group in groups]


@function(
    "core_group_get_course_groups",
    {"courseid": Value("int", "id of course")},
    Multiple(Single(_GROUP)),
    ajax=True,
)
def get_course_groups(call: Call, courseid: int) -> list[dict[str, Any]]:
    course = _managed_course(courseid, call.userid)
    groups = current.session.scalars(select(Group).where(Group.courseid == course.id).order_by(Group.name))
    return [_as_dict(group) for group in groups]


@function("core_group_delete_groups", _IDS, None, type="write")
def delete_groups(call: Call, groupids: list[int]) -> None:
    for group_id in groupids:
        group = current.session.get(Group, group_id)
        if group is None:
            continue
        _managed_course(group.courseid, call.userid)
        current.session.execute(delete(GroupMember).where(GroupMember.groupid == group.id))
        current.session.delete(group)


@function("core_group_add_group_members", _MEMBERS, None, type="write")
def add_group_members(call: Call, members: list[dict[str, int]]) -> None:
    for member in members:
        group = _group(member["groupid"])
        _managed_course(group.courseid, call.userid)
        existing_user(member["userid"])
        if not is_enrolled(group.courseid, member["userid"]):
            raise InvalidParameter("Only enrolled users may be members of groups")
        if current.session.get(GroupMember, (group.id, member["userid"])) is None:
            current.session.add(GroupMember(groupid=group.id, userid=member["userid"], timeadded=current.clock.time()))


@function("core_group_delete_group_members", _MEMBERS, None, type="write")
def delete_group_members(call: Call, members: list[dict[str, int]]) -> None:
    for member in members:
        group = _group(member["groupid"])
        _managed_course(group.courseid, call.userid)
        existing_user(member["userid"])
        row = current.session.get(GroupMember, (group.id, member["userid"]))
        if row is not None:
            current.session.delete(row)


@function(
    "core_group_get_group_members",
    _IDS,
    Multiple(Single({"groupid": Value("int", "group record id"), "userids": Multiple(Value("int", "user id"))})),
)
def get_group_members(call: Call, groupids: list[int]) -> list[dict[str, Any]]:
    found = []
    for group_id in groupids:
        group = _group(group_id)
        _managed_course(group.courseid, call.userid)
        members = current.session.scalars(select(GroupMember.userid).where(GroupMember.groupid == group.id))
        found.append({"groupid": group.id, "userids": sorted(members)})
    return found


@function(
    "core_group_get_course_user_groups",
    {
        "courseid": Value("int", "Id of course (empty or 0 for all the courses).", Presence.DEFAULT, 0),
        "userid": Value("int", "Id of user (empty or 0 for current user).", Presence.DEFAULT, 0),
        "groupingid": Value("int", "returns only groups in the specified grouping", Presence.DEFAULT, 0),
    },
    Single(
        {
            "groups": Multiple(
                Single(
                    {
                        **{key: _GROUP[key] for key in ("id", "name", "description", "descriptionformat", "idnumber")},
                        "courseid": Value("int", "id of course", OPTIONAL),
                    }
                )
            ),
            "warnings": WARNINGS,
        }
    ),
)
def get_course_user_groups(call: Call, courseid: int, userid: int, groupingid: int) -> dict[str, Any]:  # noqa: ARG001
    wanted = userid or call.userid
    require_active_user(wanted)
    if courseid:
        get_course(courseid)
    asked = [courseid] if courseid else [course.id for course in courses_of(wanted)]
    courses, warnings = courses_asked(asked, call.userid) if asked else ([], [])
    groups: list[Group] = []
    for course in courses:
        if wanted != call.userid and not has_capability(
            "moodle/course:managegroups", context_course(course.id), call.userid
        ):
            refused = f"User {call.userid} cannot manage groups in course {course.id}"
            warnings.append(_warning(course.id, "cannotmanagegroups", refused))
            continue
        if courseid and course.id != SITE_COURSE_ID and not is_enrolled(course.id, wanted):
            absent = f"User {wanted} is not enrolled in course {course.id}"
            warnings.append(_warning(course.id, "notenrolled", absent))
        rows = select(Group).join(GroupMember).where(GroupMember.userid == wanted, Group.courseid == course.id)
        groups.extend(current.session.scalars(rows.order_by(Group.name)))
    return {"groups": [_as_dict(group) for group in groups], "warnings": warnings}


def _warning(courseid: int, code: str, message: str) -> dict[str, Any]:
    return {"item": "course", "itemid": courseid, "warningcode": code, "message": message}


def _managed_course(course_id: int, userid: int) -> Course:
    course = enter_course(course_id, userid)
    require_capability("moodle/course:managegroups", context_course(course.id), userid)
    return course


def _group(group_id: int) -> Group:
    group = current.session.get(Group, group_id)
    if group is None:
        raise MissingRecord("groups")
    return group


def _as_dict(group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "courseid": group.courseid,
        "name": group.name,
        "description": group.description,
        "descriptionformat": FORMAT_HTML,
        "enrolmentkey": group.enrolmentkey,
        "idnumber": group.idnumber,
        "visibility": group.visibility,
        "participation": group.participation,
    }
