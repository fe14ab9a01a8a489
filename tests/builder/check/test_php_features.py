"""Every piece of syntax is found, its hint lets it through, and real PHP agrees on what it needs."""

from __future__ import annotations

import pytest
from programs import need

from plugin_builder.check.php_binaries import Question
from plugin_builder.check.php_features import may_matter, uses
from plugin_builder.php_source import parse

SAMPLES = [
    ("nullable types", (7, 1), "function f(?int $a) {}"),
    ("visible constants", (7, 1), "class A { private const B = 1; }"),
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
COMPLAINTS = [
    ("${name} inside strings", (8, 2), '$a = "${b}";'),
    ("a parameter that is null by default without its type saying so", (8, 4), "function f(stdClass $a = null) {}"),
    ("a parameter that is null by default without its type saying so", (8, 4), "function f(int $a = NULL) {}"),
]
OLDEST, NEWEST = (7, 0), (8, 4)


@pytest.mark.parametrize(("what", "since", "code"), SAMPLES)
def test_syntax_that_an_older_php_does_not_parse(what: str, since: tuple[int, int], code: str) -> None:
    source = f"<?php\n{code}".encode()
    assert (what, since, False, 2) in [(use.what, use.since, use.complains, use.line) for use in uses(parse(source))]
    older = (since[0], since[1] - 1) if since[1] else (7, 4)
    assert may_matter(source, older, older)


def test_real_php_parses_what_it_should_and_nothing_newer() -> None:
    need("php", package="php-cli")
    files = {str(number): f"<?php\n{code}".encode() for number, (_, _, code) in enumerate(SAMPLES)}
    answers = Question(files).answers()
    assert answers
    for php, faults in answers.items():
        refused = {int(fault.file) for fault in faults}
        assert refused == {number for number, (_, since, _) in enumerate(SAMPLES) if since > php}


@pytest.mark.parametrize(("what", "since", "code"), COMPLAINTS)
def test_syntax_that_gives_a_notice(what: str, since: tuple[int, int], code: str) -> None:
    source = f"<?php {code}".encode()
    assert [(use.what, use.since) for use in uses(parse(source)) if use.complains] == [(what, since)]
    assert may_matter(source, since, NEWEST)


@pytest.mark.parametrize(
    "code",
    [
        "function f(?stdClass $a = null, mixed $b = null, $c = null, int $d = 1) {}",
        "$a = \"$b {$c} $d[0]\"; $e = ['f' => 1, $g]; try {} catch (E $h) {} f($i, $j);",
        "class A { const B = 1; public $c; static function d(self $e) { return new static(); } }",
    ],
)
def test_plain_syntax_gives_no_notice_and_parses_since_7_1(code: str) -> None:
    found = [use for use in uses(parse(f"<?php {code}".encode())) if use.complains or use.since > (7, 1)]
    assert found == []
