"""Reads plugin.toml: every fault at once, each with its line, its key and its mend."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

from contract.condition import RULES, SCORING, WARNINGS, Mode, ScoringKey
from contract.titles import LANGUAGES, Title
from plugin_builder.check.site import standard_plugins
from plugin_builder.config import FEATURES, MATURITIES, Defaults, Plugin
from plugin_builder.errors import BuildError

LONGEST_NAME = 15
"""So that the table `availability_<name>` keeps to the 28 letters of Moodle before 4.3."""
LONGEST_TEXT = 100
"""So that a name and what is said beside it keep to Moodle's columns of 255."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ORIGIN = r"(?i:https?)://(?:\w[\w.-]*|\[[\da-fA-F:.]+\])(?::\d{1,5})?"


class _WrongError(ValueError):
    """What is wrong with a value, and its mend."""


Reader = Callable[[Any], Any]


def load(path: Path) -> Plugin:
    """The plugin that the file describes. Raises `BuildError`, one line a fault."""
    import tomlkit
    from tomlkit.exceptions import ParseError, TOMLKitError

    try:
        text = path.read_text(encoding="utf-8-sig")
        values = tomlkit.parse(text).unwrap()
    except OSError as error:
        raise BuildError(f"{path}: {error.strerror}; write one with the init command") from None
    except UnicodeDecodeError:
        raise BuildError(f"{path}: not UTF-8; save it as UTF-8") from None
    except ParseError as error:
        raise BuildError(f"{path}:{error.line}: not TOML ({error}); mend the line") from None
    except TOMLKitError as error:
        raise BuildError(f"{path}:{_repeated(text)}: not TOML ({error}); keep one of them") from None
    found, faults = _read(values, dict(_named(text)), path.name)
    if faults:
        raise BuildError("\n".join(faults))
    return _plugin(found)


def _named(text: str) -> Iterator[tuple[str, int]]:
    """Each dotted key and its line."""
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\s*([^\]]+?)\s*\]", line):
            table = header[1].replace('"', "")
            yield table, number
        elif key := re.match(r'\s*([\w\-".]+)\s*=', line):
            yield f"{table}.{key[1]}".lstrip(".").replace('"', ""), number


def _repeated(text: str) -> int:
    """The line of the first key that was there before."""
    seen: set[str] = set()
    for key, number in _named(text):
        if key in seen:
            return number
        seen.add(key)
    return 1


def _read(values: Mapping[str, Any], lines: Mapping[str, int], file: str) -> tuple[dict[str, Any], list[str]]:
    found: dict[str, Any] = {}
    faults: list[str] = []

    def walk(part: Mapping[str, Any], prefix: str) -> None:
        for key, value in part.items():
            path = f"{prefix}{key}"
            try:
                if path in _READERS:
                    found[path] = _READERS[path](value)
                elif any(known.startswith(f"{path}.") for known in _READERS):
                    if not isinstance(value, Mapping):
                        raise _WrongError(f"is a section; write [{path}]")
                    walk(value, f"{path}.")
                else:
                    raise _WrongError(f"is unknown; {_nearest(path, _beside(path))}")
            except ValueError as error:
                # Python shows no number of thousands of digits.
                wrong = error if isinstance(error, _WrongError) else "has too large a number; write a smaller one"
                line = lines.get(path, lines.get(prefix.rstrip("."), 1))
                faults.append(f"{file}:{line}: {path}: {wrong}")

    walk(values, "")
    return found, faults


def _plugin(found: Mapping[str, Any]) -> Plugin:
    plain = {key.partition(".")[2]: value for key, value in found.items() if key.startswith("plugin.")}
    standard = Plugin()
    english = found.get("vendor.en", standard.vendor.en)
    vendor = Title(english, found.get("vendor.ru", english))
    return replace(
        standard,
        vendor=vendor,
        engine_url=found.get("engine.url", standard.engine_url),
        allowed_origins=found.get("engine.allowed_origins", standard.allowed_origins),
        defaults=_defaults(found),
        features=frozenset(name for name in FEATURES if found.get(f"features.{name}", True)),
        **plain,
    )


def _defaults(found: Mapping[str, Any]) -> Defaults:
    standard = Defaults()

    def merged(section: str, defaults: Mapping[str, Any]) -> Mapping[str, Any]:
        given = {key: found.get(f"defaults.{section}.{key}", value) for key, value in defaults.items()}
        return MappingProxyType(given)

    return Defaults(
        mode=found.get("defaults.mode", standard.mode),
        rules=merged("rules", standard.rules),
        warnings=merged("warnings", standard.warnings),
        scoring=merged("scoring", standard.scoring),
    )


