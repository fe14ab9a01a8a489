"""The restriction among the conditions of an availability tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.condition import CONDITION_TYPE
from mock_moodle.availability.plugins import register
from mock_moodle.examus.behaviour import behaviour, is_v08
from mock_moodle.examus.exam import read_exam
from mock_moodle.examus.validation import problems
from mock_moodle.examus.waiver import is_waived
from mock_moodle.store.core import CourseModule


class Proctoring:
    def holds(self, node: Mapping[str, Any], cm: CourseModule, userid: int, *, negated: bool) -> bool:
        if is_waived():
            return not negated
        ways = behaviour()
        return ways.admits(cm, read_exam(node, complete=ways.complete_exams), userid, negated=negated)

    def describe(self, node: Mapping[str, Any], cm: CourseModule, *, negated: bool) -> str:
        ways = behaviour()
        return ways.describe(cm, read_exam(node, complete=ways.complete_exams), negated=negated)

    def problems(self, node: Mapping[str, Any]) -> list[str]:
        return [] if is_v08() else problems(node)


register(CONDITION_TYPE, Proctoring())
