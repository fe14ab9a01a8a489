"""PHP's own habits that show through Moodle: reading numbers, and turning `a[b][]=c` into arrays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from math import isfinite
from typing import Union

from werkzeug.datastructures import MultiDict

from mock_moodle.errors import array_for_scalar

Parsed = Union[str, "dict[str, Parsed]"]
"""A PHP array of a request: keys are strings here, "0" where PHP has 0."""

_LEADING_INT = re.compile(r"[ \t\n\r\v\f]*([+-]?\d+)", re.ASCII)
_LEADING_FLOAT = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)", re.ASCII)
_BLANKS = " \t\n\r\v\f"
_INDEX = re.compile(r"-?[1-9]\d{0,18}|0", re.ASCII)  # a longer key is no number to PHP either

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
        return max(INT_MIN, min(INT_MAX, int(Decimal(number))))  # int() reads no more than 4,300 digits
    whole = float(number)
    return max(INT_MIN, min(INT_MAX, int(whole))) if isfinite(whole) else 0


def to_float(value: str) -> float:
    """(float)"1.5abc"."""
    found = _LEADING_FLOAT.match(value)
    return float(found[1]) if found else 0.0


def loosely_equal(text: str, cleaned: str | float) -> bool:
    """PHP's ==: a number equals any text that reads as it, blanks around it or not."""
    if isinstance(cleaned, str):
        return text == cleaned
    number = text.strip(_BLANKS)
    return _LEADING_FLOAT.fullmatch(number) is not None and float(number) == cleaned


def parse_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, Parsed]:
    """$_GET or $_POST of these pairs, in PHP's order of keys. A later value replaces an earlier one."""
    parsed: dict[str, Parsed] = {}
    for count, (name, value) in enumerate(pairs):
        if count >= MAX_VARIABLES:
            break
        _register(parsed, name, value)
    return parsed


def last(values: MultiDict[str, str], name: str) -> str:
    """What PHP has of a name that was sent more than once; empty without any."""
    sent = values.getlist(name)
    return sent[-1] if sent else ""


def refuse_array(values: MultiDict[str, str], name: str) -> None:
    """`name[]=x` where required_param() and optional_param() expect a scalar."""
    if any(sent.startswith(f"{name}[") for sent in values):
        raise array_for_scalar()


def _register(parsed: dict[str, Parsed], name: str, value: str) -> None:
    base, bracket, rest = name.lstrip(" ").partition("[")
    if not base:
        return
    keys = _keys(rest) if bracket else []
    if keys is None:  # "a[b" is the plain name "a_b"
        base, keys = f"{base}_{rest}".replace("[", "_"), []
    if len(keys) > MAX_DEPTH:
        return
    path = [base.replace(".", "_").replace(" ", "_"), *keys]
    place = parsed
    for key in path[:-1]:
        key = _next_index(place) if key == "" else key
        inner = place.get(key)
        if not isinstance(inner, dict):
            inner = {}
            place[key] = inner
        place = inner
    last = path[-1]
    place[_next_index(place) if last == "" else last] = value


def _keys(rest: str) -> list[str] | None:
    """The keys of "b][c]"; None if the first bracket does not close. Text after a closed one is ignored, and so is a
    later bracket that does not close."""
    keys: list[str] = []
    while True:
        skipped = rest[1:] if rest[:1].isspace() else rest
        if skipped.startswith("]"):
            key, rest = "", skipped[1:]
        else:
            key, closed, after = rest.partition("]")
            if not closed:
                return keys or None
            rest = after
        keys.append(key)
        if not rest.startswith("["):
            return keys
        rest = rest[1:]


def _next_index(place: dict[str, Parsed]) -> str:
    indexes = [int(key) for key in place if _INDEX.fullmatch(key)]
    return str(max(indexes) + 1) if indexes else "0"


def float_as_text(value: float) -> str:
    """PHP's (string) of a float: fourteen digits, and very small and large ones as 1.0E-15."""
    digits, exponent, power = f"{value:.14G}".partition("E")
    if not exponent:
        return digits
    return f"{digits if '.' in digits else f'{digits}.0'}E{power[0]}{power[1:].lstrip('0')}"
