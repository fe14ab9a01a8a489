"""validate_parameters(): a request's arrays against a function's signature.

Any difference is an InvalidParameter whose debuginfo leads to the spot, as Moodle's does.
"""

from __future__ import annotations

from typing import Any

from contract.webservice import Multiple, Presence, Schema, Value
from mock_moodle.errors import InvalidParameter
from mock_moodle.webservice.clean import clean_param, is_clean
from mock_moodle.webservice.debugging import message_of


def validate_parameters(schema: Schema, given: Any) -> Any:
    """`given` holds strings, dicts, and for defaults also numbers and None; lists come back for Multiple."""
    if isinstance(schema, Value):
        return _value(schema, given)
    if not isinstance(given, dict):
        if isinstance(given, (tuple, list)):
            given = {str(number): item for number, item in enumerate(given)}
        else:
            raise InvalidParameter(f"Only arrays accepted. The bad value is: '{'' if given is None else given}'")
    if isinstance(schema, Multiple):
        return [validate_parameters(schema.content, item) for item in given.values()]
    return validate_keys(schema.keys, given)


def validate_keys(keys: dict[str, Schema], given: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, schema in keys.items():
        if key in given:
            value = given[key]
        elif schema.presence is Presence.REQUIRED:
            raise InvalidParameter(f"Missing required key in single structure: {key}")
        elif schema.presence is Presence.DEFAULT:
            value = schema.default
        else:
            continue
        try:
            result[key] = validate_parameters(schema, value)
        except InvalidParameter as error:
            raise InvalidParameter(f"{key} => {message_of(error)}: {error.debuginfo}") from error
    unexpected = [key for key in given if key not in keys]
    if unexpected:
        raise InvalidParameter(f"Unexpected keys ({', '.join(unexpected)}) detected in parameter array.")
    return result


def _value(schema: Value, given: Any) -> Any:
    if isinstance(given, (dict, list, tuple)):
        raise InvalidParameter("Scalar type expected, array or object received.")
    if (
        given is None
    ):  # a page's JSON may say null; where nothing is made of it, PHP takes it for the type's own nothing
        return None if schema.nullable else clean_param("", schema.type)
    if schema.type == "bool" and given in (True, False, "0", "1"):
        return given in (True, "1")
    text = as_php_text(given)
    if not is_clean(text, schema.type):
        raise InvalidParameter(_expected(schema, text))
    return clean_param(text, schema.type)


def as_php_text(value: object) -> str:
    """PHP's (string) of what stood in a page's JSON."""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float) and value.is_integer():
        mantissa, _, exponent = f"{value:E}".partition("E")
        return str(int(value)) if abs(value) < 1e15 else f"{float(mantissa)}E{exponent}"
    return str(value)


def _expected(schema: Value, text: str) -> str:
    return f'Invalid external api parameter: the value is "{text}", the server was expecting "{schema.type}" type'
