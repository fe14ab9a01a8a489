"""Where a class of the package would be autoloaded from, and which methods it has."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin_builder.check.package import Package

_PARENT = re.compile(r"\bclass\s+\w+\s+extends\s+([\\\w]+)")
_TRAITS = re.compile(r"^[ \t]+use\s+[\\\w]+", re.MULTILINE)
WITHOUT_SUCH_METHODS = {"external_api", "scheduled_task", "adhoc_task"}
"""Moodle's own parents that declare none of the methods asked for."""


@dataclass(frozen=True)
class ClassFile:
    """`file` is the name inside the package."""

    file: str
    source: str

    def has_method(self, name: str) -> bool:
        return re.search(rf"\bfunction\s+(?:&\s*)?{re.escape(name)}\s*\(", self.source, re.IGNORECASE) is not None

    @property
    def inherits(self) -> bool:
        """Whether a method might come from elsewhere in the package."""
        parent = _PARENT.search(self.source)
        foreign = parent is None or parent[1].rsplit("\\", 1)[-1] in WITHOUT_SUCH_METHODS
        return not foreign or _TRAITS.search(self.source) is not None


def autoloaded(package: Package, class_name: str) -> str | None:
    """The file that Moodle would load `class_name` from, None for a class of somebody else's."""
    name = class_name.lstrip("\\")
    prefix = f"{package.component}\\"
    if not name.startswith(prefix):
        return None
    return "classes/" + name[len(prefix) :].replace("\\", "/") + ".php"


def class_file(package: Package, file: str) -> ClassFile | None:
    """None where the package has no such file."""
    if file not in package.files:
        return None
    return ClassFile(file, package.files[file].decode("utf-8", "replace"))
