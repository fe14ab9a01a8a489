"""clean_returnvalue() and the two formats: what a function returned, in its signature's order, as JSON or XML.

`shaper(schema)` gives a function from raw to clean values; a registered function builds its own once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.errors import InvalidResponse
from mock_moodle.webservice.clean import clean_param, is_clean
from mock_moodle.webservice.debugging import message_of
from mock_moodle.webservice.php import float_as_text

Shaper = Callable[[Any], Any]

_JSON = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False)


_SUSPECT = re.compile("[<\0]")


def shaper(schema: Schema) -> Shaper:
    if isinstance(schema, Value):
        return _value_shaper(schema)
    if isinstance(schema, Multiple):
        shape_item = shaper(schema.content)

        def shape_list(raw: Any) -> list[Any]:
            if not isinstance(raw, (list, tuple)):
                raise InvalidResponse(f"Only arrays accepted. The bad value is: '{raw}'")
            return [shape_item(item) for item in raw]

        return shape_list
    return _single_shaper(schema)


def _single_shaper(schema: Single) -> Shaper:
    keys = [(key, shaper(inner), inner) for key, inner in schema.keys.items()]

    def shape_object(raw: Any) -> dict[str, Any] | list[Any]:
        if not isinstance(raw, dict):
            raise InvalidResponse(f"Only arrays/objects accepted. The bad value is: '{raw}'")
        result = {}
        for key, shape, inner in keys:
            if key in raw:
                try:
                    result[key] = shape(raw[key])
                except InvalidResponse as error:
                    raise InvalidResponse(f"{key} => {message_of(error)}: {error.debuginfo}") from error
            elif inner.presence is Presence.REQUIRED:
                raise InvalidResponse(
                    f"Error in response - Missing following required key in a single structure: {key}"
                )
            elif inner.presence is Presence.DEFAULT:
                result[key] = inner.default
        return result or []  # PHP has one kind of empty array

    return shape_object


def _value_shaper(schema: Value) -> Shaper:
    param, nullable = schema.type, schema.nullable

    def refuse(raw: Any) -> InvalidResponse:
        return InvalidResponse(
            f'Invalid external api response: the value is "{raw}", the server was expecting "{param}" type'
        )

    def shape_value(raw: Any) -> Any:
        if raw is None:
            if nullable:
                return None
            raise refuse("")
        if isinstance(raw, (dict, list, tuple)):
            raise InvalidResponse("Scalar type expected, array or object received.")
        if param == "bool":
            if raw in (True, False, "0", "1"):
                return raw in (True, "1")
            raise refuse(raw)
        if param == "int" and type(raw) is int:
            return raw
        if param == "float" and isinstance(raw, (int, float)):
            return int(raw) if float(raw).is_integer() else raw
        if param == "raw" and type(raw) in (int, float):  # computed; what comes from the database is text
            return int(raw) if float(raw).is_integer() else raw
        if type(raw) is str and param in ("raw", "text", "notags") and raw.isascii() and not _SUSPECT.search(raw):
            return raw
        text = _as_text(raw)
        if not is_clean(text, param):
            raise refuse(text)
        return clean_param(text, param)

    return shape_value


def _as_text(raw: Any) -> str:
    """PHP's (string)."""
    if isinstance(raw, bool):
        return "1" if raw else ""
    return float_as_text(raw) if isinstance(raw, float) else str(raw)


def encode_json(shaped: Any) -> bytes:
    """As PHP's json_encode of what a shaper made: no spaces, slashes and non-ASCII escaped."""
    return _JSON.encode(shaped).replace("/", "\\/").encode("ascii")


def to_json(value: Any) -> bytes:
    """The same for any value: whole floats lose their fraction, and an empty object is an empty array."""
    return encode_json(_as_php(value))


def _as_php(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, dict):
        return {key: _as_php(inner) for key, inner in value.items()} or []
    if isinstance(value, list):
        return [_as_php(inner) for inner in value]
    return value


def to_xml(value: Any, schema: Schema | None) -> bytes:
    parts = ['<?xml version="1.0" encoding="UTF-8" ?>\n<RESPONSE>\n']
    if schema is not None:
        _write(parts, value, schema)
    elif value is not None:
        _write(parts, value, schema_of(value))
    parts.append("</RESPONSE>\n")
    return "".join(parts).encode()


def escape_xml(text: str) -> str:
    """htmlspecialchars with ENT_COMPAT: apostrophes stay."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def schema_of(value: Any) -> Schema:
    """The signature that a canned answer would have."""
    if isinstance(value, dict):
        return Single({key: schema_of(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return Multiple(schema_of(value[0]) if value else Value("raw"))
    return Value("raw", nullable=True)


def _write(parts: list[str], value: Any, schema: Schema) -> None:
    if isinstance(schema, Value):
        if value is None:
            parts.append('<VALUE null="null"/>\n')
        else:
            text = str(int(value)) if isinstance(value, bool) else _as_text(value)
            parts.append(f"<VALUE>{escape_xml(text)}</VALUE>\n")
    elif isinstance(schema, Multiple):
        parts.append("<MULTIPLE>\n")
        for item in value or ():
            _write(parts, item, schema.content)
        parts.append("</MULTIPLE>\n")
    else:
        parts.append("<SINGLE>\n")
        for key, inner in schema.keys.items():
            parts.append(f'<KEY name="{key}">')
            _write(parts, (value or {}).get(key), inner)
            parts.append("</KEY>\n")
        parts.append("</SINGLE>\n")
