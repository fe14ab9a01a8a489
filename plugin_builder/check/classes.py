"""Where a class of the package would be autoloaded from, and which methods it has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from plugin_builder.check.package import Package

_PARENT = re.compile(rb"\bclass\s+\w+\s+extends\s+([\\\w]+)")
_TRAITS = re.compile(rb"^[ \t]+use\s+[\\\w]+", re.MULTILINE)
_METHOD = re.compile(rb"\bfunction\s+(?:&\s*)?(\w+)\s*\(", re.IGNORECASE)
WITHOUT_SUCH_METHODS = {b"external_api", b"scheduled_task", b"adhoc_task"}
"""Moodle's own parents that declare none of the methods asked for."""


@dataclass(frozen=True)
class ClassFile:
    """`methods` are in small letters; where it `inherits`, a method might come from elsewhere in the package."""

    methods: frozenset[bytes]
    inherits: bool

    def has_method(self, name: str) -> bool:
        return name.lower().encode() in self.methods


def autoloaded(package: Package, class_name: str) -> str | None:
    """The file that Moodle would load `class_name` from, None for a class of somebody else's."""
    name = class_name.lstrip("\\")
    prefix = f"{package.component}\\"
    if not name.startswith(prefix):
        return None
    return "classes/" + name[len(prefix) :].replace("\\", "/") + ".php"


def class_file(package: Package, file: str) -> ClassFile | None:
    """None where the package has no such file."""
    return _read(package.files[file]) if file in package.files else None


@lru_cache(maxsize=32)
def _read(source: bytes) -> ClassFile:
    methods = frozenset(name.lower() for name in _METHOD.findall(source))
    parent = _PARENT.search(source)
    foreign = parent is None or parent[1].rsplit(b"\\", 1)[-1] in WITHOUT_SUCH_METHODS
    return ClassFile(methods, not foreign or _TRAITS.search(source) is not None)
