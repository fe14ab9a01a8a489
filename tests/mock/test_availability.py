"""Who passes a tree of conditions, and what the others are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_moodle.availability.tree import Condition, Group, TreeError, check, read_tree
from mock_moodle.availability.wording import explain, explain_all

NEW_YEAR_2030 = 1_893_456_000


@dataclass
class Anna:
    now: int = 1_800_000_000
    groups: frozenset[int] = frozenset({7})
    completed: dict[int, int] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    grades: dict[int, float] = field(default_factory=dict)
    proctored: bool = False
    staff: bool = False

    def group_ids(self) -> frozenset[int]:
        return self.groups

    def grouping_ids(self) -> frozenset[int]:
        return frozenset({70} if 7 in self.groups else ())

    def sees_all_groups(self) -> bool:
        return self.staff

    def completion_state(self, cmid: int) -> int:
        return self.completed.get(cmid, 0)

    def previous_module(self, cmid: int) -> int | None:
        return cmid - 1 if cmid > 1 else None

    def profile_field(self, name: str) -> str:
        return self.fields.get(name, "")

    def grade_percent(self, item_id: int) -> float | None:
        return self.grades.get(item_id)

    def plugin_condition(self, node: Mapping[str, Any], *, negated: bool) -> bool:
        return node["type"] == "examus" and self.proctored != negated


class Titles:
    def group(self, group_id: int) -> str:
        return f"Group <{group_id}>"

    def grouping(self, grouping_id: int) -> str:
        return f"Grouping {grouping_id}"

    def module(self, cmid: int) -> str:
        return f"Module {cmid}"

    def grade_item(self, item_id: int) -> str:
        return f"Item {item_id}"

    def profile_field(self, name: str) -> str:
        return name.title()

    def plugin_condition(self, node: Mapping[str, Any], *, negated: bool) -> str:  # noqa: ARG002
        return "Use examus app to view this module"

    def date(self, timestamp: int) -> str:
        return {NEW_YEAR_2030: "1 January 2030", NEW_YEAR_2030 - 86_400: "31 December 2029"}.get(timestamp, "some day")

    def is_midnight(self, timestamp: int) -> bool:
        return timestamp % 86_400 == 0


def admits(node: dict[str, Any], anna: Anna | None = None, *, operator: str = "&", cmid: int = 5) -> bool:
    tree = read_tree({"op": operator, "c": [node]})
    return check(tree, anna or Anna(), cmid).available


def told(tree: dict[str, Any], anna: Anna | None = None) -> str:
    verdict = check(read_tree(tree), anna or Anna(), 5)
    assert not verdict.available
    assert verdict.failure is not None
    return explain(verdict.failure, Titles())


PAST, FUTURE = {"type": "date", "d": ">=", "t": 1}, {"type": "date", "d": ">=", "t": NEW_YEAR_2030}


@pytest.mark.parametrize("stored", [None, "", '{"op":"&","c":[],"showc":[]}', {"op": "|", "c": [], "show": True}])
def test_nothing_restricted_admits_everybody(stored: Any) -> None:
    assert check(read_tree(stored), Anna(), 5).available


@pytest.mark.parametrize(
    ("operator", "children", "available"),
    [
        ("&", [PAST, PAST], True),
        ("&", [PAST, FUTURE], False),
        ("|", [PAST, FUTURE], True),
        ("|", [FUTURE, FUTURE], False),
        ("!&", [PAST, FUTURE], True),
        ("!&", [PAST, PAST], False),
        ("!|", [FUTURE, FUTURE], True),
        ("!|", [PAST, FUTURE], False),
    ],
)
def test_operators(operator: str, children: list[dict[str, Any]], available: bool) -> None:
    assert check(read_tree({"op": operator, "c": children}), Anna(), 5).available is available


@pytest.mark.parametrize(
    ("node", "anna", "available"),
    [
        ({"type": "date", "d": "<", "t": NEW_YEAR_2030}, Anna(), True),
        ({"type": "date", "d": "<", "t": NEW_YEAR_2030}, Anna(now=NEW_YEAR_2030), False),
        ({"type": "date", "d": ">=", "t": NEW_YEAR_2030}, Anna(now=NEW_YEAR_2030), True),
        ({"type": "group", "id": 7}, Anna(), True),
        ({"type": "group", "id": 8}, Anna(), False),
        ({"type": "group"}, Anna(), True),
        ({"type": "group"}, Anna(groups=frozenset()), False),
        ({"type": "grouping", "id": 70}, Anna(), True),
        ({"type": "grouping", "id": 71}, Anna(), False),
        ({"type": "completion", "cm": 3, "e": 1}, Anna(completed={3: 2}), True),
        ({"type": "completion", "cm": 3, "e": 2}, Anna(completed={3: 3}), False),
        ({"type": "completion", "cm": 3, "e": 3}, Anna(completed={3: 3}), True),
        ({"type": "completion", "cm": 3, "e": 0}, Anna(), True),
        ({"type": "completion", "cm": -1, "e": 1}, Anna(completed={4: 1}), True),
        ({"type": "grade", "id": 1}, Anna(grades={1: 0.0}), True),
        ({"type": "grade", "id": 1}, Anna(), False),
        ({"type": "grade", "id": 1, "min": 50}, Anna(grades={1: 50.0}), True),
        ({"type": "grade", "id": 1, "max": 50}, Anna(grades={1: 50.0}), False),
        ({"type": "grade", "id": 1, "min": 50, "max": 90}, Anna(grades={1: 89.9}), True),
        ({"type": "profile", "sf": "city", "op": "isequalto", "v": "MOSCOW"}, Anna(fields={"city": "Moscow"}), True),
        ({"type": "profile", "sf": "city", "op": "contains", "v": "osc"}, Anna(fields={"city": "Moscow"}), True),
        ({"type": "profile", "cf": "dept", "op": "doesnotcontain", "v": "x"}, Anna(fields={"dept": "abc"}), True),
        ({"type": "profile", "sf": "city", "op": "startswith", "v": "mo"}, Anna(fields={"city": "Moscow"}), True),
        ({"type": "profile", "sf": "city", "op": "endswith", "v": "mo"}, Anna(fields={"city": "Moscow"}), False),
        ({"type": "profile", "sf": "city", "op": "isempty"}, Anna(), True),
        ({"type": "profile", "sf": "city", "op": "isnotempty"}, Anna(), False),
        ({"type": "examus"}, Anna(proctored=True), True),
        ({"type": "examus"}, Anna(), False),
        ({"type": "never_installed"}, Anna(proctored=True), False),
    ],
)
def test_each_condition_and_its_opposite(node: dict[str, Any], anna: Anna, available: bool) -> None:
    assert admits(node, anna) is available
    if node["type"] != "never_installed":
        assert admits(node, anna, operator="!&") is not available


def test_a_plugin_that_is_gone_admits_nobody_even_negated() -> None:
    assert not admits({"type": "never_installed"}, operator="!&")


def test_the_first_activity_of_a_course_has_no_previous_one() -> None:
    assert not admits({"type": "completion", "cm": -1, "e": 1}, cmid=1)


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (
            {"op": "&", "c": [{"type": "examus"}], "showc": [True]},
            "Not available unless: Use examus app to view this module",
        ),
        ({"op": "&", "c": [FUTURE], "showc": [True]}, "Available from <strong>1 January 2030</strong>"),
        (
            {"op": "!|", "c": [{"type": "date", "d": ">=", "t": 1}], "showc": [True]},
            "Available until <strong>some day</strong>",
        ),
        (
            {"op": "&", "c": [FUTURE, {"type": "group", "id": 8}], "showc": [True, True]},
            "Not available unless: <ul><li>It is on or after <strong>1 January 2030</strong></li>"
            "<li>You belong to <strong>Group &lt;8&gt;</strong></li></ul>",
        ),
        (
            {"op": "|", "c": [{"type": "grade", "id": 1, "min": 50}, {"type": "completion", "cm": 3, "e": 1}]},
            "Not available unless any of: <ul><li>You achieve higher than a certain score in <strong>Item 1</strong>"
            "</li><li>The activity <strong>Module 3</strong> is marked complete</li></ul>",
        ),
        (
            {"op": "&", "c": [{"op": "|", "c": [FUTURE, {"type": "examus"}]}, {"type": "group", "id": 8}]},
            "Not available unless: <ul><li>Any of: <ul><li>It is on or after <strong>1 January 2030</strong></li>"
            "<li>Use examus app to view this module</li></ul></li>"
            "<li>You belong to <strong>Group &lt;8&gt;</strong></li></ul>",
        ),
    ],
)
def test_the_reason_is_told_in_moodles_words(tree: dict[str, Any], text: str) -> None:
    assert told(tree) == text


def test_an_activity_that_closes_at_midnight_closes_at_the_end_of_the_day_before() -> None:
    node = {"type": "date", "d": "<", "t": NEW_YEAR_2030}
    assert told({"op": "&", "c": [node, FUTURE]}, Anna(now=NEW_YEAR_2030)).endswith("31 December 2029</strong>")


@pytest.mark.parametrize(
    "tree",
    [
        {"op": "&", "c": [FUTURE, {"type": "examus"}], "showc": [True, False]},
        {"op": "|", "c": [FUTURE, {"type": "examus"}], "show": False},
    ],
)
def test_a_closed_eye_hides_the_activity(tree: dict[str, Any]) -> None:
    assert check(read_tree(tree), Anna(), 5).hidden


def test_staff_see_every_restriction_met_or_not() -> None:
    tree = read_tree({"op": "&", "c": [PAST, {"type": "group", "id": 7}]})
    assert tree is not None
    assert explain_all(tree, Titles()).count("<li>") == 2


@pytest.mark.parametrize(
    ("stored", "mend"),
    [
        ("{", "no JSON"),
        ("[[]]", "must be an object"),
        ("[1]", "must be an object"),
        ('{"c":[]}', "op must be one of"),
        ('{"op":"&"}', "c must be a list"),
        ('{"op":"&","c":[{"op":"?","c":[]}]}', r"c\[0\]\.op must be one of"),
        ('{"op":"&","c":[{}]}', r"c\[0\]\.type is missing"),
        ('{"op":"&","c":[3]}', r"c\[0\] must be an object"),
        ('{"op":"&","c":[{"type":"x"}],"showc":[]}', "showc must have one value"),
    ],
)
def test_a_broken_tree_is_named(stored: str, mend: str) -> None:
    with pytest.raises(TreeError, match=mend):
        read_tree(stored)


LEAVES = st.sampled_from([PAST, FUTURE, {"type": "group", "id": 7}, {"type": "group", "id": 8}, {"type": "examus"}])
TREES = st.recursive(
    LEAVES,
    lambda children: st.fixed_dictionaries(
        {"op": st.sampled_from(["&", "|", "!&", "!|"]), "c": st.lists(children, min_size=1, max_size=3)}
    ),
    max_leaves=12,
)


def by_plain_logic(node: dict[str, Any], anna: Anna) -> bool:
    if "op" not in node:
        return admits(node, anna)
    values = [by_plain_logic(child, anna) for child in node["c"]]
    joined = all(values) if node["op"].endswith("&") else any(values)
    return joined != node["op"].startswith("!")


@given(TREES.filter(lambda tree: "op" in tree), st.booleans())
def test_nested_negations_agree_with_plain_logic(tree: dict[str, Any], proctored: bool) -> None:
    anna = Anna(proctored=proctored)
    assert check(read_tree(tree), anna, 5).available is by_plain_logic(tree, anna)


def test_leaves_come_in_the_order_of_the_form() -> None:
    tree = read_tree({"op": "&", "c": [{"op": "|", "c": [PAST, FUTURE]}, {"type": "examus"}]})
    assert isinstance(tree, Group)
    assert [leaf.type for leaf in tree.conditions()] == ["date", "date", "examus"]
    assert all(isinstance(leaf, Condition) for leaf in tree.conditions())


@pytest.mark.parametrize("node", [{"type": "group", "id": 8}, {"type": "grouping", "id": 9}])
def test_groups_keep_nobody_out_who_sees_them_all(node: dict[str, Any]) -> None:
    staff = Anna(groups=frozenset(), staff=True)
    opposite = {"op": "!&", "c": [node], "show": True}
    assert admits(node, staff)
    assert check(read_tree(opposite), staff, 5).available
    assert not admits(node, Anna(groups=frozenset()))
