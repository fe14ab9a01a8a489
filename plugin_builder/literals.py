"""Python values as text of the languages that templates write: PHP, XML and JavaScript."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any
from xml.sax.saxutils import escape


def php(value: Any, indent: int | None = None) -> str:
    """`value` as a PHP literal: short arrays, single quotes. With `indent`, one item a line below that many spaces.

    >>> php({"mode": "it's", "groups": [1, None, True]})
    "['mode' => 'it\\\\'s', 'groups' => [1, null, true]]"
    """
    if isinstance(value, Enum):
        return php(value.value, indent)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    deeper = None if indent is None else indent + 4
    if isinstance(value, Mapping):
        items = [f"{php(key)} => {php(item, deeper)}" for key, item in value.items()]
    elif isinstance(value, Sequence | set | frozenset):
        items = [php(item, deeper) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    else:
        raise TypeError(f"{type(value).__name__} has no PHP literal; give a string, number, list or mapping")
    if indent is None or not items:
        return "[" + ", ".join(items) + "]"
    lines = "".join(f"{' ' * (indent + 4)}{item},\n" for item in items)
    return f"[\n{lines}{' ' * indent}]"


def xml(value: Any) -> str:
    """`value` escaped for XML text and attributes."""
    text = value.value if isinstance(value, Enum) else value
    return escape(str(text), {'"': "&quot;", "'": "&apos;"})


def js(value: Any) -> str:
    """`value` as a JavaScript literal that cannot close a script element."""

    def plain(other: Any) -> Any:
        if isinstance(other, Mapping):
            return dict(other)
        if isinstance(other, set | frozenset):
            return sorted(other)
        raise TypeError(f"{type(other).__name__} has no JavaScript literal; give a string, number, list or mapping")

    return json.dumps(value, default=plain).replace("</", "<\\/")
