"""The tree of conditions as stored in `course_modules.availability`, and who passes it.

Four operators: `&` (all), `|` (any), `!&` (not all) and `!|` (not any). The root tells for each child (`showc`, where
all must hold) or for all together (`show`, where one is enough) whether a person who fails sees the greyed-out
activity or nothing at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_moodle.availability.conditions import DATE, date_holds, holds, problem
from mock_moodle.availability.learner import Learner

OPERATORS = ("&", "|", "!&", "!|")


class TreeError(ValueError):
    """The stored JSON is no availability tree."""


@dataclass(frozen=True)
class Condition:
    """A leaf: the node as stored, `type` and the type's own keys."""

    node: Mapping[str, Any]

    @property
    def type(self) -> str:
        return str(self.node["type"])


@dataclass(frozen=True)
class Group:
    """A set of conditions under one operator."""

    operator: str
    children: tuple[Condition | Group, ...]
    show_children: tuple[bool, ...] | None = None
    show: bool = True

    def conditions(self) -> Iterator[Condition]:
        """Every leaf, depth first, in the order of the form."""
        for child in self.children:
            if isinstance(child, Condition):
                yield child
            else:
                yield from child.conditions()


@dataclass(frozen=True)
class Failure:
    """What stood in the way, as far as it may be shown: one condition, or a set of them."""

    condition: Condition | None = None
    negated: bool = False
    all_needed: bool = True
    parts: tuple[Failure, ...] = field(default=())


@dataclass(frozen=True)
class Verdict:
    """`failure` is None for a person who passes, and for one who must not learn that the activity exists."""

    available: bool
    failure: Failure | None = None

    @property
    def hidden(self) -> bool:
        return not self.available and self.failure is None


PASSED = Verdict(True)


def read_tree(stored: str | Mapping[str, Any] | None) -> Group | None:
    """Read a stored tree; None and the empty string are "no restriction".

    Raises:
        TreeError: naming the key that is wrong.
    """
    if not stored:
        return None
    if isinstance(stored, str):
        try:
            stored = json.loads(stored)
        except ValueError as error:
            raise TreeError(f"availability is no JSON: {error}") from error
    if not isinstance(stored, Mapping):
        raise TreeError("availability must be an object with `op` and `c`")
    return _read_group(stored, "availability")


def _read_group(node: Mapping[str, Any], where: str) -> Group:
    operator, children = node.get("op"), node.get("c")
    if operator not in OPERATORS:
        raise TreeError(f"{where}.op must be one of {', '.join(OPERATORS)}, not {operator!r}")
    if not isinstance(children, list):
        raise TreeError(f"{where}.c must be a list of conditions")
    read = tuple(_read_child(child, f"{where}.c[{index}]") for index, child in enumerate(children))
    shown = node.get("showc")
    if shown is not None and (not isinstance(shown, list) or len(shown) != len(read)):
        raise TreeError(f"{where}.showc must have one value for each condition")
    return Group(operator, read, None if shown is None else tuple(map(bool, shown)), bool(node.get("show", True)))


def _read_child(child: object, where: str) -> Condition | Group:
    if not isinstance(child, Mapping):
        raise TreeError(f"{where} must be an object")
    if isinstance(child.get("type"), str):
        if wrong := problem(child):
            raise TreeError(f"{where}: {wrong}")
        return Condition(child)  # before `op`: a profile condition has one too
    if "op" in child:
        return _read_group(child, where)
    raise TreeError(f"{where}.type is missing")


def check(tree: Group | None, learner: Learner, cmid: int) -> Verdict:
    """Whether `learner` may enter the module `cmid`."""
    return PASSED if tree is None else _check_group(tree, learner, cmid, negated=False, root=True)


def admits_all(tree: Group | None, now: int, *, negated: bool = False) -> bool:
    """Whether nobody can fail: of the conditions a date alone is the same for everybody."""
    if tree is None or not tree.children:
        return True
    negated = negated != tree.operator.startswith("!")
    outcomes = (
        admits_all(child, now, negated=negated)
        if isinstance(child, Group)
        else child.type == DATE and date_holds(child.node, now) != negated
        for child in tree.children
    )
    return all(outcomes) if tree.operator.endswith("&") != negated else any(outcomes)


def _check_group(group: Group, learner: Learner, cmid: int, *, negated: bool, root: bool) -> Verdict:
    if not group.children:
        return PASSED
    # A negation turns "all" into "any" and passes on to the children.
    child_negated = negated != group.operator.startswith("!")
    all_needed = group.operator.endswith("&") != child_negated
    failures: list[Failure] = []
    passed_all = True
    hidden = root and not all_needed and not group.show
    for index, child in enumerate(group.children):
        if isinstance(child, Condition):
            passed = holds(child.node, learner, cmid, negated=child_negated)
            failure = None if passed else Failure(child, child_negated)
        else:
            verdict = _check_group(child, learner, cmid, negated=child_negated, root=False)
            passed, failure = verdict.available, verdict.failure
        if passed and not all_needed:
            return PASSED
        if not passed:
            passed_all = False
            if failure is not None:
                failures.append(failure)
            hidden = hidden or (root and group.show_children is not None and not group.show_children[index])
    if all_needed and passed_all:
        return PASSED
    return Verdict(False, None if hidden else Failure(all_needed=all_needed, parts=tuple(failures)))
