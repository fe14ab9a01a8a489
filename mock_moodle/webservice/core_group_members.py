"""core_group_*: who is in a course's groups."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_course, has_capability, is_enrolled
from mock_moodle.course.enrolled import active_courses
from mock_moodle.errors import InvalidParameter
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.core import Group, GroupingGroup, GroupMember
from mock_moodle.webservice.context import existing_user, get_course, require_active_user
from mock_moodle.webservice.core_group import GROUP_IDS, OF_A_USER, as_dict, existing_group, managed_course
from mock_moodle.webservice.courses_asked import courses_asked
from mock_moodle.webservice.registry import WARNINGS, Call, function

_MEMBERS: dict[str, Schema] = {
    "members": Multiple(Single({"groupid": Value("int", "group record id"), "userid": Value("int", "user id")}))
}


@function("core_group_add_group_members", _MEMBERS, None, type="write")
def add_group_members(call: Call, members: list[dict[str, int]]) -> None:
    for member in members:
        group = existing_group(member["groupid"])
        managed_course(group.courseid, call.userid)
        existing_user(member["userid"])
        if not is_enrolled(group.courseid, member["userid"]):
            raise InvalidParameter("Only enrolled users may be members of groups")
        if current.session.get(GroupMember, (group.id, member["userid"])) is None:
            current.session.add(GroupMember(groupid=group.id, userid=member["userid"], timeadded=current.clock.time()))


@function("core_group_delete_group_members", _MEMBERS, None, type="write")
def delete_group_members(call: Call, members: list[dict[str, int]]) -> None:
    for member in members:
        group = existing_group(member["groupid"])
        managed_course(group.courseid, call.userid)
        existing_user(member["userid"])
        row = current.session.get(GroupMember, (group.id, member["userid"]))
        if row is not None:
            current.session.delete(row)


@function(
    "core_group_get_group_members",
    GROUP_IDS,
    Multiple(Single({"groupid": Value("int", "group record id"), "userids": Multiple(Value("int", "user id"))})),
)
def get_group_members(call: Call, groupids: list[int]) -> list[dict[str, Any]]:
    found = []
    for group_id in groupids:
        group = existing_group(group_id)
        managed_course(group.courseid, call.userid)
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
    Single({"groups": Multiple(Single(OF_A_USER)), "warnings": WARNINGS}),
)
def get_course_user_groups(call: Call, courseid: int, userid: int, groupingid: int) -> dict[str, Any]:
    wanted = userid or call.userid
    require_active_user(wanted)
    if courseid:
        get_course(courseid)
    asked = [courseid] if courseid else [course.id for course in active_courses(wanted)]
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
        if groupingid:
            rows = rows.join(GroupingGroup).where(GroupingGroup.groupingid == groupingid)
        groups.extend(current.session.scalars(rows.order_by(Group.name)))
    return {"groups": [as_dict(group) for group in groups], "warnings": warnings}


def _warning(courseid: int, code: str, message: str) -> dict[str, Any]:
    return {"item": "course", "itemid": courseid, "warningcode": code, "message": message}
