"""Groups of a course and its groupings, read from a world and written into one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from mock_moodle.site import current
from mock_moodle.store.core import Course, Group, Grouping, GroupingGroup, GroupMember, User
from mock_moodle.world.parts import Objects, Place, Spec
from mock_moodle.world.people import find_user

DESCRIBED = ("id", "name", "idnumber", "description")


def load_groups(course: Course, spec: Spec, place: Place) -> None:
    """Takes `groups`, then `groupings`, which name them. Raises WorldError."""
    _load_groups(course, place.objects(spec, "groups", named="name"))
    _load_groupings(course, place.objects(spec, "groupings", named="name"))


def _load_groups(course: Course, groups: Objects) -> None:
    for place, spec in groups:
        place.known(spec, (*DESCRIBED, "members"))
        group = _described(Group(courseid=course.id), spec, place)
        for index, name in enumerate(place.texts(spec, "members")):
            member = find_user({"user": name}, place.at(f"members[{index}]"))
            current.session.merge(GroupMember(groupid=group.id, userid=member.id, timeadded=current.clock.time()))


def _load_groupings(course: Course, groupings: Objects) -> None:
    for place, spec in groupings:
        place.known(spec, (*DESCRIBED, "groups"))
        grouping = _described(Grouping(courseid=course.id), spec, place)
        for index, name in enumerate(place.texts(spec, "groups")):
            among = select(Group).where(Group.courseid == course.id, Group.name == name)
            group = current.session.scalar(among.order_by(Group.id).limit(1))
            if group is None:
                problem = f"{name!r} is no group of the course"
                raise place.error(f"groups[{index}]", problem, "write the name of one under groups")
            current.session.merge(GroupingGroup(groupingid=grouping.id, groupid=group.id))


def _described(row: Any, spec: Spec, place: Place) -> Any:
    row.name, row.timecreated = place.text(spec, "name"), current.clock.time()
    row.idnumber, row.description = place.text(spec, "idnumber", ""), place.text(spec, "description", "")
    if "id" in spec:
        row.id = place.identifier(spec, "id")
    with place.alone():
        current.session.add(row)
    return row


def groups_of(course: Course) -> Spec:
    """`groups` and `groupings` of a course's part of a world."""
    session = current.session
    groups = session.scalars(select(Group).where(Group.courseid == course.id).order_by(Group.id)).all()
    groupings = session.scalars(select(Grouping).where(Grouping.courseid == course.id).order_by(Grouping.id)).all()
    members = select(User.username).join(GroupMember, GroupMember.userid == User.id).order_by(User.id)
    held = select(Group.name).join(GroupingGroup).order_by(Group.id)
    return {
        "groups": [
            {**_told(group), "members": list(session.scalars(members.where(GroupMember.groupid == group.id)))}
            for group in groups
        ],
        "groupings": [
            {**_told(grouping), "groups": list(session.scalars(held.where(GroupingGroup.groupingid == grouping.id)))}
            for grouping in groupings
        ],
    }


def _told(row: Any) -> Spec:
    return {name: getattr(row, name) for name in DESCRIBED}
