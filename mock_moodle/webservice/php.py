"""PHP's own habits that show through Moodle: reading numbers, and turning `a[b][]=c` into arrays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Union

Parsed = Union[str, "dict[str, Parsed]"]
"""A PHP array of a request: keys are strings here, "0" where PHP has 0."""

_LEADING_INT = re.compile(r"[ \t\n\r\v\f]*([+-]?\d+)")
_LEADING_FLOAT = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)")
_INDEX = re.compile(r"-?[1-9]\d*|0")

INT_MAX, INT_MIN = 2**63 - 1, -(2**63)
MAX_DEPTH = 64
"""max_input_nesting_level: a deeper variable is dropped."""
MAX_VARIABLES = 1000
"""max_input_vars: what comes after is dropped."""


def to_int(value: str) -> int:
    """(int)"12abc": the leading number, 0 without one; an exponent or fraction is cut off, the range is clamped."""
    as_float = _LEADING_FLOAT.match(value)
    if as_float is None:
        return 0
    number = as_float[1]
    as_int = _LEADING_INT.match(value)
    if as_int is not None and as_int[1] == number:
        return max(INT_MIN, min(INT_MAX, int(number)))
    whole = float(number)
    if whole != whole or whole in (float("inf"), float("-inf")) or not INT_MIN <= whole <= INT_MAX:
        return 0
    return int(whole)


def to_float(value: str) -> float:
    """(float)"1.5abc"."""
    found = _LEADING_FLOAT.match(value)
    return float(found[1]) if found else 0.0


def parse_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, Parsed]:
    """$_GET or $_POST of these pairs, in PHP's order of keys. A later value replaces an earlier one."""
    parsed: dict[str, Parsed] = {}
    for count, (name, value) in enumerate(pairs):
        if count >= MAX_VARIABLES:
            break
        _register(parsed, name, value)
    return parsed


def _register(parsed: dict[str, Parsed], name: str, value: str) -> None:
    name = name.lstrip(" ")
    base, bracket, rest = name.partition("[")
    if not base or name.startswith("["):
        if not bracket or not name.startswith("["):
            return
        base, bracket, rest = "_" + rest, "", ""  # "[a]=1" arrives as "_a]"
    keys: list[str] = []
    if bracket:
        keys, well_formed = _keys(rest)
        if not well_formed:  # "a[b=1" arrives as "a_b"
            base, keys = f"{base}_{rest}", []
    base = base.replace(".", "_").replace(" ", "_")
    if len(keys) > MAX_DEPTH:
        return
    place = parsed
    path = [base, *keys]
    for key in path[:-1]:
        key = _next_index(place) if key == "" else key
        inner = place.get(key)
        if not isinstance(inner, dict):
            inner = {}
            place[key] = inner
        place = inner
    last = path[-1]
    place[_next_index(place) if last == "" else last] = value


def _keys(rest: str) -> tuple[list[str], bool]:
    """The keys of "b][c]" and whether at least the first bracket closes; text after a bracket is ignored."""
    keys: list[str] = []
    while True:
        key, closed, rest = rest.partition("]")
        if not closed:
            return keys, bool(keys)
        keys.append(key.lstrip(" \t\r\n") if key.strip() == "" else key)
        if not rest.startswith("["):
            return keys, True
        rest = rest[1:]


def _next_index(place: dict[str, Parsed]) -> str:
    indexes = [int(key) for key in place if _INDEX.fullmatch(key)]
    return str(max(indexes) + 1) if indexes else "0"
