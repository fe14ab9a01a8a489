"""Which course modules are to be watched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, select

from contract.condition import CONDITION_TYPE
from mock_moodle.availability import tree_of
from mock_moodle.site import current
from mock_moodle.store import copy_of
from mock_moodle.store.core import Course, CourseModule, CourseSection


@dataclass(frozen=True)
class Candidate:
    """A module with the restriction somewhere in its tree; `node` is the first one, which alone counts."""

    cm: CourseModule
    """To read, not to change."""
    node: Mapping[str, Any]


def node_of(cm: CourseModule) -> Mapping[str, Any] | None:
    """The first proctoring restriction of a module's tree, depth first."""
    tree = tree_of(cm.availability)
    if tree is None:
        return None
    return next((leaf.node for leaf in tree.conditions() if leaf.type == CONDITION_TYPE), None)


def candidates() -> dict[int, list[Candidate]]:
    """Of the whole site, by course, in the order of each course's page. Read again only when modules change."""
    return current.cached(("course", "course_modules", "course_sections"), "examus candidates", _read)


def _read() -> dict[int, list[Candidate]]:
    query = (
        select(CourseModule)
        .join(CourseSection, CourseSection.id == CourseModule.section)
        .join(Course, Course.id == CourseModule.course)
        .where(cast(CourseModule.availability, String).contains(f'"{CONDITION_TYPE}"'))
        .order_by(Course.sortorder, Course.id, CourseSection.section, CourseModule.position, CourseModule.id)
    )
    found: dict[int, list[Candidate]] = {}
    for cm in current.session.scalars(query):
        node = node_of(cm)
        if node is not None:
            found.setdefault(cm.course, []).append(Candidate(copy_of(cm), dict(node)))
    return found
