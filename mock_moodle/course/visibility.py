"""Who sees an activity, and what those are told who do not.

The conditions are the business of `mock_moodle.availability`, whose `check(cm, userid)` tells `met` and `information`.
"""

from __future__ import annotations

from dataclasses import dataclass

from mock_moodle.access import context_course, context_module, has_capability
from mock_moodle.access.capabilities import TITLES
from mock_moodle.course.sections import state_of
from mock_moodle.store.core import CourseModule


@dataclass(frozen=True)
class Visibility:
    """`uservisible`: may enter. `listed`: stands on the course page, perhaps greyed out. `information` is HTML,
    empty if there is nothing to tell."""

    uservisible: bool
    listed: bool
    information: str = ""


def visibility_of(cm: CourseModule, userid: int) -> Visibility:
    context = context_course(cm.course)
    section = state_of(cm.section)
    if not _may_view(cm, userid):
        return Visibility(False, False)
    see_hidden = has_capability("moodle/course:viewhiddenactivities", context, userid)
    if not (cm.visible and section.visible) and not see_hidden:
        return Visibility(False, False)
    from mock_moodle.availability import check

    available = check(cm, userid)
    ignore = has_capability("moodle/course:ignoreavailabilityrestrictions", context, userid)
    if available.met or ignore:
        return Visibility(True, True, available.information)
    return Visibility(False, bool(available.information), available.information)


def _may_view(cm: CourseModule, userid: int) -> bool:
    """Modules with a view capability are not even listed to those who lack it."""
    capability = f"mod/{cm.modname}:view"
    return capability not in TITLES or has_capability(capability, context_module(cm.id), userid)
