"""Values of the PHP expressions that a settings page is made of: strings with variables, constants, lang strings.

What only running PHP would tell is `UNREADABLE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tree_sitter import Node

from plugin_builder.php_source import UNREADABLE, Constant, literal_value
from plugin_builder.php_tree import parse, text_of

CONSTANTS = {"MINSECS": 60, "HOURSECS": 3600, "DAYSECS": 86_400, "WEEKSECS": 604_800, "YEARSECS": 31_536_000}
CORE_STRINGS = {"yes": "Yes", "no": "No", "enable": "Enable", "disable": "Disable", "none": "None"}
CALLS_THAT_PASS = frozenset({"trim", "format_string", "clean_text"})


@dataclass
class Reader:
    """One file of a plugin. `files` are the plugin's, by path below its folder; `strings` its English words."""

    component: str
    files: Mapping[str, bytes]
    strings: Mapping[str, str]
    imports: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)

    def value(self, node: Node | None) -> Any:
        if node is None:
            return UNREADABLE
        kind, named = node.type, node.named_children
        if kind in ("argument", "parenthesized_expression") and named:
            return self.value(named[-1])
        if kind == "variable_name":
            return self.variables.get(text_of(node), UNREADABLE)
        if kind == "encapsed_string":
            return self._joined(named)
        if kind == "binary_expression":
            return self._binary(node)
        if kind == "array_creation_expression":
            return self._array(node)
        if kind == "class_constant_access_expression":
            return self._class_constant(node)
        if kind == "function_call_expression":
            return self._call(node)
        if kind == "object_creation_expression" and self.class_name(node) in ("lang_string", "core\\lang_string"):
            return self._string(self.arguments(node))
        found = literal_value(text_of(node))
        return CONSTANTS.get(found, found) if isinstance(found, Constant) else found

    def arguments(self, node: Node) -> list[Any]:
        """Of a call or a `new`."""
        listed = next((child for child in node.named_children if child.type == "arguments"), None)
        return [self.value(child) for child in listed.named_children] if listed is not None else []

    def class_name(self, node: Node) -> str:
        """Of `new X(…)`, in full and without a leading backslash."""
        written = text_of(node.named_children[0]).lstrip("\\") if node.named_children else ""
        head, separator, rest = written.partition("\\")
        return self.imports.get(head, head) + separator + rest

    def source_of(self, class_name: str) -> bytes | None:
        """The file of one of the plugin's own classes."""
        own, _, below = class_name.partition("\\")
        return self.files.get(f"classes/{below.replace(chr(92), '/')}.php") if own == self.component and below else None

    def _joined(self, parts: list[Node]) -> Any:
        values = [
            literal_value(f'"{text_of(part)}"')
            if part.type in ("string_content", "escape_sequence")
            else self.value(part)
            for part in parts
        ]
        return UNREADABLE if UNREADABLE in values else "".join(map(str, values))

    def _binary(self, node: Node) -> Any:
        left, right = (self.value(node.child_by_field_name(side)) for side in ("left", "right"))
        operator = text_of(node.child_by_field_name("operator") or node)
        if operator == "." and UNREADABLE not in (left, right):
            return f"{left}{right}"
        if isinstance(left, int) and isinstance(right, int) and operator in "*+-":
            return {"*": left * right, "+": left + right, "-": left - right}[operator]
        return UNREADABLE

    def _array(self, node: Node) -> Any:
        found: dict[Any, Any] = {}
        for element in node.named_children:
            if element.type != "array_element_initializer":
                return UNREADABLE
            values = [self.value(child) for child in element.named_children]
            key = values[0] if len(values) > 1 else len(found)
            if not isinstance(key, (str, int)) or values[-1] is UNREADABLE:
                return UNREADABLE
            found[key] = values[-1]
        return found

    def _call(self, node: Node) -> Any:
        name, values = text_of(node.named_children[0]).lstrip("\\"), self.arguments(node)
        if name == "get_string":
            return self._string(values)
        return values[0] if name in CALLS_THAT_PASS and values else UNREADABLE

    def _string(self, values: list[Any]) -> Any:
        if not values or not isinstance(values[0], str):
            return UNREADABLE
        component = values[1] if len(values) > 1 else "core"
        if component == self.component:
            return self.strings.get(values[0], f"[[{values[0]}]]")
        return CORE_STRINGS.get(values[0], f"[[{values[0]}]]")

    def _class_constant(self, node: Node) -> Any:
        written, constant = (text_of(child) for child in node.named_children[:2])
        head, separator, rest = written.lstrip("\\").partition("\\")
        source = self.source_of(self.imports.get(head, head) + separator + rest)
        if source is None:
            return UNREADABLE
        for declared in _below(parse(source), "const_element"):
            if text_of(declared.named_children[0]) == constant:
                return self.value(declared.named_children[-1])
        return UNREADABLE


def _below(node: Node, kind: str) -> list[Node]:
    found = [node] if node.type == kind else []
    for child in node.named_children:
        found += _below(child, kind)
    return found