def _nearest(word: str, known: Iterable[str]) -> str:
    known = list(known)
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else f"use one of {', '.join(known)}"


def _beside(path: str) -> list[str]:
    """The keys and sections that may stand where `path` does."""
    section = path.rpartition(".")[0]
    prefix = f"{section}." if section else ""
    inside = (known.removeprefix(prefix) for known in _READERS if known.startswith(prefix))
    return list(dict.fromkeys(prefix + known.partition(".")[0] for known in inside))


def _text(value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > LONGEST_TEXT or _CONTROLS.search(text):
        raise _WrongError(f"{value!r} is no text; write one line of at most {LONGEST_TEXT} letters in quotes")
    return text


def _without(marks: tuple[str, ...]) -> Reader:
    """A text that does not end what it will stand in: a comment of PHP, or a quoted step, a tag, a placeholder."""

    def read(value: Any) -> str:
        text = _text(value)
        if found := [mark for mark in marks if mark in text]:
            raise _WrongError(f"{value!r} has a {found[0]} in it; write it without {' '.join(marks)}")
        return text

    return read


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _WrongError(f"{value!r} is neither true nor false; write one of them")
    return value


def _name(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9]+", value) or len(value) > LONGEST_NAME:
        raise _WrongError(f"{value!r} is no plugin name; write two to {LONGEST_NAME} letters a-z and digits")
    if f"availability_{value}" in standard_plugins():
        raise _WrongError(f"{value!r} is a restriction of Moodle's own, which it would replace; write another name")
    return value


def _version(value: Any) -> int:
    if type(value) is not int or not re.fullmatch(r"20\d{8}", str(value)) or not _is_day(value // 100):
        raise _WrongError(f"{value!r} is no version; write YYYYMMDDRR, a day and two digits, without quotes")
    return value


def _is_day(digits: int) -> bool:
    try:
        datetime.strptime(str(digits), "%Y%m%d").replace(tzinfo=timezone.utc)
    except ValueError:
        return False
    return True


def _release(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,30}", value):
        raise _WrongError(f"{value!r} is no release; write letters, digits, dots and dashes, like v1.0.0")
    return value


def _choice(known: list[str], make: Callable[[str], Any] = str) -> Reader:
    def read(value: Any) -> Any:
        if value not in known:
            raise _WrongError(f"{value!r} is not known; {_nearest(str(value), known)}")
        return make(value)

    return read


def _languages(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or "en" not in value or not set(map(str, value)) <= set(LANGUAGES):
        raise _WrongError(f'{value!r} does not do; write a list of {", ".join(LANGUAGES)} with "en" in it')
    return tuple(language for language in LANGUAGES if language in value)


def _url(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(rf"(?:{_ORIGIN}(?:[/?#][^\s\"'<>\\]*)?)?", value):
        raise _WrongError(f"{value!r} is no address; write it with https:// in front, or leave it empty")
    return value.rstrip("/")


def _origins(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _WrongError(f'{value!r} is no list; write ["https://host"]')
    for origin in value:
        if not isinstance(origin, str) or not re.fullmatch(rf"{_ORIGIN}/?", origin):
            raise _WrongError(f"{origin!r} is no origin; write scheme and host only, like https://host")
    return tuple(origin.rstrip("/") for origin in value)


def _score(key: ScoringKey) -> Reader:
    def read(value: Any) -> int:
        if type(value) is not int or not key.minimum <= value <= key.maximum:
            raise _WrongError(f"{value!r} is out of range; write {key.minimum} to {key.maximum}")
        return value

    return read


_READERS: dict[str, Reader] = {
    "plugin.name": _name,
    "plugin.version": _version,
    "plugin.release": _release,
    "plugin.maturity": _choice([each.lower() for each in MATURITIES], str.upper),
    "plugin.languages": _languages,
    "plugin.copyright": _without(("*/", "?>")),
    **{f"vendor.{language}": _without(('"', "<", ">", "{", "}")) for language in LANGUAGES},
    "engine.url": _url,
    "engine.allowed_origins": _origins,
    "defaults.mode": _choice([each.value for each in Mode], Mode),
    **{f"defaults.rules.{rule.key}": _boolean for rule in RULES},
    **{f"defaults.warnings.{warning.key}": _boolean for warning in WARNINGS},
    **{f"defaults.scoring.{key.key}": _score(key) for key in SCORING},
    **{f"features.{name}": _boolean for name in FEATURES},
}
"""Every key that the file may have."""
