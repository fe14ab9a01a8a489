"""core_group_*, as far as it is about an activity: its group mode, and whose groups somebody may look at there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import can_access_course, context_course, context_module, has_capability
from mock_moodle.errors import MissingByQuery, MoodleError
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule, Group, GroupingGroup, GroupMember
from mock_moodle.webservice.context import (
    existing_user,
    get_course,
    require_active_user,
    validate_course_context,
    validate_module_context,
)
from mock_moodle.webservice.core_group import FORMAT_HTML, OF_A_USER
from mock_moodle.webservice.pictures import theme_image
from mock_moodle.webservice.registry import WARNINGS, Call, function

VISIBLE_GROUPS = 2
ALL_GROUPS = "moodle/site:accessallgroups"
_CMID: dict[str, Schema] = {"cmid": Value("int", "course module id")}


@function(
    "core_group_get_activity_groupmode",
    _CMID,
    Single({"groupmode": Value("int", "0 for none, 1 for separate, 2 for visible groups"), "warnings": WARNINGS}),
)
def get_activity_groupmode(call: Call, cmid: int) -> dict[str, Any]:
    cm = _module(cmid, call.userid)
    return {"groupmode": _group_mode(cm), "warnings": []}


@function(
    "core_group_get_activity_allowed_groups",
    {**_CMID, "userid": Value("int", "id of user, empty for current user", Presence.DEFAULT, 0)},
    Single(
        {
            "groups": Multiple(Single(OF_A_USER)),
            "canaccessallgroups": Value(
                "bool", "Whether the user will be able to access all the activity groups.", Presence.OPTIONAL
            ),
            "warnings": WARNINGS,
        }
    ),
)
def get_activity_allowed_groups(call: Call, cmid: int, userid: int) -> dict[str, Any]:
    cm = _module(cmid, call.userid)
    context, wanted = context_module(cm.id), userid or call.userid
    existing_user(wanted)
    require_active_user(wanted)
    warnings = []
    if wanted != call.userid:
        if not has_capability("moodle/course:managegroups", context, call.userid):
            raise MoodleError("accessdenied", "Access denied")
        if not can_access_course(current.session.get_one(Course, cm.course), wanted):
            warning = {"item": "course", "itemid": cm.course, "warningcode": "1"}
            warnings.append(warning | {"message": f"User {wanted} cannot access course {cm.course}"})
    everything = has_capability(ALL_GROUPS, context, wanted)
    member = None if everything or _group_mode(cm) == VISIBLE_GROUPS else wanted
    groups = [] if warnings else _groups(cm.course, member, cm.groupingid, participation=True)
    return {
        "groups": [
            {
                "id": group.id,
                "name": group.name,
                "description": group.description,
                "descriptionformat": FORMAT_HTML if group.description else group.descriptionformat,
                "idnumber": group.idnumber,
                "courseid": cm.course,
            }
            for group in groups
        ],
        "canaccessallgroups": everything,
        "warnings": warnings,
    }


@function(
    "core_group_get_groups_for_selector",
    {
        "courseid": Value("int", "Course Id"),
        "cmid": Value("int", "Course module Id", Presence.DEFAULT, 0, nullable=True),
    },
    Single(
        {
            "groups": Multiple(
                Single(
                    {
                        "id": Value("alphanum", "An ID for the group"),
                        "name": Value("text", "The full name of the group"),
                        "groupimageurl": Value("url", "Group image URL", Presence.OPTIONAL),
                    }
                )
            ),
            "warnings": WARNINGS,
        }
    ),
    ajax=True,
    php="core_group\\external\\get_groups_for_selector::execute",
)
def get_groups_for_selector(call: Call, courseid: int, cmid: int | None) -> dict[str, Any]:
    if cmid:
        cm = _module(cmid, call.userid)
        context, mode, grouping = context_module(cm.id), _group_mode(cm), cm.groupingid
    else:
        course = get_course(courseid)
        validate_course_context(course, call.userid)
        context, mode, grouping = context_course(course.id), course.groupmode, 0
    if not mode:
        return {"groups": [], "warnings": []}
    everything = mode == VISIBLE_GROUPS or has_capability(ALL_GROUPS, context, call.userid)
    groups = _groups(courseid, None if everything else call.userid, grouping, participation=bool(cmid))
    told = [
        {
            "id": str(group.id),
            "name": group.name,
            "groupimageurl": current.url(
                f"/pluginfile.php/{context_course(courseid).id}/group/generated/{group.id}/group.svg"
            ),
        }
        for group in groups
    ]
    if everything or not groups:
        told.insert(0, {"id": "0", "name": "All participants", "groupimageurl": theme_image("core", "g/g1")})
    return {"groups": told, "warnings": []}


def _module(cmid: int, userid: int) -> CourseModule:
    cm = current.session.get(CourseModule, cmid)
    if cm is None:
        raise MissingByQuery
    validate_module_context(cm, userid)
    return cm


def _group_mode(cm: CourseModule) -> int:
    course = current.session.get_one(Course, cm.course)
    return course.groupmode if course.groupmodeforce else cm.groupmode


def _groups(course_id: int, member: int | None, grouping_id: int, *, participation: bool) -> list[Group]:
    """All groups, or somebody's; of one grouping if it is not 0."""
    wanted = select(Group).where(Group.courseid == course_id).order_by(Group.name, Group.id)
    if participation:
        wanted = wanted.where(Group.participation)
    if member is not None:
        wanted = wanted.where(Group.id.in_(select(GroupMember.groupid).where(GroupMember.userid == member)))
    if grouping_id:
        wanted = wanted.where(
            Group.id.in_(select(GroupingGroup.groupid).where(GroupingGroup.groupingid == grouping_id))
        )
    return list(current.session.scalars(wanted))
