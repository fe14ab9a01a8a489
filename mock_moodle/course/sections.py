"""Sections as every activity in them asks for them: read once, and again after a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import select

from mock_moodle.errors import MissingRecord
from mock_moodle.site import current
from mock_moodle.store.core import CourseSection


class SectionState(NamedTuple):
    """What a section lets through. `availability` is read only."""

    visible: bool
    availability: Mapping[str, Any] | None


def state_of(section_id: int) -> SectionState:
    def read() -> SectionState | None:
        wanted = select(CourseSection.visible, CourseSection.availability).where(CourseSection.id == section_id)
        found = current.session.execute(wanted).one_or_none()
        return SectionState(*found) if found else None

    state = current.cached(("course_sections",), ("section state", section_id), read)
    if state is None:
        raise MissingRecord("course_sections")
    return state
