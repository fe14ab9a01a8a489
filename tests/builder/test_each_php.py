"""Real PHPs compile what is rendered, without an error or a deprecation.

Here it is the PHP of this machine. `PHP_WASM=…/node_modules/.bin/php-wasm-cli` (npm's `@php-wasm/cli`) brings others:
each range is then compiled by the lowest and the highest that it meets of `PHP_WASM_VERSIONS`.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from programs import need

from plugin_builder.config import Plugin
from plugin_builder.render import render
from plugin_builder.targets import PHP, TARGETS, Target, php_name

SCRIPT = Path(__file__).with_name("compile.php")
WASM = os.environ.get("PHP_WASM")
WASM_VERSIONS: list[PHP] = [
    (int(major), int(minor))
    for version in os.environ.get("PHP_WASM_VERSIONS", "7.4 8.0 8.1 8.2 8.3 8.4").split()
    for major, minor in [version.split(".")]
]
FAULTY = """<?php
namespace x;
function f(\\stdClass $a = null) {}
function g($a = 1, $b) {}
"""


def compiled(folder: Path, command: list[str], **environment: str) -> Any:
    """Major and minor version, number of files, complaints."""
    done = subprocess.run(
        [*command, str(SCRIPT), str(folder)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def unpacked(target: Target, folder: Path) -> int:
    """Writes the plugin; how many PHP files it has."""
    files = render(Plugin(), target)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return sum(name.endswith(".php") for name in files)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: str(target.name))
def test_the_machines_php_compiles_what_it_may_meet(target: Target, tmp_path: Path) -> None:
    need("php", package="php-cli")
    number = unpacked(target, tmp_path)
    *version, count, complaints = compiled(tmp_path, ["php"])
    assert count == number
    if target.php_lowest <= tuple(version) <= target.php_highest:
        assert complaints == []


def test_the_compiler_complains_where_there_is_reason(tmp_path: Path) -> None:
    need("php", package="php-cli")
    (tmp_path / "faulty.php").write_text(FAULTY)
    (tmp_path / "broken.php").write_text("<?php\nif (")
    *_, complaints = compiled(tmp_path, ["php"])
    assert any(complaint.startswith("faulty.php:4: ") for complaint in complaints)
    assert any(complaint.startswith("broken.php:2: ") for complaint in complaints)


if WASM:

    @pytest.mark.parametrize(
        ("target", "php"),
        [
            pytest.param(target, php, id=f"{target.name} on {php_name(php)}")
            for target in TARGETS
            for met in [[php for php in WASM_VERSIONS if target.php_lowest <= php <= target.php_highest]]
            for php in sorted({*met[:1], *met[-1:]})
        ],
    )
    def test_the_lowest_and_the_highest_php_compile_it(target: Target, php: PHP, tmp_path: Path) -> None:
        number = unpacked(target, tmp_path)
        assert compiled(tmp_path, [str(WASM)], PHP=php_name(php)) == [*php, number, []]
