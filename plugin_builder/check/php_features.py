"""Which PHP a piece of syntax needs, and which PHP begins to complain about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import tree_sitter
import tree_sitter_php

from plugin_builder.targets import PHP


@dataclass(frozen=True)
class Feature:
    """A piece of syntax: `query` finds it in a tree, `hint` says from the text whether parsing is worth it."""

    what: str
    query: str
    hint: str


_NEEDS: dict[PHP, list[Feature]] = {
    (7, 1): [
        Feature("nullable types", "(optional_type) @x", r"\?\s*[\\\w]"),
        Feature("visible constants", "(const_declaration (visibility_modifier) @x)", r"\bconst\b"),
    ],
    (7, 4): [
        Feature("arrow functions", "(arrow_function) @x", r"\bfn\b"),
        Feature("typed properties", "(property_declaration type: (_) @x)", r"[\w]\s+\$\w+\s*[=;]"),
        Feature("??=", '(augmented_assignment_expression operator: "??=" @x)', r"\?\?="),
        Feature("unpacking inside arrays", "(array_element_initializer (variadic_unpacking) @x)", r"\.\.\."),
        Feature("underscores in numbers", '((integer) @x (#match? @x "_"))', r"\d_"),
    ],
    (8, 0): [
        Feature("match", "(match_expression) @x", r"\bmatch\b"),
        Feature("?->", "[(nullsafe_member_access_expression) (nullsafe_member_call_expression)] @x", r"\?->"),
        Feature("promoted constructor parameters", "(property_promotion_parameter) @x", r"__construct"),
        Feature("union types", "(union_type) @x", r"\|"),
        Feature("named arguments", "(argument name: (name) @x)", r"[(,]\s*\w+\s*:"),
        Feature("a comma after the last parameter", '(formal_parameters (_) "," @x . ")")', r",\s*\)"),
        Feature("catch without a variable", "(catch_clause !name) @x", r"\bcatch\b"),
        Feature("static as a return type", '((named_type (name) @x) (#eq? @x "static"))', r":\s*(?:\?\s*)?static"),
    ],
    (8, 1): [
        Feature("enums", "(enum_declaration) @x", r"\benum\b"),
        Feature("readonly properties", "(property_declaration (readonly_modifier) @x)", r"\breadonly\b"),
        Feature("intersection types", "(intersection_type) @x", r"\w\s*&\s*[\\\w]"),
        Feature("f(...)", "(arguments (variadic_placeholder) @x)", r"\.\.\.\s*\)"),
        Feature("never", "(bottom_type) @x", r"\bnever\b"),
        Feature("final constants", "(const_declaration (final_modifier) @x)", r"\bfinal\b"),
    ],
    (8, 2): [Feature("readonly classes", "(class_declaration (readonly_modifier) @x)", r"\breadonly\b")],
    (8, 3): [Feature("typed constants", "(const_declaration type: (_) @x)", r"\bconst\s+[\w\\|?]+\s+\w")],
    (8, 4): [Feature("property hooks", "(property_hook_list) @x", r"\{\s*(?:&\s*)?(?:get|set)\b")],
}
"""Syntax that an older PHP does not parse, by the PHP that began to."""

_COMPLAINS: dict[PHP, list[Feature]] = {
    (8, 2): [Feature("${name} inside strings", "(encapsed_string (dynamic_variable_name) @x)", r"\$\{")],
    (8, 4): [
        Feature(
            "a parameter that is null by default without its type saying so",
            "(simple_parameter type: [(named_type) (primitive_type)] @x default_value: (null))",
            r"\w\s+&?\$\w+\s*=\s*null\b",
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
def _hint(lowest: PHP, highest: PHP) -> re.Pattern[bytes]:
    newer = [feature for since, features in _NEEDS.items() if since > lowest for feature in features]
    noticed = [feature for since, features in _COMPLAINS.items() if since <= highest for feature in features]
    return re.compile("|".join(feature.hint for feature in newer + noticed).encode() or rb"(?!)", re.IGNORECASE)


def may_matter(source: bytes, lowest: PHP, highest: PHP) -> bool:
    """Whether `source` might hold something that not every PHP from `lowest` to `highest` takes without notice."""
    return _hint(lowest, highest).search(source) is not None


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
