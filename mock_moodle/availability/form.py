"""Restrictions as an activity's form sends them. Stored ones are read generously (`tree`), since Moodle, too, leaves
out what it does not know any more; what is saved has to be right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from mock_moodle.availability.conditions import CORE, problem
from mock_moodle.availability.plugins import installed_condition
from mock_moodle.availability.site import coding_error
from mock_moodle.availability.tree import OPERATORS
from mock_moodle.plugins import installed_version
from mock_moodle.site import current
from mock_moodle.store.core import Plugin

STRINGS = {
    "availability_completion:error_selectcmid": "You must select an activity for the completion condition.",
    "availability_date:error_dateconflict": "Conflicts with other date restrictions",
    "availability_grade:error_backwardrange": (
        "When specifying a grade range, the minimum must be lower than the maximum."
    ),
    "availability_grade:error_invalidnumber": "Grade ranges must be specified with valid percentages.",
    "availability_grade:error_selectgradeid": "You must select a grade item for the grade condition.",
    "availability_group:error_selectgroup": "You must select a group.",
    "availability_grouping:error_selectgrouping": "You must select a grouping.",
    "availability_profile:error_selectfield": "You must select a profile field.",
    "availability_profile:error_setvalue": "You must type a value.",
}
"""What the form's script may complain about, by the name under which it does."""


def messages(sent: str) -> list[str]:
    """What the form is shown again with. Raises MoodleError for what is no JSON."""
    if not sent:
        return []
    tree = _decoded(sent)
    if not tree:
        raise coding_error("Invalid JSON from availabilityconditionsjson field")
    said = tree.get("errors") if isinstance(tree, dict) else None
    found = [_named(str(name)) for name in said] if isinstance(said, list) else []
    found += [message for node in _nodes(tree) for message in _of_plugin(node)]
    return list(dict.fromkeys(found))


def stored(sent: str) -> dict[str, Any] | None:
    """What is kept: None for no restrictions. Raises MoodleError where Moodle has a coding exception."""
    if not sent:
        return None
    tree = _decoded(sent)
    _require_tree(tree, root=True)
    return tree if tree["c"] else None


def _decoded(sent: str) -> Any:
    try:
        return json.loads(sent, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _named(name: str) -> str:
    component, _, key = name.partition(":")
    plugin = current.session.get(Plugin, component)
    shipped: dict[str, str] = plugin.read.get("strings", {}) if plugin else {}
    return STRINGS.get(name) or shipped.get(key) or f"[[{key}]]"


def _nodes(tree: Any) -> list[Mapping[str, Any]]:
    """Conditions however deep, the last first, as the plugin takes them."""
    if not isinstance(tree, dict):
        return []
    children = tree.get("c")
    inner = [node for child in reversed(children) for node in _nodes(child)] if isinstance(children, list) else []
    return [tree, *inner] if "type" in tree else inner


def _of_plugin(node: Mapping[str, Any]) -> list[str]:
    condition = installed_condition(str(node["type"]))
    return condition.problems(node) if condition else []


def _require_tree(tree: Any, *, root: bool) -> None:
    def refuse(what: str) -> NoReturn:
        raise coding_error(f"Invalid availability structure ({what})")

    if not isinstance(tree, dict):
        refuse("not object")
    if tree.get("op") is None:
        refuse("missing ->op")
    if tree["op"] not in OPERATORS:
        refuse("unknown ->op")
    each = root and tree["op"] in ("&", "!|")
    if root:
        name, kind = ("showc", "array") if each else ("show", "bool")
        if tree.get(name) is None:
            refuse(f"missing ->{name}")
        if not isinstance(tree[name], list if each else bool):
            refuse(f"->{name} not {kind}")
        if each and not all(isinstance(value, bool) for value in tree[name]):
            refuse("->showc value not bool")
    if tree.get("c") is None:
        refuse("missing ->c")
    if not isinstance(tree["c"], list):
        refuse("->c not array")
    if each and len(tree["showc"]) != len(tree["c"]):
        refuse("->c, ->showc mismatch")
    for child in tree["c"]:
        if not isinstance(child, dict):
            refuse("child not object")
        if child.get("type") is None:
            _require_tree(child, root=False)
        else:
            _require_condition(child)


def _require_condition(node: Mapping[str, Any]) -> None:
    type_ = str(node["type"])
    if type_ not in CORE and installed_version(f"availability_{type_}") is None:
        raise coding_error(f"Unknown condition type: {type_}")
    if wrong := problem(node):
        raise coding_error(wrong)
