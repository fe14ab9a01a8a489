"""Moodle's names: components like `availability_examus`, plugins like `examus`."""

from __future__ import annotations

import re

_COMPONENT = re.compile(r"[a-z][a-z0-9]*(_[a-z][a-z0-9_]*)?[a-z0-9]+\n?")
_PLUGIN = re.compile(r"[a-z](?:[a-z0-9_](?!__))*[a-z0-9]+\n?")


def is_component(name: str) -> bool:
    """Whether PARAM_COMPONENT leaves `name` as it is."""
    if not _COMPONENT.fullmatch(name) or "__" in name:
        return False
    return not name.startswith("mod_") or name.count("_") == 1


def is_plugin_name(name: str) -> bool:
    """Whether PARAM_PLUGIN leaves `name` as it is."""
    return _PLUGIN.fullmatch(name) is not None


def split_component(component: str) -> tuple[str, str]:
    """Type and name: `("availability", "examus")`. A name without underscore is an activity."""
    kind, underscore, name = component.partition("_")
    if not underscore:
        return "mod", component
    return ("core" if kind == "moodle" else kind), name


def language_file(kind: str, name: str) -> str:
    """The language file's name: activities do without their type."""
    return f"{name}.php" if kind == "mod" else f"{kind}_{name}.php"
