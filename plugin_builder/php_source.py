"""Reads PHP without running it: what a file assigns at its top level, as Python values.

Moodle plugins declare themselves in files of plain assignments (`$plugin->version = …;`, `$functions = […];`,
`$string['pluginname'] = '…';`). This reads them as PHP would see them, comments, quoting and nesting included, and
leaves what would have to be run (`UNREADABLE`) to be noticed by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import tree_sitter

from plugin_builder.php_tree import is_readable, parse, text_of

DEEPEST = 100
"""How deeply nested a value may be before it counts as unreadable."""
MOST_COMMAS = 30_000
"""What a file may have for its assignments to be read."""


class Constant(str):
    """A constant's name, or an expression of constants (`RISK_PERSONAL | RISK_CONFIG`), as it stands in the source."""

    __slots__ = ()


class _Unreadable:
    """The value of an expression that only running it would tell."""

    def __repr__(self) -> str:
        return "UNREADABLE"


UNREADABLE: Final = _Unreadable()


@dataclass(frozen=True)
class Assignment:
    """`$variable = value`, `$variable->key = value` or `$variable['key'] = value`; `line` counts from 1.

    A PHP array becomes a list where its keys are 0, 1, 2, … and a dict otherwise; `Name::class` becomes the class's
    full name without a leading backslash.
    """

    variable: str
    key: Any
    value: Any
    line: int


@lru_cache(maxsize=8)
def assignments(source: bytes) -> tuple[Assignment, ...]:
    """The assignments at the top level of a file, in order: neither in functions nor in classes nor under `if`.

    Empty for a file that is not readable. The last few answers are kept: a declaring file is asked about repeatedly.
    """
    if not is_readable(source) or source.count(b",") > MOST_COMMAS:
        return ()
    root = parse(source)
    imports = _imports(root)
    found: list[Assignment] = []
    for statement in _statements(root):
        if statement.type == "expression_statement" and statement.named_child_count:
            expression = statement.named_children[0]
            if expression.type == "assignment_expression":
                found += _assignment(expression, imports)
    return tuple(found)


def properties(source: bytes, variable: str) -> dict[str, Any]:
    """What `$variable->name = value;` statements leave behind: `properties(code, "plugin")["version"]`."""
    return {each.key: each.value for each in assignments(source) if each.variable == variable and each.key is not None}


elements = properties
"""The same for `$variable['name'] = value;`, as in language files: `elements(code, "string")["pluginname"]`."""


