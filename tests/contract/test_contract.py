"""The agreement holds together: counts as v0.8 had them, and no name that points nowhere."""

from __future__ import annotations

import ast
import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

import contract
from contract.access import CAPABILITIES
from contract.condition import (
    CHEATER_LEVEL,
    CONDITION_FIELDS,
    IDENTIFICATION_TITLES,
    MODE_TITLES,
    RULES,
    SCORING,
    SCORING_KEYS,
    WARNING_KEYS,
    WARNINGS,
    Identification,
    Mode,
)
from contract.entry import (
    COLUMNS,
    CONCLUSIONS,
    INDEXES,
    KEYS,
    MISNAMED_COLUMNS,
    OPEN_STATUSES,
    STATUS_TITLES,
    TRANSITIONS,
    USED_UP_STATUSES,
    Status,
    Trigger,
)
from contract.titles import Title
from contract.webservice import FUNCTIONS, Multiple, Presence, Schema, Single, Value


def test_the_counts_of_v08() -> None:
    assert (len(WARNINGS), len(RULES), len(SCORING), len(FUNCTIONS)) == (23, 10, 9, 5)


@pytest.mark.parametrize(
    "names",
    [
        [each.key for each in WARNINGS],
        [each.key for each in RULES],
        [each.key for each in SCORING],
        [each.key for each in CONDITION_FIELDS],
        [each.name for each in COLUMNS],
        [each.name for each in CAPABILITIES],
        [each.name for each in FUNCTIONS],
        [each.value for each in Status],
    ],
)
def test_no_name_is_declared_twice(names: list[str]) -> None:
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_keys_look_as_v08s_do() -> None:
    for key in WARNING_KEYS:
        assert re.fullmatch(r"warning_[a-z_]+", key)
    for key in (*(rule.key for rule in RULES), *SCORING_KEYS):
        assert re.fullmatch(r"[a-z_]+", key)


def test_what_a_key_points_at_exists() -> None:
    assert set(chain.from_iterable(rule.silences for rule in RULES)) <= set(WARNING_KEYS)
    assert set(chain.from_iterable(scoring.weighs for scoring in SCORING)) <= set(WARNING_KEYS)


def test_a_warning_counts_once_and_a_technical_one_never() -> None:
    weighed = Counter(chain.from_iterable(scoring.weighs for scoring in SCORING))
    assert [key for key, count in weighed.items() if count > 1] == []
    assert [warning.key for warning in WARNINGS if warning.technical and warning.key in weighed] == []


def test_scoring_ranges() -> None:
    for scoring in SCORING:
        threshold = scoring.key == CHEATER_LEVEL
        assert (scoring.minimum, scoring.maximum) == ((0, 100) if threshold else (0, 10))
        assert bool(scoring.weighs) is not threshold, f"{scoring.key} must weigh something, or be the threshold"
        assert scoring.default is None or scoring.minimum <= scoring.default <= scoring.maximum


def test_every_transition_leads_somewhere_definite() -> None:
    reviews = [each for each in TRANSITIONS if each.trigger is Trigger.REVIEWED]
    assert {each.after for each in reviews} == {*CONCLUSIONS, Status.NOT_REVIEWED}
    moves = Counter((each.before, each.trigger) for each in TRANSITIONS if each.trigger is not Trigger.REVIEWED)
    assert [move for move, count in moves.items() if count > 1] == []
    assert {each.trigger for each in TRANSITIONS} == set(Trigger)


def test_used_up_entries_are_replaced_and_nothing_else_is() -> None:
    for each in TRANSITIONS:
        assert each.renews is (each.after in USED_UP_STATUSES), each


def test_every_status_can_be_reached_from_the_first() -> None:
    reached = {Status.NOT_INITED}
    while more := {each.after for each in TRANSITIONS if each.before in reached} - reached:
        reached |= more
    assert reached == set(Status)


def test_only_open_entries_open() -> None:
    opening = {each.before for each in TRANSITIONS if each.trigger is Trigger.ENTRY_OPENED}
    assert opening == set(OPEN_STATUSES)


def test_keys_and_indexes_name_columns() -> None:
    names = {column.name for column in COLUMNS}
    for each in (*KEYS, *INDEXES):
        assert set(each.fields) <= names
    assert set(MISNAMED_COLUMNS.values()) <= names
    assert not set(MISNAMED_COLUMNS) & names


def test_names_fit_moodles_oldest_limits() -> None:
    """Before Moodle 4.3 XMLDB took 28 characters for a table and 30 for a column."""
    assert len("availability_examus") <= 28
    assert [column.name for column in COLUMNS if not re.fullmatch(r"[a-z][a-z0-9_]{0,29}", column.name)] == []


def test_titles_are_there_in_both_languages_and_not_swapped() -> None:
    titles = [
        *(each.title for each in (*WARNINGS, *RULES, *SCORING, *CONDITION_FIELDS, *CAPABILITIES)),
        *MODE_TITLES.values(),
        *IDENTIFICATION_TITLES.values(),
        *STATUS_TITLES.values(),
    ]
    for title in titles:
        assert isinstance(title, Title)
        assert not re.search("[а-яё]", title.en, re.IGNORECASE), title
        assert re.search("[а-яё]", title.ru, re.IGNORECASE), title
        assert title.en == title.in_language("en")
        assert title.ru == title.in_language("ru")


def test_every_choice_has_a_title() -> None:
    assert set(MODE_TITLES) == set(Mode)
    assert set(IDENTIFICATION_TITLES) == set(Identification)
    assert set(STATUS_TITLES) == set(Status)


def values(schema: Schema) -> list[Value]:
    if isinstance(schema, Value):
        return [schema]
    if isinstance(schema, Multiple):
        return values(schema.content)
    return [each for inner in schema.keys.values() for each in values(inner)]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: str(function.name))
def test_defaults_suit_their_types(function: object) -> None:
    assert function in FUNCTIONS
    for each in values(Single(function.parameters)):  # type: ignore[attr-defined]
        if each.presence is Presence.DEFAULT:
            assert each.default is not None or each.nullable
            assert each.default is None or isinstance(each.default, int if each.type == "int" else str)
        else:
            assert each.default is None


def test_function_capabilities_exist() -> None:
    declared = {each.name for each in CAPABILITIES}
    for function in FUNCTIONS:
        assert set(function.capabilities) <= declared


def test_the_ground_floor_imports_only_itself_and_the_standard_library() -> None:
    for path in Path(contract.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in names:
                assert name.split(".")[0] in {"contract", "__future__", "collections", "dataclasses", "enum", "typing"}
