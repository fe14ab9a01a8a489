"""Which PHP a piece of syntax needs, and which PHP begins to complain about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import tree_sitter

from plugin_builder.php_tree import query
from plugin_builder.targets import PHP

Hint = Callable[[bytes], object]


@dataclass(frozen=True)
class Feature:
    """A piece of syntax, and the PHP that began to parse it, or (`complains`) to give a notice.

    `query` finds it in a tree. `hint` says of a text in small letters whether it might be there, for parsing takes a
    hundred times as long; what it says no to, no query finds.
    """

    what: str
    since: PHP
    query: str
    hint: Hint
    complains: bool = False


def _mark(text: str) -> Hint:
    return lambda source: text.encode() in source


def _any(*patterns: str) -> Hint:
    """Whether one of them is there. Each begins with a plain letter or mark: those are searched for ten times as fast
    as a choice, so what stands before is looked back at."""
    searches = cache(lambda: [re.compile(pattern.encode()).search for pattern in patterns])
    return lambda source: any(search(source) for search in searches())


def _preceded(pattern: str, before: str) -> Hint:
    """Whether `pattern` is there, and `before` at the end of the `LOOKED_BACK` bytes before it, blanks aside."""
    compiled = cache(lambda: (re.compile(pattern.encode()).finditer, re.compile(before.encode() + rb"\Z").search))

    def hint(source: bytes) -> bool:
        found, ends_in = compiled()
        return any(ends_in(_before(source, each.start())) for each in found(source))

    return hint


LOOKED_BACK = 200


def _before(source: bytes, at: int) -> bytes:
    return source[max(0, at - LOOKED_BACK) : at].rstrip()


def _union(source: bytes) -> bool:
    """`name|name` or `)|name` outside the lines of a docblock, where most of them stand."""
    for match in re.finditer(rb"\|\s*[\w\\(]", source):
        line = _before(source, match.start()).rpartition(b"\n")[2]
        if not line.lstrip().startswith(b"*") and re.search(rb"[\w)]\Z", line):
            return True
    return False


def _promoted(source: bytes) -> bool:
    """A constructor with a modifier, or with what may hide one, among its parameters."""
    parameters = re.finditer(rb"__construct\s*\([^{;]*", source)
    return any(re.search(rb"public|protected|private|readonly|[\"'/#]", each[0]) for each in parameters)


_MODIFIERS = ("public", "protected", "private", "static", "var", "readonly")
_TYPED = (
    r"(?<![@\w]{each})\s+(?!(?:public|protected|private|static|var|readonly)\s|\w+\s+function\b|function\b|\$)"
    r"[^;{{}}=$]{{1,200}}\$"
)


FEATURES: tuple[Feature, ...] = (
    Feature("arrow functions", (7, 4), "(arrow_function) @x", _any(r"fn(?<!\wfn)\s*[(&/#]")),
    Feature(
        "typed properties",
        (7, 4),
        "(property_declaration type: (_) @x)",
        _any(*(each + _TYPED.format(each=each) for each in _MODIFIERS)),
    ),
    Feature("??=", (7, 4), '(augmented_assignment_expression operator: "??=" @x)', _mark("??=")),
    Feature(
        "unpacking inside arrays",
        (7, 4),
        "(array_element_initializer (variadic_unpacking) @x)",
        _preceded(r"\.\.\.", r"(?:[\[(,/]|(?://|#)[^\n]*)"),
    ),
    Feature(
        "underscores in numbers",
        (7, 4),
        '((integer) @x (#match? @x "_"))',
        _preceded(r"_(?<=[\da-f]_)[\da-f]", r"\b\d[\da-fx]*"),
    ),
    Feature("match", (8, 0), "(match_expression) @x", _any(r"match(?<![>:$\w]match)\s*[(/#]")),
    Feature("?->", (8, 0), "[(nullsafe_member_access_expression) (nullsafe_member_call_expression)] @x", _mark("?->")),
    Feature("promoted constructor parameters", (8, 0), "(property_promotion_parameter) @x", _promoted),
    Feature("union types", (8, 0), "(union_type) @x", _union),
    Feature(
        "named arguments", (8, 0), "(argument name: (name) @x)", _any(r"\(\s*\w+\s*:(?!:|//)", r",\s*\w+\s*:(?!:|//)")
    ),
    Feature(
        "a comma after the last parameter",
        (8, 0),
        '(formal_parameters (_) "," @x . ")")',
        _any(r",\s*\)"),
    ),
    Feature(
        "catch without a variable",
        (8, 0),
        "(catch_clause !name) @x",
        _any(r"catch\s*(?:[/#]|\([^$)]{0,200}[)/#])"),
    ),
    Feature(
        "static as a return type",
        (8, 0),
        '((named_type (name) @x) (#eq? @x "static"))',
        _any(r":(?<!::)\s*(?:\?\s*)?static"),
    ),
    Feature("enums", (8, 1), "(enum_declaration) @x", _any(r"enum(?<!\wenum)\b")),
    Feature(
        "readonly properties",
        (8, 1),
        "(property_declaration (readonly_modifier) @x)",
        _any(r"readonly\b[^;{}=$]{0,200}\$"),
    ),
    Feature("intersection types", (8, 1), "(intersection_type) @x", _preceded(r"&\s*[\\\w]", r"\w")),
    Feature("f(...)", (8, 1), "(arguments (variadic_placeholder) @x)", _any(r"\.\.\.\s*\)")),
    Feature("never", (8, 1), "(bottom_type) @x", _preceded(r"never\b", r"[:/]")),
    Feature(
        "final constants",
        (8, 1),
        "(const_declaration (final_modifier) @x)",
        _any(r"final(?<!\wfinal)\b[^;{}=$]{0,200}\bconst\b"),
    ),
    Feature(
        "readonly classes",
        (8, 2),
        "(class_declaration (readonly_modifier) @x)",
        _any(r"readonly\b[^;{}=$]{0,200}\bclass\b"),
    ),
    Feature(
        "${name} inside strings",
        (8, 2),
        "(encapsed_string (dynamic_variable_name) @x)",
        _mark("${"),
        complains=True,
    ),
    Feature(
        "typed constants",
        (8, 3),
        "(const_declaration type: (_) @x)",
        _any(r"const\s+[\w\\|?&()]+\s+\w+\s*[=/#]"),
    ),
    Feature("property hooks", (8, 4), "(property_hook_list) @x", _any(r"\{\s*(?:&\s*)?(?:get|set)\b")),
    Feature(
        "a parameter that is null by default without its type saying so",
        (8, 4),
        "(simple_parameter type: [(named_type) (primitive_type)] @x default_value: (null))",
        _preceded(
            r"=\s*null\b",
            r"(?<![?|&\w\\$])(?!(?:public|protected|private|static|var|return|mixed|null)\s)[\w\\]+\s+(?:&\s*)?\$\w+",
        ),
        complains=True,
    ),
)
DEEPEST = 400
"""How deep in the tree to look: a query takes quadratic time in it."""
_ALREADY_NULLABLE = {b"mixed", b"null"}


@cache
def relevant(lowest: PHP, highest: PHP) -> Sequence[Feature]:
    """What not every PHP from `lowest` to `highest` takes without notice."""
    return [each for each in FEATURES if (each.since <= highest if each.complains else each.since > lowest)]


def likely(source: bytes, features: Sequence[Feature]) -> Sequence[Feature]:
    """Those of them that `source` might use."""
    small = source.lower()
    return [feature for feature in features if feature.hint(small)]


def uses(root: tree_sitter.Node, features: Sequence[Feature]) -> Iterator[tuple[Feature, int]]:
    """Those of them that the tree uses, and the line of the first use."""
    for feature in features:
        cursor = tree_sitter.QueryCursor(query(feature.query))
        cursor.set_max_start_depth(DEEPEST)
        nodes = cursor.captures(root).get("x", [])
        if feature.complains:
            nodes = [node for node in nodes if (node.text or b"").lower() not in _ALREADY_NULLABLE]
        if nodes:
            yield feature, min(node.start_point[0] for node in nodes) + 1
