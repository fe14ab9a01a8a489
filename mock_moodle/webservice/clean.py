"""clean_param() and validate_param(): what each PARAM_* type leaves of a text, and when that is refused."""

from __future__ import annotations

import re
from collections.abc import Callable

from contract.webservice import ParamType
from mock_moodle.site import current
from mock_moodle.store.core import Capability
from mock_moodle.webservice.php import to_float, to_int

Cleaned = str | int | float

_NUMERIC = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
_TAG_OR_COMMENT = re.compile(r"<!--.*?(?:-->|$)|<(?![\s])(?:\"[^\"]*\"|'[^']*'|[^'\">])*(?:>|$)", re.DOTALL)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+")
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_CHARACTER = r"(?:[a-z0-9_.!~*'():@&=+$,;-]|%[0-9a-f]{2})"
_URL = re.compile(
    r"(?P<scheme>(?:https?|ftp)://)?"
    rf"(?:(?:{_LABEL}\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?|(?P<ip>\d{{1,3}}(?:\.\d{{1,3}}){{3}}))?"
    r"(?::(?P<port>\d{1,5}))?"
    rf"(?:/(?:{_CHARACTER}+(?:/{_CHARACTER}+)*/?)?)?"
    rf"(?:\?(?:{_CHARACTER}|[/?])*)?"
    rf"(?:\#(?:{_CHARACTER}|[/?])*)?",
    re.IGNORECASE,
)
"""Every part may be missing; user names, underscores in hosts and IPv6 addresses are none of it."""

_TIMEZONE = re.compile(
    r"[+-]?(?:0?[0-9](?:\.[5|0])?|1[0-3](?:\.0)?|1[0-2]\.5)|99|[A-Za-z0-9]+(?:/?[A-Za-z_-])+", re.ASCII
)
HIGHEST_PORT = 65_535
_COMPONENT = re.compile(r"[a-z](?:[a-z0-9]*|[a-z0-9]+_[a-z][a-z0-9_]*[a-z0-9])")
_PLUGIN = re.compile(r"[a-z](?:[a-z0-9_]*[a-z0-9])?")


def fix_utf8(text: str) -> str:
    """Without NUL and without what is no character."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")


def strip_tags(text: str) -> str:
    """PHP's strip_tags: a "<" before white space is no tag, an unclosed tag takes the rest along."""
    return _TAG_OR_COMMENT.sub("", text) if "<" in text else text


def _bool(text: str) -> int:
    word = text.lower()
    if word in ("on", "yes", "true"):
        return 1
    if word in ("off", "no", "false"):
        return 0
    return int(text not in ("", "0"))


def _matching(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""


def _without(pattern: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)
    return lambda text: compiled.sub("", text)


def _url(text: str) -> str:
    text = fix_utf8(text)
    found = _URL.fullmatch(text)
    if found is None or int(found["port"] or 0) > HIGHEST_PORT:
        return ""
    return "" if found["ip"] and any(int(part) > 255 for part in found["ip"].split(".")) else text


def _local_url(text: str) -> str:
    """Without a scheme: an address of another site is none."""
    return "" if "://" in text else _url(text)


def _component(text: str) -> str:
    return "" if "__" in text else _matching(_COMPONENT, text)


def _file(text: str) -> str:
    text = re.sub(r"[\x00-\x1f\x7f]|[&<>\"`|':\\/]", "", fix_utf8(text))
    return "" if text in (".", "..") else text


def _path(text: str) -> str:
    text = re.sub(r"[\x00-\x1f\x7f]|[&<>\"`|':]", "", fix_utf8(text).replace("\\", "/"))
    first, *rest = text.split("/")
    parts = ["" if part == ".." or (part == "." and number) else part for number, part in enumerate([first, *rest])]
    return re.sub(r"//+", "/", "/".join(parts))


def _username(text: str) -> str:
    return re.sub(r"[^-.@_a-z0-9]", "", fix_utf8(text).replace(" ", "").lower())


def _capability(text: str) -> str:
    """What no plugin declares is no capability."""
    return text if current.session.get(Capability, text) else ""


CLEANERS: dict[ParamType, Callable[[str], Cleaned]] = {
    "int": to_int,
    "float": to_float,
    "bool": _bool,
    "raw": fix_utf8,
    "raw_trimmed": lambda text: fix_utf8(text).strip(" \t\n\r\0\x0b"),
    "text": lambda text: strip_tags(fix_utf8(text)),
    "notags": lambda text: strip_tags(fix_utf8(text)),
    "alpha": _without(r"[^a-zA-Z]"),
    "alphaext": _without(r"[^a-zA-Z_-]"),
    "alphanum": _without(r"[^A-Za-z0-9]"),
    "alphanumext": _without(r"[^A-Za-z0-9_-]"),
    "safedir": _without(r"[^a-zA-Z0-9_-]"),
    "sequence": _without(r"[^0-9,]"),
    "url": _url,
    "localurl": _local_url,
    "email": lambda text: _matching(_EMAIL, fix_utf8(text)),
    "component": _component,
    "capability": _capability,
    "plugin": lambda text: "" if "__" in text else _matching(_PLUGIN, text),
    "theme": lambda text: "" if "__" in text else _matching(_PLUGIN, text),
    "file": _file,
    "path": _path,
    "username": _username,
    "timezone": lambda text: _matching(_TIMEZONE, fix_utf8(text)),
}


def clean_param(value: str, param: ParamType) -> Cleaned:
    return CLEANERS[param](value)


def is_clean(value: str, param: ParamType) -> bool:
    """Whether cleaning would change nothing, which validate_param() demands."""
    if param == "float":
        return _NUMERIC.fullmatch(value) is not None
    return str(clean_param(value, param)) == value
