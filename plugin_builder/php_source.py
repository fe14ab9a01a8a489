"""Reads PHP without running it: what a file assigns at its top level, as Python values.

Moodle plugins declare themselves in files of plain assignments (`$plugin->version = …;`, `$functions = […];`,
`$string['pluginname'] = '…';`). This reads them as PHP would see them, comments, quoting and nesting included, and
leaves what would have to be run (`UNREADABLE`) to be noticed by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from time import thread_time
from typing import Any, Final

import tree_sitter
import tree_sitter_php

DEEPEST = 100
"""How deeply nested a value may be before it counts as unreadable."""


LARGEST = 2**20
MOST_OF = {b";": 20_000, b'"$': 10_000, b"->": 10_000, b"if": 10_000, b"<<<": 500}
MOST_MARKS = 150_000
DEEPEST_CODE = 300
"""What a file may have to be parsed: bytes, certain marks, marks at all, nested brackets. Beyond, parsing would take
long, or the tree, which has two or three nodes a mark, a hundred megabytes."""
COMMON_DEPTH = 20
"""How deep honest code is."""
PATIENCE, SECONDS_A_BYTE = 0.1, 1e-6
"""Processor seconds that parsing may take; the slowest file of Moodle's own takes a quarter of it."""
PIECE = 2**13
MOST_COMMAS = 30_000
"""What it may have for its assignments to be read."""
_NO_MARKS = bytes(each for each in range(256) if each > 127 or chr(each).isalnum() or chr(each) in "_ \t\r\n")
_STEPS = {ord("("): 1, ord(")"): -1}
_ROUND = bytes.maketrans(b"[{]}", b"(())")
_NO_BRACKETS = bytes(set(range(256)) - set(b"([{)]}"))


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


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_php.language_php()))


def parse(source: bytes) -> tree_sitter.Node:
    """The root of the syntax tree; `root.has_error` where PHP would not parse it.

    Recovering from an error takes fifty times what code takes: a source of nothing but errors is read no further than
    its time goes. The library takes no time limit, but it asks for the source piece by piece.
    """
    begun, parsing = thread_time(), True

    def read(offset: int, _: object) -> bytes:
        if parsing and thread_time() - begun > PATIENCE + offset * SECONDS_A_BYTE:
            return b""
        return source[offset : offset + PIECE]

    root = _parser().parse(read).root_node
    parsing = False  # a node's text is read the same way
    return root


@cache
def _comments() -> tree_sitter.Query:
    query: tree_sitter.Query = tree_sitter.Query(
        tree_sitter.Language(tree_sitter_php.language_php()), "(comment) @comment"
    )
    return query


def comments(root: tree_sitter.Node) -> list[tuple[int, int]]:
    """Where each comment begins and ends, in order."""
    found = tree_sitter.QueryCursor(_comments()).captures(root).get("comment", [])
    return sorted((node.start_byte, node.end_byte) for node in found)


def is_readable(source: bytes) -> bool:
    """Whether parsing will end soon: not huge, and not nested as only a program would write it."""
    size = len(source)
    if size > LARGEST or any(size > most * len(mark) and source.count(mark) > most for mark, most in MOST_OF.items()):
        return False
    if size > MOST_MARKS and len(source.translate(None, _NO_MARKS)) > MOST_MARKS:
        return False
    return _is_shallow(source.translate(_ROUND, _NO_BRACKETS))


def _is_shallow(brackets: bytes) -> bool:
    """Whether no more than `DEEPEST_CODE` are open anywhere, what closes none counting against those that follow.

    Taking the innermost pairs out takes one level at most, and little time: of honest code soon nothing is left.
    """
    left = brackets
    for levels in range(COMMON_DEPTH):
        if levels + left.count(b"(") <= DEEPEST_CODE:
            return True
        left = left.replace(b"()", b"")
    return max(accumulate(map(_STEPS.__getitem__, brackets))) <= DEEPEST_CODE


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


def text_of(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


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
        if (
            element.type != "array_element_initializer"
            or not parts
            or parts[0].type in {"variadic_unpacking", "by_ref"}
        ):
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
