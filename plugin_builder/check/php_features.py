"""Which PHP a piece of syntax needs, and which PHP begins to complain about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import tree_sitter
import tree_sitter_php

from plugin_builder.targets import PHP

_NEEDS: dict[PHP, dict[str, str]] = {
    (7, 1): {
        "nullable types": "(optional_type) @x",
        "visible constants": "(const_declaration (visibility_modifier) @x)",
    },
    (7, 4): {
        "arrow functions": "(arrow_function) @x",
        "typed properties": "(property_declaration type: (_) @x)",
        "??=": '(augmented_assignment_expression operator: "??=" @x)',
        "unpacking inside arrays": "(array_element_initializer (variadic_unpacking) @x)",
        "underscores in numbers": '((integer) @x (#match? @x "_"))',
    },
    (8, 0): {
        "match": "(match_expression) @x",
        "?->": "[(nullsafe_member_access_expression) (nullsafe_member_call_expression)] @x",
        "promoted constructor parameters": "(property_promotion_parameter) @x",
        "union types": "(union_type) @x",
        "named arguments": "(argument name: (name) @x)",
        "a comma after the last parameter": '(formal_parameters (_) "," @x . ")")',
        "catch without a variable": "(catch_clause !name) @x",
        "static as a return type": '((named_type (name) @x) (#eq? @x "static"))',
    },
    (8, 1): {
        "enums": "(enum_declaration) @x",
        "readonly properties": "(property_declaration (readonly_modifier) @x)",
        "intersection types": "(intersection_type) @x",
        "f(...)": "(arguments (variadic_placeholder) @x)",
        "never": "(bottom_type) @x",
        "final constants": "(const_declaration (final_modifier) @x)",
    },
    (8, 2): {"readonly classes": "(class_declaration (readonly_modifier) @x)"},
    (8, 3): {"typed constants": "(const_declaration type: (_) @x)"},
    (8, 4): {"property hooks": "(property_hook_list) @x"},
}
"""Syntax that an older PHP does not parse: since when, what, and the query that finds it."""

_COMPLAINS: dict[PHP, dict[str, str]] = {
    (8, 2): {"${name} inside strings": "(encapsed_string (dynamic_variable_name) @x)"},
    (8, 4): {
        "a parameter that is null by default without its type saying so": (
            "(simple_parameter type: [(named_type) (primitive_type)] @x default_value: (null))"
        )
    },
}
"""Syntax that gives a deprecation notice from that PHP on."""
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
        for since, queries in table.items():
            for what, pattern in queries.items():
                patterns.append(pattern.replace("@x", f"@u{len(meanings)}"))
                meanings.append((what, since, complains))
    language = tree_sitter.Language(tree_sitter_php.language_php())
    return tree_sitter.Query(language, "\n".join(patterns)), meanings


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
