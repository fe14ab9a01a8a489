"""The conditions that come with Moodle, one rule a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mock_moodle.availability.learner import Learner

Node = Mapping[str, Any]


def date(node: Node, learner: Learner, _cmid: int) -> bool:
    """`d` is `>=` (from `t`) or `<` (until `t`)."""
    return learner.now >= int(node["t"]) if node.get("d") == ">=" else learner.now < int(node["t"])


def group(node: Node, learner: Learner, _cmid: int) -> bool:
    """`id` names the group; without it any group of the course will do."""
    groups = learner.group_ids()
    return int(node["id"]) in groups if node.get("id") else bool(groups)


def grouping(node: Node, learner: Learner, _cmid: int) -> bool:
    """`id` names the grouping."""
    return int(node.get("id") or 0) in learner.grouping_ids()


def completion(node: Node, learner: Learner, cmid: int) -> bool:
    """`cm` is the other module (-1: the one before), `e` its state: 1 complete, 0 not, 2 passed, 3 failed."""
    other = int(node["cm"])
    if other == -1:
        previous = learner.previous_module(cmid)
        if previous is None:
            return False
        other = previous
    state = learner.completion_state(other)
    expected = int(node.get("e", 1))
    return state != 0 if expected == 1 else state == expected


def grade(node: Node, learner: Learner, _cmid: int) -> bool:
    """A percentage of the item `id`, at least `min` and below `max` where given."""
    percent = learner.grade_percent(int(node["id"]))
    if percent is None:
        return False
    return percent >= float(node.get("min", "-inf")) and percent < float(node.get("max", "inf"))


COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "isequalto": lambda actual, value: actual == value,
    "contains": lambda actual, value: value in actual,
    "doesnotcontain": lambda actual, value: value not in actual,
    "startswith": lambda actual, value: actual.startswith(value),
    "endswith": lambda actual, value: actual.endswith(value),
    "isempty": lambda actual, _value: actual == "",
    "isnotempty": lambda actual, _value: actual != "",
}


def profile(node: Node, learner: Learner, _cmid: int) -> bool:
    """A profile field, standard (`sf`) or custom (`cf`), compared (`op`) with `v`; letter case never matters."""
    actual = learner.profile_field(str(node.get("sf") or node.get("cf") or "")).casefold()
    compare = COMPARISONS.get(str(node.get("op")))
    return compare is not None and compare(actual, str(node.get("v") or "").casefold())


CORE: dict[str, Callable[[Node, Learner, int], bool]] = {
    "date": date,
    "group": group,
    "grouping": grouping,
    "completion": completion,
    "grade": grade,
    "profile": profile,
}


def holds(node: Node, learner: Learner, cmid: int, *, negated: bool) -> bool:
    """Whether one condition lets the learner in. A plugin's own type judges its negation itself, as Moodle has it."""
    rule = CORE.get(str(node["type"]))
    if rule is None:
        return learner.plugin_condition(node, negated=negated)
    return rule(node, learner, cmid) != negated
