"""PHP's reading of numbers and of bracketed names, checked against PHP itself where it is installed."""

from __future__ import annotations

import json
import random
import subprocess
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programs import need

from mock_moodle.webservice.php import INT_MAX, Parsed, float_as_text, parse_pairs, to_float, to_int


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("12abc", 12),
        (" 12", 12),
        ("abc", 0),
        ("", 0),
        ("-7", -7),
        ("1.9", 1),
        ("1e3", 1000),
        (".5", 0),
        ("1e19", INT_MAX),
        ("9" * 5000, INT_MAX),
        ("0" * 30 + "7", 7),
        ("\u0661", 0),
    ],
)
def test_integers_are_read_as_php_casts_them(text: str, number: int) -> None:
    assert to_int(text) == number


def test_an_integer_beyond_64_bits_is_the_largest() -> None:
    assert to_int("99999999999999999999") == INT_MAX


def test_floats_take_the_leading_number() -> None:
    assert to_float("1.5abc") == 1.5
    assert to_float("x") == 0.0


@pytest.mark.parametrize(
    ("pairs", "parsed"),
    [
        ([("a", "1"), ("a", "2")], {"a": "2"}),
        ([("a[]", "1"), ("a[]", "2")], {"a": {"0": "1", "1": "2"}}),
        ([("a[5]", "x"), ("a[]", "y")], {"a": {"5": "x", "6": "y"}}),
        ([("a[b][c]", "1")], {"a": {"b": {"c": "1"}}}),
        ([("a", "1"), ("a[b]", "2")], {"a": {"b": "2"}}),
        ([("a.b c", "1")], {"a_b_c": "1"}),
        ([("a[b", "1")], {"a_b": "1"}),
        ([(" a", "1")], {"a": "1"}),
        ([("", "1"), ("[]", "1"), ("[a]", "1")], {}),
        ([("a[b]tail", "1")], {"a": {"b": "1"}}),
    ],
)
def test_names_become_arrays(pairs: list[tuple[str, str]], parsed: dict[str, object]) -> None:
    assert parse_pairs(pairs) == parsed


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=5)), max_size=8))
def test_any_names_parse(pairs: list[tuple[str, str]]) -> None:
    parsed = parse_pairs(pairs)
    assert len(parsed) <= len(pairs)


def test_more_variables_than_php_takes_are_dropped() -> None:
    assert len(parse_pairs((f"v{number}", "") for number in range(1500))) == 1000


PIECES = ("a", "b", "[", "]", "[]", "[0]", "[7]", "[-3]", "[x]", ".", " ", "_", "[[", "]]", "[ ]", "é")


def queries(count: int) -> list[str]:
    dice = random.Random(20)  # noqa: S311
    found = []
    for _ in range(count):
        names = ["".join(dice.choices(PIECES, k=dice.randint(1, 5))) for _ in range(dice.randint(1, 4))]
        found.append("&".join(f"{quote(name)}={number}" for number, name in enumerate(names)))
    return found


def as_php(parsed: dict[str, Parsed]) -> object:
    """json_encode() of the array that these keys make."""
    inner = {key: as_php(value) if isinstance(value, dict) else value for key, value in parsed.items()}
    if list(inner) == [str(number) for number in range(len(inner))]:
        return list(inner.values())
    return inner


def test_php_itself_parses_names_the_same_way() -> None:
    asked = queries(400)
    program = "foreach (json_decode(stream_get_contents(STDIN)) as $q) { parse_str($q, $o); $all[] = $o; }"
    program += " echo json_encode($all);"
    run = subprocess.run(
        [need("php", package="php-cli"), "-r", program],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    ours = [as_php(parse_pairs(parse_qsl(query, keep_blank_values=True))) for query in asked]
    for query, mine, theirs in zip(asked, ours, json.loads(run.stdout), strict=True):
        assert mine == theirs, query


def test_php_itself_reads_numbers_the_same_way() -> None:
    dice = random.Random(21)  # noqa: S311
    asked = ["".join(dice.choices("0123456789.eE+- x", k=dice.randint(1, 8))) for _ in range(400)]
    program = "foreach (json_decode(stream_get_contents(STDIN)) as $t) { $a[] = (int) $t; } echo json_encode($a);"
    run = subprocess.run(
        [need("php", package="php-cli"), "-r", program],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    assert [to_int(text) for text in asked] == json.loads(run.stdout)


def test_floats_are_written_as_php_writes_them() -> None:
    """In XML, where they are texts; JSON has all their digits."""
    rng = random.Random(22)  # noqa: S311
    asked = [0.0, 5 / 6, 1e15, 1e14, 123456789012345.6, 1e-4, 1e-5, 400 / 7]
    asked += [rng.uniform(-1, 1) * 10 ** rng.randint(-20, 20) for _ in range(500)]
    program = 'foreach (json_decode(file_get_contents("php://stdin")) as $each) { echo (float) $each, "\n"; }'
    run = subprocess.run(
        [need("php", package="php-cli"), "-d", "precision=14", "-r", program],
        input=json.dumps([repr(value) for value in asked]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert [float_as_text(value) for value in asked] == run.stdout.split()
