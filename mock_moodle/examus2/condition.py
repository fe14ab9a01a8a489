"""The restriction: it lets every browser in, and no web service. What stops a student is the start of the attempt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_moodle.availability.plugins import register
from mock_moodle.examus2.names import CONDITION_TYPE
from mock_moodle.examus2.sessions import concerns
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule

IN_BROWSERS = "Use Examus proctoring"
IN_SERVICES = "Can not be accessed via Moodle mobile app"


class Examus2:
    def holds(self, node: Mapping[str, Any], cm: CourseModule, userid: int, *, negated: bool) -> bool:
        return (not _in_service() or not concerns(node, cm, userid)) != negated

    def describe(self, node: Mapping[str, Any], cm: CourseModule, *, negated: bool) -> str:  # noqa: ARG002
        return IN_SERVICES if _in_service() else IN_BROWSERS

    def problems(self, node: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """Its form marks a wrong duration, and sends it all the same."""
        return []


def _in_service() -> bool:
    return current.visit.userid is not None


register(CONDITION_TYPE, Examus2())