_PLAIN = re.compile(
    rb"""(?:\A<\?php\b | /\*.*?\*/ | (?://|\#(?!\[))(?:(?!\?>)[^\r\n])*(?=[\r\n])
    | defined\('MOODLE_INTERNAL'\)\s*\|\|\s*die(?:\(\))?;
    | \$string\['(?P<key>[^'\\]*)'\]\s*=\s*LITERAL(?:\s*\.\s*LITERAL)*\s*;
    )\s*""".replace(b"LITERAL", rb"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\$]|\\.)*")"""),
    re.VERBOSE | re.DOTALL,
)
"""What nearly every language file consists of."""


def string_keys(source: bytes) -> frozenset[str]:
    """The keys of `$string['key'] = 'text';` as `elements` gives them; without a tree where the file is plain."""
    keys, at = [], 0
    while plain := _PLAIN.match(source, at):
        at = plain.end()
        if plain["key"] is not None:
            keys.append(plain["key"].decode("utf-8", "replace"))
    if at == len(source):
        return frozenset(keys)
    return frozenset(key for key in elements(source, "string") if isinstance(key, str))


def variable(source: bytes, name: str) -> Any:
    """The last value given to `$name`, or None: `variable(code, "functions")`."""
    values = [each.value for each in assignments(source) if each.variable == name and each.key is None]
    return values[-1] if values else None


def literal_value(text: str) -> Any:
    """One PHP expression as a Python value.

    >>> literal_value("['a' => [1, 0x10], 'b' => MATURITY_STABLE]")
    {'a': [1, 16], 'b': 'MATURITY_STABLE'}
    """
    return variable(f"<?php $value = {text};".encode(), "value")


def _statements(root: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    for child in root.named_children:
        if child.type == "namespace_definition" and (body := child.child_by_field_name("body")):
            yield from body.named_children
        else:
            yield child


def _imports(root: tree_sitter.Node) -> dict[str, str]:
    """Alias → full class name, from `use` statements."""
    found: dict[str, str] = {}
    for statement in _statements(root):
        if statement.type != "namespace_use_declaration":
            continue
        text = re.sub(r"^use\s+|;$", "", text_of(statement))
        for clause in text.split(","):
            if words := clause.split():
                found[words[-1].rsplit("\\", 1)[-1]] = words[0].lstrip("\\")
    return found


def _assignment(node: tree_sitter.Node, imports: dict[str, str]) -> Iterator[Assignment]:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return
    name: tree_sitter.Node = left
    key: Any = None
    if left.type == "member_access_expression":
        name, key = left.named_children[0], text_of(left.named_children[-1])
    elif left.type == "subscript_expression":
        name = left.named_children[0]
        key = _value(left.named_children[1], imports, 0) if left.named_child_count > 1 else UNREADABLE
    if name.type == "variable_name":
        yield Assignment(text_of(name).lstrip("$"), key, _value(right, imports, 0), node.start_point[0] + 1)


def _value(node: tree_sitter.Node, imports: dict[str, str], depth: int) -> Any:
    if depth > DEEPEST:
        return UNREADABLE
    kind = node.type
    if kind in _SCALARS:
        return _SCALARS[kind](text_of(node))
    if kind == "encapsed_string":
        return _double_quoted(node)
    if kind == "parenthesized_expression":
        return _value(node.named_children[0], imports, depth + 1)
    if kind == "array_creation_expression":
        return _array(node, imports, depth)
    if kind == "class_constant_access_expression":
        return _class_constant(node, imports)
    if kind == "unary_op_expression":
        return _signed(node, imports, depth)
    if kind == "binary_expression":
        return _binary(node, imports, depth)
    return UNREADABLE


def _single_quoted(text: str) -> str:
    return re.sub(r"\\([\\'])", r"\1", text.lstrip("bB")[1:-1])


def _number(text: str) -> Any:
    """Unreadable where the parser calls something a number that is none, or one of thousands of digits."""
    digits = text.replace("_", "").lower()
    try:
        if re.fullmatch(r"0o?[0-7]+", digits):
            return int(digits.replace("o", ""), 8)
        if re.fullmatch(r"0[xb][0-9a-f]+", digits):
            return int(digits, 0)
        return int(digits) if digits.isdigit() else float(digits)
    except ValueError:
        return UNREADABLE


_SCALARS: dict[str, Callable[[str], Any]] = {
    "string": _single_quoted,
    "integer": _number,
    "float": _number,
    "boolean": lambda text: text.lower() == "true",
    "null": lambda _: None,
    "name": Constant,
    "qualified_name": lambda text: Constant(text.lstrip("\\")),
}

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "v": "\v", "e": "\x1b", "f": "\f", "\\": "\\", "$": "$", '"': '"'}


def _double_quoted(node: tree_sitter.Node) -> Any:
    if any(child.type not in {"string_content", "escape_sequence"} for child in node.named_children):
        return UNREADABLE
    return re.sub(r"\\(u\{[0-9a-fA-F]+\}|x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", _unescaped, text_of(node)[1:-1], flags=re.S)


def _unescaped(match: re.Match[str]) -> str:
    escape = match[1]
    if escape in _ESCAPES:
        return _ESCAPES[escape]
    if escape.startswith("u{"):
        point = int(escape[2:-1], 16)
        return chr(point) if point <= 0x10FFFF and not 0xD800 <= point < 0xE000 else "\ufffd"
    if escape.startswith("x") and len(escape) > 1:
        return chr(int(escape[1:], 16))
    return chr(int(escape, 8) % 256) if escape[0] in "01234567" else match[0]


_NOT_A_VALUE = {"variadic_unpacking", "by_ref"}


def _array(node: tree_sitter.Node, imports: dict[str, str], depth: int) -> Any:
    found: dict[Any, Any] = {}
    following = 0
    for element in node.named_children:
        if element.type == "comment":
            continue
        parts = [part for part in element.named_children if part.type != "comment"]
        if element.type != "array_element_initializer" or not parts or parts[0].type in _NOT_A_VALUE:
            return UNREADABLE
        value = _value(parts[-1], imports, depth + 1)
        key = _array_key(_value(parts[0], imports, depth + 1)) if len(parts) == 2 else following
        if isinstance(key, int):
            following = max(following, key + 1)
        found[key] = value
    return list(found.values()) if list(found) == list(range(len(found))) else found


def _array_key(key: Any) -> Any:
    """As PHP casts it: "7" is 7, true is 1, null is the empty string."""
    if isinstance(key, str) and not isinstance(key, Constant) and re.fullmatch(r"0|-?[1-9]\d{0,17}", key, re.ASCII):
        return int(key)
    if isinstance(key, bool) or (isinstance(key, float) and abs(key) < 2**63):
        return int(key)
    if isinstance(key, list | dict | float):
        return UNREADABLE
    return "" if key is None else key


def _class_constant(node: tree_sitter.Node, imports: dict[str, str]) -> Any:
    owner, constant = (text_of(child) for child in (node.children[0], node.children[-1]))
    head, _, rest = owner.lstrip("\\").partition("\\")
    if not owner.startswith("\\") and head in imports:
        owner = imports[head] + ("\\" + rest if rest else "")
    owner = owner.lstrip("\\")
    return owner if constant.lower() == "class" else Constant(f"{owner}::{constant}")


def _signed(node: tree_sitter.Node, imports: dict[str, str], depth: int) -> Any:
    operand = _value(node.named_children[-1], imports, depth + 1)
    if isinstance(operand, int | float) and not isinstance(operand, bool):
        return {"-": -operand, "+": operand}.get(text_of(node)[0], UNREADABLE)
    return UNREADABLE


def _binary(node: tree_sitter.Node, imports: dict[str, str], depth: int) -> Any:
    operator = node.child_by_field_name("operator")
    sign = text_of(operator) if operator else ""
    left, right = (_value(node.named_children[side], imports, depth + 1) for side in (0, -1))
    if sign == "." and not any(isinstance(side, Constant) for side in (left, right)):
        if isinstance(left, str) and isinstance(right, str):
            return left + right
    elif sign == "|" and isinstance(left, Constant) and isinstance(right, Constant):
        return Constant(f"{left} | {right}")
    return UNREADABLE
