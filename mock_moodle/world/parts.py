"""Who loads what of a world. A package takes its part by declaring it in its `seed.py`:

    from mock_moodle.world.parts import Place, module, part

    @part("oauth_clients")                       # a key at the top of the world file
    def load_clients(clients: list[dict], place: Place) -> None:
        for place_of_one, client in place.each(clients):
            secret = place_of_one.text(client, "client_secret")
            ...

    @module("quiz")                              # an activity of this modname inside a course
    def load_quiz(cm: CourseModule, spec: dict, place: Place) -> None:
        ...                                      # cm and its context exist; spec is the module's object in the file

`place.error("client_id", "is missing", "give the client an id")` stops loading with one line that names the file, the
JSON path, what is wrong and how to mend it. Parts run after users, courses, services and plugins, in order of import.
`@exporter("oauth_clients")` declares a function without arguments that gives the part back for `world export`, and
`@module_exporter("quiz")` one that gets a CourseModule and gives the keys that module specs have beyond the common
ones.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from sqlalchemy.exc import IntegrityError

from mock_moodle.site import current
from mock_moodle.store.core import CourseModule

Spec = dict[str, Any]


class WorldError(Exception):
    """A world that cannot be loaded; the message is one line for a person."""

    def __init__(self, told: str) -> None:
        super().__init__(re.sub(r"[\x00-\x1f\x7f]+", " ", told))


@dataclass(frozen=True)
class Place:
    """Where in a world file one is: for messages."""

    file: str
    path: str = ""

    def at(self, key: str | int) -> Place:
        step = f"[{key}]" if isinstance(key, int) else f".{key}" if self.path else key
        return replace(self, path=self.path + step)

    def each(self, items: list[Spec]) -> Iterator[tuple[Place, Spec]]:
        if not isinstance(items, list):
            raise self.error(None, f"is {type(items).__name__}, not a list", "write [ … ]")
        for index, item in enumerate(items):
            place = self.at(index)
            if not isinstance(item, dict):
                raise place.error(None, f"is {type(item).__name__}, not an object", 'write {"key": value, …}')
            yield place, item

    def objects(self, spec: Spec, key: str, *, named: str = "") -> Iterator[tuple[Place, Spec]]:
        """The objects of a list that may be absent, each with its place; no two may have the same `named`."""
        seen: dict[str, Place] = {}
        for place, item in self.at(key).each([] if spec.get(key) is None else spec[key]):
            name = item.get(named)
            if isinstance(name, (str, int)) and seen.setdefault(str(name), place) != place:
                raise place.error(named, f"is {name!r}, as {seen[str(name)].path} is", "leave one of them out")
            yield place, item

    def object(self, spec: Spec, key: str) -> Spec:
        """An object that may be absent."""
        value = {} if spec.get(key) is None else spec[key]
        if not isinstance(value, dict):
            raise self.error(key, f"is {type(value).__name__}, not an object", 'write {"key": value, …}')
        return value

    def known(self, spec: Spec, keys: Iterable[str]) -> None:
        """Refuses a key that nothing reads: most often a slip of the pen."""
        allowed = tuple(keys)
        for key in map(str, spec):
            if key not in allowed:
                near = get_close_matches(key, allowed, 1)
                mend = f"did you mean {near[0]!r}?" if near else f"one of: {', '.join(allowed)}"
                raise self.error(key, "is not known here", mend)

    def error(self, key: str | int | None, problem: str, mend: str) -> WorldError:
        place = self if key is None else self.at(key)
        return WorldError(f"{self.file}: {place.path or 'the file'}: {problem}; {mend}")

    def text(self, spec: Spec, key: str, default: str | None = None) -> str:
        """A string that must be there unless it has a default."""
        value = spec.get(key, default)
        if value is None and key not in spec:
            raise self.error(key, "is missing", "give it as text")
        if not isinstance(value, str):
            raise self.error(key, f"is {value!r}, not text", "put it in quotes")
        return value

    def optional_text(self, spec: Spec, key: str, default: str | None = None) -> str | None:
        """A string, or null."""
        return None if spec.get(key, default) is None else self.text(spec, key, default)

    def texts(self, spec: Spec, key: str) -> list[str]:
        """A list of strings that may be absent."""
        values = [] if spec.get(key) is None else spec[key]
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self.error(key, f"is {values!r}, not a list of texts", 'write ["one", "two"]')
        return values

    def choice(self, spec: Spec, key: str, choices: Iterable[str], default: str) -> str:
        """One of a few words."""
        value, known = self.text(spec, key, default), tuple(choices)
        if value not in known:
            raise self.error(key, f"is {value!r}", f"one of: {', '.join(known)}")
        return value

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Around what is stored from here: a key that another object has already is told, not a traceback."""
        try:
            yield
            current.session.flush()
        except IntegrityError as error:
            raise self.error(None, f"clashes with another: {error.orig}", "give it values of its own") from error

    def number(self, spec: Spec, key: str, default: int | None = None) -> int:
        value = spec.get(key, default)
        if value is None:
            raise self.error(key, "is missing", "give it as a whole number")
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(key, f"is {value!r}, not a whole number", "write digits without quotes")
        if not -(2**63) <= value < 2**63:
            raise self.error(key, f"is {value}, more than 64 bits hold", "write a smaller number")
        return value

    def identifier(self, spec: Spec, key: str) -> int:
        value = self.number(spec, key)
        if value < 1:
            raise self.error(key, f"is {value}", "give a number above zero, or none")
        return value

    def mark(self, spec: Spec, key: str, default: float) -> float:
        """A number that a grade can be."""
        value = spec.get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise self.error(key, f"is {value!r}", "write a number, 0 or above")
        return float(value)

    def flag(self, spec: Spec, key: str, default: bool) -> bool:
        value = spec.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"is {value!r}, not true or false", "write true or false without quotes")
        return value


def read_data(value: str, place: Place) -> bytes:
    """The bytes of `data:…;base64,…`."""
    head, comma, encoded = value.partition(",")
    try:
        if head.endswith(";base64") and comma:
            return base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise place.error(None, f"is no base64: {error}", "write data:…;base64,… in full") from error
    raise place.error(None, "is no base64", "write data:…;base64,… in full")


Objects = Iterator[tuple[Place, Spec]]
Part = Callable[[Any, Place], None]
ModulePart = Callable[[CourseModule, Spec, Place], None]

PARTS: dict[str, Part] = {}
MODULES: dict[str, ModulePart] = {}
EXPORTERS: dict[str, Callable[[], Any]] = {}
MODULE_EXPORTERS: dict[str, Callable[[CourseModule], Spec]] = {}


def part(key: str) -> Callable[[Part], Part]:
    def declare(load: Part) -> Part:
        PARTS[key] = load
        return load

    return declare


def module(modname: str) -> Callable[[ModulePart], ModulePart]:
    def declare(load: ModulePart) -> ModulePart:
        MODULES[modname] = load
        return load

    return declare


def exporter(key: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    def declare(write: Callable[[], Any]) -> Callable[[], Any]:
        EXPORTERS[key] = write
        return write

    return declare


def module_exporter(modname: str) -> Callable[[Callable[[CourseModule], Spec]], Callable[[CourseModule], Spec]]:
    def declare(write: Callable[[CourseModule], Spec]) -> Callable[[CourseModule], Spec]:
        MODULE_EXPORTERS[modname] = write
        return write

    return declare
