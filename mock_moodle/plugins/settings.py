"""A plugin's settings page, read from its settings.php.

Each `new admin_setting_config…(…)` is a field: name, caption, explanation, default and choices, as far as they stand in
the file. What only PHP could compute is told on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tree_sitter import Node

from mock_moodle.plugins.php_expression import Reader
from plugin_builder.php_source import UNREADABLE
from plugin_builder.php_tree import is_readable, parse, text_of

FILE = "settings.php"
KINDS = {
    "admin_setting_configcheckbox": "checkbox",
    "admin_setting_configselect": "select",
    "admin_setting_configtext": "text",
    "admin_setting_configtextarea": "textarea",
    "admin_setting_confightmleditor": "textarea",
    "admin_setting_configpasswordunmask": "text",
    "admin_setting_configduration": "duration",
}
"""Moodle's classes, and what the mock shows for them."""
NO_FIELDS = ("admin_setting_heading", "admin_setting_description")
LOOPS = ("for_statement", "foreach_statement", "while_statement", "do_statement", "function_definition")
SECTIONS = {
    "availability": "availabilitysetting", "mod": "modsetting", "block": "blocksetting", "auth": "authsetting",
    "enrol": "enrolsettings", "filter": "filtersetting",
}  # fmt: skip
"""How Moodle names the section of a plugin's page, by type of plugin."""
MOST_PARENTS = 5


def read_settings(component: str, files: Mapping[str, bytes], strings: Mapping[str, str]) -> dict[str, Any]:
    """JSON-able: the page's `section` and `title`, its `fields`, and `unread`, what the mock cannot tell of it."""
    source = files.get(FILE, b"")
    kind, _, name = component.partition("_")
    page: dict[str, Any] = {
        "section": SECTIONS.get(kind, "") + name if kind in SECTIONS else component,
        "title": strings.get("pluginname", component),
        "fields": [],
        "unread": [],
    }
    if not source:
        return page
    if not is_readable(source):
        return page | {"unread": [f"{FILE} is too large or too deeply nested to be read."]}
    reader = Reader(component, files, strings, _imports(source))
    for node, looped in _in_order(parse(source), False):
        if node.type == "assignment_expression":
            _assign(reader, node)
            continue
        class_name = reader.class_name(node)
        line = node.start_point[0] + 1
        if class_name == "admin_settingpage":
            section, title = [*reader.arguments(node), UNREADABLE, UNREADABLE][:2]
            page |= {key: value for key, value in (("section", section), ("title", title)) if isinstance(value, str)}
        elif "setting" in class_name.rpartition("\\")[2] and class_name not in NO_FIELDS:
            field, problems = _field(reader, class_name, reader.arguments(node))
            if looped:
                page["unread"].append(f"Line {line}: settings that are made in a loop.")
            elif field is not None:
                page["fields"].append(field)
            page["unread"] += [f"Line {line}: {problem}" for problem in problems if not looped]
    return page


def _field(reader: Reader, class_name: str, arguments: list[Any]) -> tuple[dict[str, Any] | None, list[str]]:
    """The field, or None, and what is not known of it."""
    standard = _standard_class(reader, class_name)
    if standard is None or standard not in KINDS:
        return None, [f"a setting of the class {class_name}, which the mock does not have."]
    name, title, hint, default = [*arguments, *[UNREADABLE] * 4][:4]
    if not isinstance(name, str):
        return None, ["a setting whose name is computed."]
    plugin, _, short = name.rpartition("/")
    own = class_name != standard
    field: dict[str, Any] = {
        "name": short,
        "plugin": plugin or "core",
        "class": class_name.rpartition("\\")[2],
        "kind": KINDS[standard],
        "title": title if isinstance(title, str) else short,
        "hint": hint if isinstance(hint, str) else "",
        "default": "",
        "options": [],
    }
    problems: list[str] = [
        f"{short}: its {word} is computed."
        for word, value in (("caption", title), ("explanation", hint))
        if value is UNREADABLE
    ]
    if own and len(arguments) < 4:
        problems.append(f"{short}: its default is made by {class_name}.")
    elif isinstance(default, (str, int)):
        field["default"] = str(int(default)) if isinstance(default, bool) else str(default)
    else:
        problems.append(f"{short}: its default is computed.")
    if standard == "admin_setting_configtext" and "PARAM_URL" in [str(each) for each in arguments[4:5]]:
        field["kind"] = "url"
    if field["kind"] == "select":
        choices = arguments[4] if len(arguments) > 4 else UNREADABLE
        if isinstance(choices, dict):
            field["options"] = [[str(value), str(caption)] for value, caption in choices.items()]
        else:
            field["kind"] = "text"
            problems.append(f"{short}: its choices are computed; any value is taken.")
    return field, problems


def _standard_class(reader: Reader, class_name: str) -> str | None:
    """Moodle's class that a class is, or extends."""
    for _ in range(MOST_PARENTS):
        if class_name.startswith("admin_setting_"):
            return class_name
        source = reader.source_of(class_name) or b""
        parent = re.search(rb"class\s+\w+\s+extends\s+\\?([\w\\]+)", source)
        if parent is None:
            return None
        class_name = parent[1].decode()
    return None


def _in_order(node: Node, looped: bool) -> Iterator[tuple[Node, bool]]:
    """Assignments and new objects as they stand in the file; whether they are in a loop."""
    looped = looped or node.type in LOOPS
    if node.type == "object_creation_expression":
        yield node, looped
    for child in node.named_children:
        yield from _in_order(child, looped)
    if node.type == "assignment_expression":
        yield node, looped


def _assign(reader: Reader, node: Node) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is not None and left.type == "variable_name" and right is not None:
        reader.variables[text_of(left)] = reader.value(right)


def _imports(source: bytes) -> dict[str, str]:
    """Alias and full name of each `use`."""
    found = {}
    for name, alias in re.findall(rb"^\s*use\s+\\?([\w\\]+)(?:\s+as\s+(\w+))?\s*;", source, re.MULTILINE):
        full = name.decode()
        found[alias.decode() or full.rpartition("\\")[2]] = full
    return found
