"""Every piece of syntax is found, its hint lets it through, and real PHP agrees on what it needs."""

from __future__ import annotations

import pytest
from programs import need

from plugin_builder.check.php_binaries import Question
from plugin_builder.check.php_features import FEATURES, likely, relevant, uses
from plugin_builder.php_tree import parse
from plugin_builder.targets import PHP

SAMPLES = [
    ("arrow functions", (7, 4), "$f = fn($x) => 1;"),
    ("typed properties", (7, 4), "class A { public int $b; }"),
    ("??=", (7, 4), "$a ??= 1;"),
    ("unpacking inside arrays", (7, 4), "$a = [...$b];"),
    ("underscores in numbers", (7, 4), "$a = 1_000;"),
    ("match", (8, 0), "$a = match($b) { 1 => 2 };"),
    ("?->", (8, 0), "$a?->b;"),
    ("?->", (8, 0), "$a?->b();"),
    ("promoted constructor parameters", (8, 0), "class A { function __construct(private $b) {} }"),
    ("union types", (8, 0), "function f(int|string $a) {}"),
    ("named arguments", (8, 0), "f(a: 1);"),
    ("a comma after the last parameter", (8, 0), "function f($a,) {}"),
    ("catch without a variable", (8, 0), "try {} catch (E) {}"),
    ("static as a return type", (8, 0), "class A { function f(): static {} }"),
    ("enums", (8, 1), "enum A { case B; }"),
    ("readonly properties", (8, 1), "class A { public readonly int $b; }"),
    ("intersection types", (8, 1), "function f(A&B $a) {}"),
    ("f(...)", (8, 1), "$f = strlen(...);"),
    ("never", (8, 1), "function f(): never {}"),
    ("final constants", (8, 1), "class A { final const B = 1; }"),
    ("readonly classes", (8, 2), "readonly class A {}"),
    ("typed constants", (8, 3), "class A { const int B = 1; }"),
    ("property hooks", (8, 4), "class A { public int $b { get => 1; } }"),
]
SPELLINGS = [
    ("arrow functions", (7, 4), "$f = static fn & ($x) => 1;"),
    ("arrow functions", (7, 4), "$f = FN/* one */($x) => 1;"),
    ("typed properties", (7, 4), "class A { var int $b = 1; }"),
    ("typed properties", (7, 4), "class A { public static /** any */ ?\\B\\C $d, $e; }"),
    ("typed properties", (7, 4), "class A { static private\n\tint $b; }"),
    ("unpacking inside arrays", (7, 4), "$a = array(1, // Two.\n ... f());"),
    ("underscores in numbers", (7, 4), "$a = 0xff_ff;"),
    ("underscores in numbers", (7, 4), "$a = -1_0 + 2;"),
    ("match", (8, 0), "$a = match/**/(true) { default => 2 };"),
    (
        "promoted constructor parameters",
        (8, 0),
        "class A { function __construct($a = '{;', /* b */ public int $c) {} }",
    ),
    ("union types", (8, 0), "class A { private int | string $b; }"),
    ("union types", (8, 0), "class A { function b(): ?C {}\n function d(\n array|\\E $f) {} }"),
    ("named arguments", (8, 0), "f($b, ... $c, a : 1);"),
    ("catch without a variable", (8, 0), "try {} catch/**/( \\E | F ) {}"),
    ("static as a return type", (8, 0), "class A { function f() : ? static {} }"),
    ("readonly properties", (8, 1), "class A { readonly protected int $b; }"),
    ("intersection types", (8, 1), "class A { private B & C $d; }"),
    ("never", (8, 1), "function f() : NEVER {}"),
    ("final constants", (8, 1), "class A { final public const B = 1; }"),
    ("readonly classes", (8, 2), "final readonly class A {}"),
    ("readonly classes", (8, 2), "readonly /* as it is */ abstract class A {}"),
]
"""The same where the eye, or a pattern, might miss it."""
COMPLAINTS = [
    ("${name} inside strings", (8, 2), '$a = "${b}";'),
    ("a parameter that is null by default without its type saying so", (8, 4), "function f(stdClass $a = null) {}"),
    ("a parameter that is null by default without its type saying so", (8, 4), "function f(int $a = NULL) {}"),
]
NEWEST = (8, 4)


def found(code: str, lowest: PHP, highest: PHP = NEWEST) -> list[tuple[str, PHP, bool, int]]:
    source = f"<?php\n{code}".encode()
    features = likely(source, relevant(lowest, highest))
    return [(each.what, each.since, each.complains, line) for each, line in uses(parse(source), features)]


@pytest.mark.parametrize(("what", "since", "code"), [*SAMPLES, *SPELLINGS])
def test_syntax_that_an_older_php_does_not_parse(what: str, since: PHP, code: str) -> None:
    older = (since[0], since[1] - 1) if since[1] else (7, 4)
    assert (what, since) in [(found_what, found_since) for found_what, found_since, _, _ in found(code, older)]
    assert what not in [found_what for found_what, *_ in found(code, since)]


def test_real_php_parses_what_it_should_and_nothing_newer() -> None:
    need("php", package="php-cli")
    files = {str(number): f"<?php\n{code}".encode() for number, (_, _, code) in enumerate(SAMPLES)}
    answers = Question(files).answers()
    assert answers
    for php, faults in answers.items():
        refused = {int(fault.file) for fault in faults}
        assert refused == {number for number, (_, since, _) in enumerate(SAMPLES) if since > php}


@pytest.mark.parametrize(("what", "since", "code"), COMPLAINTS)
def test_syntax_that_gives_a_notice(what: str, since: PHP, code: str) -> None:
    assert found(code, NEWEST) == [(what, since, True, 2)]
    assert found(code, (7, 1), (since[0], since[1] - 1)) == []


@pytest.mark.parametrize(
    "code",
    [
        "function f(?stdClass $a = null, mixed $b = null, $c = null, int $d = 1) {}",
        "$a = \"$b {$c} $d[0]\"; $e = ['f' => 1, $g]; try {} catch (E $h) {} f($i, $j);",
        "class A { const B = 1; public $c; static function d(self $e) { return new static(); } }",
    ],
)
def test_plain_syntax_gives_no_notice_and_parses_since_7_1(code: str) -> None:
    assert list(uses(parse(f"<?php {code}".encode()), FEATURES)) == []
