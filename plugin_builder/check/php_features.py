"""Which PHP a piece of syntax needs, and which PHP begins to complain about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import tree_sitter
import tree_sitter_php

from plugin_builder.targets import PHP

Hint = Callable[[bytes], object]


@dataclass(frozen=True)
class Feature:
    """A piece of syntax: `query` finds it in a tree, `hint` says from the text in small letters whether to parse it."""

    what: str
    query: str
    hint: Hint


def _mark(text: str) -> Hint:
    return lambda source: text.encode() in source


def _word(text: str) -> Hint:
    return _pattern(text, rf"\b{text}\b")


def _pattern(mark: str, pattern: str) -> Hint:
    """Whether `pattern` is there; `mark` is a part of whatever it matches, and found faster."""
    known, search = mark.encode(), re.compile(pattern.encode()).search
    return lambda source: known in source and search(source)


_NULL_DEFAULT = re.compile(rb"\$\w+\s*=\s*null\b")
_TYPE_BEFORE = re.compile(
    rb"(?<![?|&\w\\$])(?!(?:public|protected|private|static|var|return|mixed|null)\s)[\w\\]+\s+&?\s*\Z"
)
LONGEST_TYPE = 200


def _typed_null_default(source: bytes) -> bool:
    """`name $x = null`, the name being neither a modifier nor part of `?name` or `other|name`."""
    starts = (match.start() for match in _NULL_DEFAULT.finditer(source))
    return any(_TYPE_BEFORE.search(source, max(0, at - LONGEST_TYPE), at) for at in starts)


_NEEDS: dict[PHP, list[Feature]] = {
    (7, 1): [
        Feature("nullable types", "(optional_type) @x", _pattern("?", r"\?\s*[\\\w]")),
        Feature("visible constants", "(const_declaration (visibility_modifier) @x)", _word("const")),
    ],
    (7, 4): [
        Feature("arrow functions", "(arrow_function) @x", _word("fn")),
        Feature("typed properties", "(property_declaration type: (_) @x)", _pattern("$", r"\w\s+\$\w+\s*[=;]")),
        Feature("??=", '(augmented_assignment_expression operator: "??=" @x)', _mark("??=")),
        Feature("unpacking inside arrays", "(array_element_initializer (variadic_unpacking) @x)", _mark("...")),
        Feature("underscores in numbers", '((integer) @x (#match? @x "_"))', _pattern("_", r"\d_")),
    ],
    (8, 0): [
        Feature("match", "(match_expression) @x", _word("match")),
        Feature("?->", "[(nullsafe_member_access_expression) (nullsafe_member_call_expression)] @x", _mark("?->")),
        Feature("promoted constructor parameters", "(property_promotion_parameter) @x", _mark("__construct")),
        Feature("union types", "(union_type) @x", _mark("|")),
        Feature("named arguments", "(argument name: (name) @x)", _pattern(":", r"[(,]\s*\w+\s*:")),
        Feature("a comma after the last parameter", '(formal_parameters (_) "," @x . ")")', _pattern(",", r",\s*\)")),
        Feature("catch without a variable", "(catch_clause !name) @x", _word("catch")),
        Feature(
            "static as a return type",
            '((named_type (name) @x) (#eq? @x "static"))',
            _pattern("static", r":\s*(?:\?\s*)?static"),
        ),
    ],
    (8, 1): [
        Feature("enums", "(enum_declaration) @x", _word("enum")),
        Feature("readonly properties", "(property_declaration (readonly_modifier) @x)", _word("readonly")),
        Feature("intersection types", "(intersection_type) @x", _pattern("&", r"\w\s*&\s*[\\\w]")),
        Feature("f(...)", "(arguments (variadic_placeholder) @x)", _pattern("...", r"\.\.\.\s*\)")),
        Feature("never", "(bottom_type) @x", _word("never")),
        Feature("final constants", "(const_declaration (final_modifier) @x)", _word("final")),
    ],
    (8, 2): [Feature("readonly classes", "(class_declaration (readonly_modifier) @x)", _word("readonly"))],
    (8, 3): [
        Feature("typed constants", "(const_declaration type: (_) @x)", _pattern("const", r"const\s+[\w\\|?]+\s+\w"))
    ],
    (8, 4): [Feature("property hooks", "(property_hook_list) @x", _pattern("{", r"\{\s*(?:&\s*)?(?:get|set)\b"))],
}
"""Syntax that an older PHP does not parse, by the PHP that began to."""

_COMPLAINS: dict[PHP, list[Feature]] = {
    (8, 2): [Feature("${name} inside strings", "(encapsed_string (dynamic_variable_name) @x)", _mark("${"))],
    (8, 4): [
        Feature(
            "a parameter that is null by default without its type saying so",
            "(simple_parameter type: [(named_type) (primitive_type)] @x default_value: (null))",
            _typed_null_default,
        )
    ],
}
"""Syntax that gives a deprecation notice, by the PHP that began to."""
DEEPEST = 400
"""How deep in the tree to look: a query takes quadratic time in it."""
_ALREADY_NULLABLE = {b"mixed", b"null"}


@dataclass(frozen=True)
class Use:
    """A piece of syntax in a file: `since` that PHP it parses, or (`complains`) gives a notice."""

    what: str
    since: PHP
    complains: bool
    line: int


@cache
def _query() -> tuple[tree_sitter.Query, list[tuple[str, PHP, bool]]]:
    meanings: list[tuple[str, PHP, bool]] = []
    patterns: list[str] = []
    for complains, table in ((False, _NEEDS), (True, _COMPLAINS)):
        for since, features in table.items():
            for feature in features:
                patterns.append(feature.query.replace("@x", f"@u{len(meanings)}"))
                meanings.append((feature.what, since, complains))
    language = tree_sitter.Language(tree_sitter_php.language_php())
    return tree_sitter.Query(language, "\n".join(patterns)), meanings


@cache
def _hints(lowest: PHP, highest: PHP) -> Sequence[Hint]:
    newer = [feature.hint for since, features in _NEEDS.items() if since > lowest for feature in features]
    noticed = [feature.hint for since, features in _COMPLAINS.items() if since <= highest for feature in features]
    return newer + noticed


def may_matter(source: bytes, lowest: PHP, highest: PHP) -> bool:
    """Whether `source` might hold something that not every PHP from `lowest` to `highest` takes without notice."""
    small = source.lower()
    return any(hint(small) for hint in _hints(lowest, highest))


def uses(root: tree_sitter.Node) -> Iterator[Use]:
    """What in the tree does not go with every PHP; the first use of each kind."""
    query, meanings = _query()
    cursor = tree_sitter.QueryCursor(query)
    cursor.set_max_start_depth(DEEPEST)
    for name, nodes in cursor.captures(root).items():
        what, since, complains = meanings[int(name[1:])]
        nodes = [node for node in nodes if not complains or (node.text or b"").lower() not in _ALREADY_NULLABLE]
        if nodes:
            yield Use(what, since, complains, min(node.start_point[0] for node in nodes) + 1)
