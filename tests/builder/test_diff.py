from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from plugin_builder.archive import pack
from plugin_builder.build import build
from plugin_builder.check import check_path
from plugin_builder.cli import main
from plugin_builder.config import Plugin
from plugin_builder.diff import differences, target_of
from plugin_builder.targets import target_for

WHEN = (2026, 1, 1, 0, 0, 0)


def test_changed_added_removed_and_binary_files() -> None:
    ours = {"a.php": b"one\ntwo\n", "new": b"", "pix.png": b"\xff", "same": b"x"}
    theirs = {"a.php": b"one\nthree", "old": b"", "pix.png": b"\xfe", "same": b"x"}
    assert "".join(differences(ours, theirs)) == (
        "--- other/a.php\n+++ build/a.php\n@@ -1,2 +1,2 @@\n one\n-three\n\\ No newline at end of file\n+two\n"
        "Only in the build: new\nOnly in the other: old\nBinary files differ: pix.png\n"
    )


def test_a_build_does_not_differ_from_itself_whatever_its_range(tmp_path: Path) -> None:
    (built,) = build(Plugin(), [target_for("4.2")])
    path = tmp_path / built.filename
    path.write_bytes(built.content)
    package = check_path(path).package
    assert package is not None
    assert target_of(package) == built.target
    result = CliRunner().invoke(main, ["--diff", str(path)])
    assert (result.exit_code, result.output) == (0, "")


def test_a_difference_is_shown_and_ends_with_1(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    path.write_bytes(pack("examus", {"version.php": b"<?php\n$plugin->component = 'availability_examus';\n"}, WHEN))
    result = CliRunner().invoke(main, ["--diff", str(path), "--moodle", "4.5"])
    assert result.exit_code == 1
    assert "+$plugin->requires = 2024042200;" in result.output.replace("  ", " ")
    assert "Only in the build: db/install.xml" in result.output


def test_no_plugin_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    path.write_bytes(b"no ZIP")
    result = CliRunner().invoke(main, ["--diff", str(path)])
    assert result.exit_code == 2
    assert "other.zip: Moodle sees no plugin package" in result.stderr
