"""core_group_*, as far as it is about groupings: groups taken together."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, delete, select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_course, require_capability
from mock_moodle.errors import InvalidParameter, MissingRecord, MoodleError, UnwritableRow
from mock_moodle.site import current
from mock_moodle.store.collation import same
from mock_moodle.store.core import Course, Group, Grouping, GroupingGroup
from mock_moodle.webservice.context import enter_course, get_course, supported_format
from mock_moodle.webservice.core_group import (
    CUSTOM_FIELDS,
    CUSTOM_FIELDS_SENT,
    FORMAT_HTML,
    GROUP,
    LONGEST_NAME,
    as_dict,
    existing_group,
)
from mock_moodle.webservice.registry import Call, function

OPTIONAL = Presence.OPTIONAL

_DESCRIBED: dict[str, Schema] = {
    "name": Value("text", "multilang compatible name, course unique"),
    "description": Value("raw", "grouping description text"),
}
_CHANGED: dict[str, Schema] = {
    **_DESCRIBED,
    "descriptionformat": Value("int", "description format", Presence.DEFAULT, 1),
    "idnumber": Value("raw", "id number", OPTIONAL),
    "customfields": CUSTOM_FIELDS_SENT,
}
_GROUPING: dict[str, Schema] = {
    "id": Value("int", "grouping record id"),
    "courseid": Value("int", "id of course"),
    **_DESCRIBED,
    "descriptionformat": Value("int", "description format"),
    "idnumber": Value("raw", "id number"),
}
_IDS = Multiple(Value("int", "grouping ID"))
_PAIRS = Multiple(
    Single({"groupingid": Value("int", "grouping record id"), "groupid": Value("int", "group record id")})
)
_IN_GROUPING = (
    "id", "courseid", "name", "description", "descriptionformat", "enrolmentkey", "idnumber",
)  # fmt: skip


@function(
    "core_group_create_groupings",
    {"groupings": Multiple(Single({"courseid": Value("int", "id of course"), **_CHANGED}))},
    Multiple(Single({**_GROUPING, "customfields": CUSTOM_FIELDS_SENT})),
    type="write",
)
def create_groupings(call: Call, groupings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    created = []
    for spec in groupings:
        _require_name(spec["name"])
        if _exists(Grouping.courseid == spec["courseid"], same(Grouping.name, spec["name"])):
            raise InvalidParameter("Grouping with the same name already exists in the course")
        course = _managed_course(spec["courseid"], call.userid)
        grouping = Grouping(courseid=course.id, timecreated=current.clock.time())
        _change(grouping, spec)
        current.session.add(grouping)
        current.session.flush()
        created.append({**spec, "id": grouping.id})
    current.commit()  # an answer without an idnumber breaks the signature, but the grouping is there
    return created


@function(
    "core_group_update_groupings",
    {"groupings": Multiple(Single({"id": Value("int", "id of grouping"), **_CHANGED}))},
    None,
    type="write",
)
def update_groupings(call: Call, groupings: list[dict[str, Any]]) -> None:
    for spec in groupings:
        _require_name(spec["name"])
        grouping = current.session.get(Grouping, spec["id"])
        if grouping is None:
            raise InvalidParameter(f"Grouping {spec['id']} does not exist in the course")
        taken = _exists(Grouping.courseid == grouping.courseid, same(Grouping.name, spec["name"]))
        if spec["name"] != grouping.name and taken:
            raise InvalidParameter("A different grouping with the same name already exists in the course")
        _managed_course(grouping.courseid, call.userid)
        _change(grouping, spec)


@function(
    "core_group_get_groupings",
    {
        "groupingids": _IDS,
        "returngroups": Value("bool", "return associated groups", Presence.DEFAULT, 0),
    },
    Multiple(
        Single(
            {
                **_GROUPING,
                **CUSTOM_FIELDS,
                "groups": Multiple(
                    Single({**{key: GROUP[key] for key in _IN_GROUPING}, **CUSTOM_FIELDS}), "optional groups", OPTIONAL
                ),
            }
        )
    ),
)
def get_groupings(call: Call, groupingids: list[int], returngroups: bool) -> list[dict[str, Any]]:
    found = []
    for grouping_id in groupingids:
        grouping = _grouping(grouping_id)
        _managed_course(grouping.courseid, call.userid)
        told = _as_dict(grouping) | {"customfields": []}
        groups = current.session.scalars(
            select(Group).join(GroupingGroup).where(GroupingGroup.groupingid == grouping.id).order_by(Group.id)
        ).all()
        if returngroups and groups:
            told["groups"] = [
                {name: value for name, value in as_dict(group).items() if name in _IN_GROUPING} | {"customfields": []}
                for group in groups
            ]
        found.append(told)
    return found


@function("core_group_get_course_groupings", {"courseid": Value("int", "id of course")}, Multiple(Single(_GROUPING)))
def get_course_groupings(call: Call, courseid: int) -> list[dict[str, Any]]:
    course = _managed_course(courseid, call.userid)
    rows = select(Grouping).where(Grouping.courseid == course.id).order_by(Grouping.name)
    return [_as_dict(grouping) for grouping in current.session.scalars(rows)]


@function("core_group_delete_groupings", {"groupingids": _IDS}, None, type="write")
def delete_groupings(call: Call, groupingids: list[int]) -> None:
    for grouping_id in groupingids:
        grouping = current.session.get(Grouping, grouping_id)
        if grouping is None:
            continue
        _managed_course(grouping.courseid, call.userid)
        current.session.execute(delete(GroupingGroup).where(GroupingGroup.groupingid == grouping.id))
        current.session.delete(grouping)
        current.session.flush()


@function("core_group_assign_grouping", {"assignments": _PAIRS}, None, type="write")
def assign_grouping(call: Call, assignments: list[dict[str, int]]) -> None:
    for pair in assignments:
        grouping, group = _grouping(pair["groupingid"]), existing_group(pair["groupid"])
        if current.session.get(GroupingGroup, (grouping.id, group.id)) is None:
            _managed_course(grouping.courseid, call.userid)
            current.session.add(GroupingGroup(groupingid=grouping.id, groupid=group.id, timeadded=current.clock.time()))
            current.session.flush()


@function("core_group_unassign_grouping", {"unassignments": _PAIRS}, None, type="write")
def unassign_grouping(call: Call, unassignments: list[dict[str, int]]) -> None:
    for pair in unassignments:
        grouping, group = _grouping(pair["groupingid"]), existing_group(pair["groupid"])
        row = current.session.get(GroupingGroup, (grouping.id, group.id))
        if row is not None:
            _managed_course(grouping.courseid, call.userid)
            current.session.delete(row)
            current.session.flush()


def _managed_course(course_id: int, userid: int) -> Course:
    """A course that is missing is told before anything else, not wrapped."""
    course = enter_course(get_course(course_id).id, userid)
    require_capability("moodle/course:managegroups", context_course(course.id), userid)
    return course


def _require_name(name: str) -> None:
    if not name.strip():
        raise InvalidParameter("Invalid grouping name")


def _change(grouping: Grouping, spec: dict[str, Any]) -> None:
    if "idnumber" in spec:
        idnumber = spec["idnumber"].strip()
        others = (Grouping.courseid == grouping.courseid, same(Grouping.idnumber, idnumber))
        if idnumber and _exists(*others, Grouping.id != (grouping.id or 0)):
            raise MoodleError("idnumbertaken", "This ID number is already in use")
        grouping.idnumber = idnumber
    if len(spec["name"].strip()) > LONGEST_NAME + 1:
        raise UnwritableRow
    grouping.name, grouping.description = spec["name"].strip(), spec["description"]
    grouping.descriptionformat = supported_format(spec["descriptionformat"])


def _exists(*conditions: ColumnElement[bool]) -> bool:
    return current.session.scalar(select(Grouping.id).where(*conditions).limit(1)) is not None


def _grouping(grouping_id: int) -> Grouping:
    grouping = current.session.get(Grouping, grouping_id)
    if grouping is None:
        raise MissingRecord("groupings")
    return grouping


def _as_dict(grouping: Grouping) -> dict[str, Any]:
    return {
        "id": grouping.id,
        "courseid": grouping.courseid,
        "name": grouping.name,
        "description": grouping.description,
        "descriptionformat": FORMAT_HTML if grouping.description else grouping.descriptionformat,
        "idnumber": grouping.idnumber,
    }
