"""A folder that looks like a Moodle, and a PHP that writes down how it was called."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from plugin_builder.build import build
from plugin_builder.cli import main
from plugin_builder.config import Plugin
from plugin_builder.deploy import deploy, find_moodle, upgrade
from plugin_builder.errors import BuildError
from plugin_builder.targets import target_for


@pytest.fixture
def moodle_dir(tmp_path: Path) -> Path:
    return fake_moodle(tmp_path / "site", tmp_path / "site")


def fake_moodle(folder: Path, root: Path) -> Path:
    (root / "lib").mkdir(parents=True)
    (folder / "config.php").write_text("<?php\n")
    (root / "lib" / "moodlelib.php").write_text("<?php\n")
    (root / "lib" / "components.json").write_text('{"plugintypes": {"local": "local"}}')
    (root / "version.php").write_text("<?php\n$version = 2024100706.00;\n$release  = '4.5.6 (Build: 20250811)';\n")
    return folder


@pytest.fixture
def php(tmp_path: Path) -> Path:
    path = tmp_path / "php"
    path.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\necho done\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (built,) = build(Plugin(), [target_for("4.5")])
    path = tmp_path / built.filename
    path.write_bytes(built.content)
    return path


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["deploy", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_the_plugin_replaces_what_was_there_and_moodle_upgrades(moodle_dir: Path, package: Path, php: Path) -> None:
    target = moodle_dir / "availability" / "condition" / "examus"
    target.mkdir(parents=True)
    (target / "old.php").write_text("gone soon")
    code, output, errors = run(package, moodle_dir, "--php", php)
    assert (code, errors) == (0, "")
    assert str(target) in output
    assert (target / "version.php").is_file()
    assert not (target / "old.php").exists()
    assert [each.name for each in target.parent.iterdir()] == ["examus"], "nothing temporary is left"
    calls = (php.parent / "calls").read_text().splitlines()
    assert ["upgrade.php --non-interactive" in calls[0], "purge_caches.php" in calls[1]] == [True, True]


def test_what_moodle_says_is_told_as_it_says_it(moodle_dir: Path, tmp_path: Path) -> None:
    """An upgrade may take minutes. Here it goes on when its first line has been heard."""
    heard = tmp_path / "heard"
    os.mkfifo(heard)
    php = tmp_path / "talking"
    php.write_text(f'#!/bin/sh\ncase "$*" in *upgrade.php*) echo one; timeout 60 cat {heard};; esac\n')
    php.chmod(0o755)
    told: list[str] = []

    def tell(line: str) -> None:
        told.append(line)
        if line == "one":
            heard.write_text("two\n")

    upgrade(find_moodle(moodle_dir), str(php), tell)
    assert told == ["one", "two"]


def test_since_5_1_moodle_lives_in_public_and_its_commands_beside(tmp_path: Path, package: Path, php: Path) -> None:
    folder = fake_moodle(tmp_path / "new", tmp_path / "new" / "public")
    moodle = find_moodle(folder)
    assert moodle.root == (folder / "public").resolve()
    assert moodle.release == "4.5"
    assert run(package, folder, "--php", php)[0] == 0
    assert f"{folder}/admin/cli/upgrade.php" in (tmp_path / "calls").read_text()


def test_a_tree_without_a_site_is_told_before_anything_is_put_there(moodle_dir: Path, package: Path) -> None:
    (moodle_dir / "config.php").unlink()
    assert "no config.php; install the site first, or say --no-upgrade" in run(package, moodle_dir)[2]
    assert not (moodle_dir / "availability").exists()


def test_a_moodle_that_the_builder_does_not_know_is_named(moodle_dir: Path, package: Path) -> None:
    (moodle_dir / "version.php").write_text("<?php $release = '2.9 (Build: 20150511)';")
    assert f"{moodle_dir}: it is a Moodle 2.9, and this builder knows 3.6 to 5.3" in run(package, moodle_dir)[2]


def test_no_upgrade_leaves_php_alone(moodle_dir: Path, package: Path) -> None:
    assert run(package, moodle_dir, "--no-upgrade", "--php", "/nonexistent")[0] == 0


def test_a_refused_package_touches_nothing(moodle_dir: Path, tmp_path: Path, php: Path) -> None:
    (built,) = build(Plugin(), [target_for("5.1")])
    path = tmp_path / built.filename
    path.write_bytes(built.content)
    code, _, errors = run(path, moodle_dir, "--php", php)
    assert code == 2
    assert "Moodle 4.5 would refuse it (requiresmoodle)" in errors
    assert not (moodle_dir / "availability").exists()


@pytest.mark.parametrize("there", [True, False])
def test_a_failure_half_way_leaves_the_old_plugin(
    moodle_dir: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    target = moodle_dir / "local" / "demo"
    if there:
        target.mkdir(parents=True)
        (target / "old.php").write_text("kept")
    real = Path.rename

    def full_disk(self: Path, new: Path) -> Path:
        if self.name == "new":
            raise OSError(28, "No space left on device")
        return real(self, new)

    monkeypatch.setattr(Path, "rename", full_disk)
    with pytest.raises(BuildError, match="No space left"):
        deploy("demo", "local", {"a.php": b""}, find_moodle(moodle_dir))
    assert target.exists() is there
    assert [each.name for each in target.parent.iterdir()] == (["demo"] if there else [])


def test_names_that_lead_out_are_refused(moodle_dir: Path) -> None:
    with pytest.raises(BuildError, match="leads out"):
        deploy("demo", "local", {"../../evil.php": b""}, find_moodle(moodle_dir))
    assert not (moodle_dir / "local" / "demo").exists()
    assert not (moodle_dir / "evil.php").exists()


def test_other_faults_are_named(moodle_dir: Path, package: Path, tmp_path: Path) -> None:
    assert "no Moodle here" in run(package, tmp_path / "nowhere")[2]
    assert "--php: /nonexistent cannot be run" in run(package, moodle_dir, "--php", "/nonexistent")[2]
    failing = tmp_path / "failing"
    failing.write_text("#!/bin/sh\necho the reason\nexit 3\n")
    failing.chmod(0o755)
    code, _, errors = run(package, moodle_dir, "--php", failing)
    assert code == 2
    assert "upgrade.php ended with 3: the reason" in errors


def test_watch_renders_at_once_and_again_and_names_a_few_of_many_changes(
    moodle_dir: Path, php: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [[], [Path("a/lib.php.j2")], [Path(f"b/{number}") for number in range(100)]]
    monkeypatch.setattr("plugin_builder.watch.changes", lambda _: iter(told))
    result = CliRunner().invoke(main, ["watch", str(moodle_dir), "--php", str(php)])
    done = f"Rendered for Moodle 4.4-4.5 into {moodle_dir}."
    assert result.output.splitlines() == [done, f"lib.php.j2 changed. {done}", f"0, 1, 2, 97 more changed. {done}"]
    assert (moodle_dir / "availability" / "condition" / "examus" / "version.php").is_file()
