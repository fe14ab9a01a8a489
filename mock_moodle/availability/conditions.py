"""The conditions that come with Moodle, one rule a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mock_moodle.availability.learner import Learner

Node = Mapping[str, Any]
DATE = "date"


def date_holds(node: Node, now: int) -> bool:
    """`d` is `>=` (from `t`) or `<` (until `t`)."""
    return now >= int(node["t"]) if node.get("d") == ">=" else now < int(node["t"])


def date(node: Node, learner: Learner, _cmid: int) -> bool:
    return date_holds(node, learner.now)


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


WITHOUT_VALUE = ("isempty", "isnotempty")


def profile(node: Node, learner: Learner, _cmid: int) -> bool:
    """A profile field, standard (`sf`) or custom (`cf`), compared (`op`) with `v`; letter case never matters."""
    actual = learner.profile_field(str(node.get("sf") or node.get("cf") or "")).casefold()
    compare = COMPARISONS.get(str(node.get("op")))
    return compare is not None and compare(actual, str(node.get("v") or "").casefold())


def problem(node: Node) -> str | None:
    """Why Moodle cannot make a condition of its own of this; a plugin's is the plugin's business."""

    def is_int(key: str) -> bool:
        return isinstance(node.get(key), int) and not isinstance(node[key], bool)

    def is_bound(key: str) -> bool:
        return key not in node or is_int(key) or isinstance(node[key], float)

    fields = {
        "date": {"d": node.get("d") in (">=", "<"), "t": is_int("t")},
        "group": {"id": "id" not in node or is_int("id")},
        "grouping": {"id": is_int("id") if "id" in node else node.get("activity") is True},
        "completion": {"cm": is_int("cm"), "e": "e" not in node or node["e"] in (0, 1, 2, 3)},
        "grade": {"id": is_int("id"), "min": is_bound("min"), "max": is_bound("max")},
        "profile": {
            "op": node.get("op") in COMPARISONS,
            "v": node.get("op") in WITHOUT_VALUE or isinstance(node.get("v"), str),
            "sf": any(isinstance(node.get(key), str) for key in ("sf", "cf")),
        },
    }
    wrong = [field for field, right in fields.get(str(node["type"]), {}).items() if not right]
    return f"Missing or invalid ->{wrong[0]} for {node['type']} condition" if wrong else None


CORE: dict[str, Callable[[Node, Learner, int], bool]] = {
    "date": date,
    "group": group,
    "grouping": grouping,
    "completion": completion,
    "grade": grade,
    "profile": profile,
}


OF_GROUPS = ("group", "grouping")


def holds(node: Node, learner: Learner, cmid: int, *, negated: bool) -> bool:
    """Whether one condition lets the learner in. A plugin's own type judges its negation itself, as Moodle has it."""
    kind = str(node["type"])
    rule = CORE.get(kind)
    if rule is None:
        return learner.plugin_condition(node, negated=negated)
    if kind in OF_GROUPS and learner.sees_all_groups():
        return True
    return rule(node, learner, cmid) != negated
