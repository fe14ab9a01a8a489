"""What the controls are sent, checked: a mistake is one line that names the field."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

Value = TypeVar("Value")


class BadControlError(ValueError):
    """A request that the controls do not understand; the message is for the test's author."""


def checked(adapter: TypeAdapter[Value], sent: Any) -> Value:
    """`sent` as what the adapter makes of it; BadControlError tells the first mistake."""
    try:
        return adapter.validate_python(sent)
    except ValidationError as error:
        raise BadControlError(_told(error)) from None


def _told(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    if first["type"] == "unexpected_keyword_argument":
        return f"{place!r} is not known here; leave it out, or correct its name"
    return f"{place or 'the body'}: {first['msg']}; it is {first['input']!r}".replace("\n", " ")
