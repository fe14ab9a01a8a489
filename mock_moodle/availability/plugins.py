"""Conditions that plugins bring. A package of the mock that plays such a plugin registers it:

    register("examus", Examus())

It counts only while `availability_<type>` is installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from mock_moodle.plugins import installed_version
from mock_moodle.store.core import CourseModule


class PluginCondition(Protocol):
    def holds(self, node: Mapping[str, Any], cm: CourseModule, userid: int, *, negated: bool) -> bool:
        """Whether it lets the user in."""

    def describe(self, node: Mapping[str, Any], cm: CourseModule, *, negated: bool) -> str:
        """What it demands, as HTML."""

    def problems(self, node: Mapping[str, Any]) -> list[str]:
        """What an activity's form is told that sends this; empty for a good one."""


_CONDITIONS: dict[str, PluginCondition] = {}


def register(type_: str, condition: PluginCondition) -> None:
    _CONDITIONS[type_] = condition


def installed_condition(type_: str) -> PluginCondition | None:
    if installed_version(f"availability_{type_}") is None:
        return None
    return _CONDITIONS.get(type_)
