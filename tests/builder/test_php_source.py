from __future__ import annotations

from typing import Any

import pytest

from plugin_builder.php_source import (
    UNREADABLE,
    Constant,
    assignments,
    elements,
    literal_value,
    properties,
    variable,
)

VERSION = b"""<?php
// $plugin->version = 1;
/* $plugin->component = 'mod_old'; */
defined('MOODLE_INTERNAL') || die();
$plugin->component = 'availability_examus';
$plugin->version   = 2026112300; $plugin->release = "v1.0\\t\\x41";
$plugin->requires = 2018120300 /* 3.6 */;
$plugin->supported = [36, 310];
$plugin->maturity = MATURITY_STABLE;
$plugin->dependencies = array('mod_quiz' => ANY_VERSION);
$plugin->version += 1;
function f($plugin) { $plugin->version = 3; }
"""


def test_version_php_is_read_as_php_would() -> None:
    assert properties(VERSION, "plugin") == {
        "component": "availability_examus",
        "version": 2026112300,
        "release": "v1.0\tA",
        "requires": 2018120300,
        "supported": [36, 310],
        "maturity": "MATURITY_STABLE",
        "dependencies": {"mod_quiz": "ANY_VERSION"},
    }


def test_lines_count_from_one() -> None:
    assert [(each.key, each.line) for each in assignments(VERSION)][:3] == [
        ("component", 5),
        ("version", 6),
        ("release", 6),
    ]


def test_service_declarations() -> None:
    source = b"""<?php
    use availability_examus\\external\\{reset};
    use availability_examus\\external\\auth_access as access;
    $functions = [
        'availability_examus_auth_access' => [
            'classname' => access::class, // The class.
            'type' => 'read',
            'ajax' => false,
        ],
        'availability_examus_x' => ['classname' => \\availability_examus\\external\\x::class],
    ];
    $services = ['Examus' => ['functions' => ['a', 'b'], 'enabled' => 1]];
    """
    functions = variable(source, "functions")
    assert functions["availability_examus_auth_access"]["classname"] == "availability_examus\\external\\auth_access"
    assert functions["availability_examus_x"] == {"classname": "availability_examus\\external\\x"}
    assert variable(source, "services") == {"Examus": {"functions": ["a", "b"], "enabled": 1}}
    assert variable(source, "absent") is None


def test_capabilities_keep_their_constants() -> None:
    source = b"<?php $capabilities = ['a/b:c' => ['riskbitmask' => RISK_PERSONAL | RISK_CONFIG, 'x' => CAP_ALLOW]];"
    capability = variable(source, "capabilities")["a/b:c"]
    assert capability["riskbitmask"] == "RISK_PERSONAL | RISK_CONFIG"
    assert isinstance(capability["x"], Constant)


def test_language_strings() -> None:
    source = b"<?php $string['pluginname'] = 'It\\'s'; $string[\"b\"] = \"two\\nlines\"; $string[f()] = 'c';"
    assert elements(source, "string") == {"pluginname": "It's", "b": "two\nlines", UNREADABLE: "c"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-5", -5),
        ("+5", 5),
        ("0x1F", 31),
        ("0b101", 5),
        ("017", 15),
        ("0o17", 15),
        ("00", 0),
        ("1_000", 1000),
        ("1.5e3", 1500.0),
        ("TRUE", True),
        ("NULL", None),
        ("'a' . 'b'", "ab"),
        ("(1)", 1),
        ("'\\n'", "\\n"),
        ('"\\u{1F600}\\101\\q"', "😀A\\q"),
        ("array(1, 2,)", [1, 2]),
        ("[5 => 'a', 'b']", {5: "a", 6: "b"}),
        ("['1' => 'a', '01' => 'b']", {1: "a", "01": "b"}),
        ("[0 => 'a', 1 => 'b']", ["a", "b"]),
        ("foo()", UNREADABLE),
        ('"$x"', UNREADABLE),
        ("[...$x]", UNREADABLE),
        ("1 + 1", UNREADABLE),
        ("9" * 5000, UNREADABLE),
        ("[1e999 => 1]", {UNREADABLE: 1}),
        ('"\\u{D800}"', "\ufffd"),
        ("$x ? 1 : 2", UNREADABLE),
        ("A\\B::C", "A\\B::C"),
    ],
)
def test_expressions(text: str, value: Any) -> None:
    assert literal_value(text) == value


def test_depth_is_bounded() -> None:
    assert literal_value("[" * 5000 + "]" * 5000) is None
    assert literal_value("[" * 200 + "]" * 200) is not None


@pytest.mark.parametrize(
    "source", [b"", b"<?php", b"no php", b"<?php $a = ;", b"\xff\xfe<?php $a['\xff'] = 1;", b"<?php $ = 2;"]
)
def test_broken_source_raises_nothing(source: bytes) -> None:
    assert isinstance(assignments(source), tuple)
