"""Whether an answer has the shape that the contract declares: keys, their order, types, which may be null."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.webservice import Multiple, Presence, Schema, Single, Value

JSON_TYPES: dict[str, type] = {"int": int, "bool": bool, "text": str, "raw": str, "url": str, "alphanum": str}


def mismatches(answer: Any, schema: Schema, path: str = "answer") -> Iterator[str]:
    """One line for each place where `answer` departs from `schema`."""
    if isinstance(schema, Multiple):
        if not isinstance(answer, list):
            yield f"{path} is {type(answer).__name__}, not a list"
            return
        for index, item in enumerate(answer):
            yield from mismatches(item, schema.content, f"{path}[{index}]")
    elif isinstance(schema, Single):
        yield from _object_mismatches(answer, schema, path)
    else:
        yield from _scalar_mismatches(answer, schema, path)


def _object_mismatches(answer: Any, schema: Single, path: str) -> Iterator[str]:
    if not isinstance(answer, dict):
        yield f"{path} is {type(answer).__name__}, not an object"
        return
    declared = [key for key in schema.keys if key in answer]
    if list(answer) != declared:
        yield f"{path} has the keys {list(answer)}, the contract {list(schema.keys)}"
    for key, inner in schema.keys.items():
        if key in answer:
            yield from mismatches(answer[key], inner, f"{path}.{key}")
        elif inner.presence is Presence.REQUIRED:
            yield f"{path}.{key} is missing"


def _scalar_mismatches(answer: Any, schema: Value, path: str) -> Iterator[str]:
    if answer is None:
        if not schema.nullable:
            yield f"{path} is null"
    elif type(answer) is not JSON_TYPES[schema.type]:
        yield f"{path} is {answer!r}, not {schema.type}"
