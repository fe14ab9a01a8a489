"""What the filters write, read back by the languages themselves where they are at hand."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import need

from contract.condition import Mode
from plugin_builder.literals import js, php, xml
from plugin_builder.php_source import literal_value

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
KEYS = TEXT.filter(lambda key: not key.lstrip("-").isdigit())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, min_size=1),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        (None, "null"),
        (True, "true"),
        (7, "7"),
        ("it's a \\", r"'it\'s a \\'"),
        ([], "[]"),
        (("a", 1), "['a', 1]"),
        ({"k": [False]}, "['k' => [false]]"),
        (frozenset({"b", "a"}), "['a', 'b']"),
        (Mode.AUTO, "'auto'"),
    ],
)
def test_php_literals(value: Any, literal: str) -> None:
    assert php(value) == literal


def test_php_with_indent_writes_one_item_a_line() -> None:
    assert php({"a": [1]}, indent=4) == "[\n        'a' => [\n            1,\n        ],\n    ]"


def test_php_refuses_what_has_no_literal() -> None:
    with pytest.raises(TypeError, match="object has no PHP literal"):
        php(object())


@settings(deadline=None)
@given(VALUES)
def test_php_literals_read_back_as_the_same_value(value: Any) -> None:
    assert literal_value(php(value)) == value
    assert literal_value(php(value, indent=4)) == value


def test_php_itself_reads_the_same_value() -> None:
    value = {"plain": "a", "quote'": "\\'", "line": "a\nb", "$var": "{$x}", "list": [1, -2, None, True, ["ё"]]}
    script = f"echo json_encode({php(value)});"
    printed = subprocess.run([need("php", package="php-cli"), "-r", script], capture_output=True, check=True).stdout
    assert json.loads(printed) == value


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"], exclude_characters="\ufffe\uffff")))
def test_xml_survives_text_and_attributes(text: str) -> None:
    element = ElementTree.fromstring(f'<a b="{xml(text)}">{xml(text)}</a>')
    assert (element.text or "") == text
    assert element.get("b") == text


def test_js_cannot_close_a_script() -> None:
    assert "</script>" not in js({"a": "</script>"})
    assert json.loads(js({"a": "</script>"}).replace("<\\/", "</")) == {"a": "</script>"}
