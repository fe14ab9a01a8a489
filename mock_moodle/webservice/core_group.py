"""core_group_*: groups of a course."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_course, require_capability
from mock_moodle.errors import InvalidParameter, MissingRecord, MoodleError, UnwritableRow
from mock_moodle.site import current
from mock_moodle.store.collation import same
from mock_moodle.store.core import Course, Group, GroupingGroup, GroupMember
from mock_moodle.webservice.context import (
    enter_course,
    supported_format,
)
from mock_moodle.webservice.registry import Call, function

OPTIONAL = Presence.OPTIONAL
FORMAT_HTML = 1
MEMBERS_ONLY = 1
VISIBILITIES = (0, MEMBERS_ONLY, 2, 3)
"""To everybody, to members, to each member alone, to nobody. The latter two take part in no activity as a group."""
LONGEST_NAME = 254

CUSTOM_FIELDS_SENT = Multiple(
    Single({"shortname": Value("alphanumext", "its short name"), "value": Value("raw", "its value")}),
    "Custom fields",
    OPTIONAL,
)
GROUP: dict[str, Schema] = {
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
CUSTOM_FIELDS: dict[str, Schema] = {
    "customfields": Multiple(
        Single(
            {
                "name": Value("raw", "The name of the custom field"),
                "shortname": Value("raw", "The shortname of the custom field"),
                "type": Value("alphanumext", "The type of the custom field"),
                "valueraw": Value("raw", "The raw value of the custom field"),
                "value": Value("raw", "The value of the custom field"),
            }
        ),
        "Custom fields",
        OPTIONAL,
    ),
}
OF_A_USER: dict[str, Schema] = {
    **{key: GROUP[key] for key in ("id", "name", "description", "descriptionformat", "idnumber")},
    "courseid": Value("int", "id of course", OPTIONAL),
}
GROUP_IDS: dict[str, Schema] = {"groupids": Multiple(Value("int", "Group ID"), "List of group id.")}


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
                    "customfields": CUSTOM_FIELDS_SENT,
                }
            )
        )
    },
    Multiple(Single({**GROUP, "customfields": CUSTOM_FIELDS_SENT}), "List of group objects."),
    type="write",
)
def create_groups(call: Call, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    created = []
    for spec in groups:
        course = managed_course(spec["courseid"], call.userid)
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
            as_dict(group) | {"enrolmentkey": group.enrolmentkey or "", "descriptionformat": group.descriptionformat}
        )
    return created


@function(
    "core_group_update_groups",
    {
        "groups": Multiple(
            Single(
                {
                    "id": Value("int", "ID of the group"),
                    "name": Value("text", "multilang compatible name, course unique"),
                    "description": Value("raw", "group description text", OPTIONAL),
                    "descriptionformat": Value("int", "description format", Presence.DEFAULT, 1),
                    "enrolmentkey": Value("raw", "group enrol secret phrase", OPTIONAL),
                    "idnumber": Value("raw", "id number", OPTIONAL),
                    "visibility": Value("text", "group visibility mode", OPTIONAL),
                    "participation": Value("bool", "activity participation enabled?", OPTIONAL),
                    "customfields": CUSTOM_FIELDS_SENT,
                }
            )
        )
    },
    None,
    type="write",
)
def update_groups(call: Call, groups: list[dict[str, Any]]) -> None:
    for spec in groups:
        if not spec["name"].strip():
            raise InvalidParameter("Invalid group name")
        group = current.session.get(Group, spec["id"])
        if group is None:
            raise InvalidParameter(f"Group {spec['id']} does not exist")
        others = select(Group.id).where(Group.courseid == group.courseid)
        if spec["name"] != group.name and current.session.scalar(others.where(same(Group.name, spec["name"]))):
            raise InvalidParameter("A different group with the same name already exists in the course")
        _refuse_changed_mode(group, spec)
        managed_course(group.courseid, call.userid)
        if idnumber := spec.get("idnumber", "").strip():
            taken = others.where(same(Group.idnumber, idnumber), Group.id != group.id)
            if current.session.scalar(taken) is not None:
                raise MoodleError("idnumbertaken", "This ID number is already in use")
        _update(group, spec)


def _refuse_changed_mode(group: Group, spec: dict[str, Any]) -> None:
    """Who is in a group already counts on how visible that is."""
    peopled = select(GroupMember.userid).where(GroupMember.groupid == group.id).limit(1)
    has_members = current.session.scalar(peopled) is not None
    if "visibility" in spec:
        if spec["visibility"] not in map(str, VISIBILITIES):
            raise InvalidParameter("Invalid group visibility provided. Must be one of 0,1,2,3")
        if has_members and int(spec["visibility"]) != group.visibility:
            raise InvalidParameter("The visibility of this group cannot be changed as it currently has members.")
    if has_members and bool(spec.get("participation", group.participation)) != group.participation:
        raise InvalidParameter("The participation mode of this group cannot be changed as it currently has members.")


def _update(group: Group, spec: dict[str, Any]) -> None:
    if len(spec["name"].strip()) > LONGEST_NAME:
        raise UnwritableRow
    group.name = spec["name"].strip()
    group.visibility = int(spec.get("visibility", group.visibility))
    group.participation = bool(spec.get("participation", group.participation)) and group.visibility <= MEMBERS_ONLY
    for name in ("description", "enrolmentkey", "idnumber"):
        if name in spec:
            setattr(group, name, spec[name])
    if spec.get("description"):
        group.descriptionformat = supported_format(spec["descriptionformat"])


@function("core_group_get_groups", GROUP_IDS, Multiple(Single({**GROUP, **CUSTOM_FIELDS})))
def get_groups(call: Call, groupids: list[int]) -> list[dict[str, Any]]:
    groups = [existing_group(group_id) for group_id in groupids]
    for group in groups:
        managed_course(group.courseid, call.userid)
    return [as_dict(group) | {"customfields": []} for group in groups]


@function(
    "core_group_get_course_groups",
    {"courseid": Value("int", "id of course")},
    Multiple(Single(GROUP)),
    ajax=True,
)
def get_course_groups(call: Call, courseid: int) -> list[dict[str, Any]]:
    course = managed_course(courseid, call.userid)
    groups = current.session.scalars(select(Group).where(Group.courseid == course.id).order_by(Group.name))
    return [as_dict(group) for group in groups]


@function("core_group_delete_groups", GROUP_IDS, None, type="write")
def delete_groups(call: Call, groupids: list[int]) -> None:
    for group_id in groupids:
        group = current.session.get(Group, group_id)
        if group is None:
            continue
        managed_course(group.courseid, call.userid)
        for table in (GroupMember, GroupingGroup):
            current.session.execute(delete(table).where(table.groupid == group.id))
        current.session.delete(group)


def managed_course(course_id: int, userid: int) -> Course:
    course = enter_course(course_id, userid)
    require_capability("moodle/course:managegroups", context_course(course.id), userid)
    return course


def existing_group(group_id: int) -> Group:
    group = current.session.get(Group, group_id)
    if group is None:
        raise MissingRecord("groups")
    return group


def as_dict(group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "courseid": group.courseid,
        "name": group.name,
        "description": group.description,
        "descriptionformat": FORMAT_HTML if group.description else group.descriptionformat,
        "enrolmentkey": group.enrolmentkey,
        "idnumber": group.idnumber,
        "visibility": group.visibility,
        "participation": group.participation,
    }
