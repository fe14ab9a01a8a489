"""The command as a person runs it: what it prints, what it leaves, how it ends."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from builder.crafted_zip import Crafted, crafted, plugin
from click.testing import CliRunner

from plugin_builder import render
from plugin_builder.cli import main
from plugin_builder.targets import TARGETS

REPOSITORY = Path(__file__).parents[2]


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_the_default_builds_every_range_with_checksums(tmp_path: Path) -> None:
    code, output, _ = run("--out", str(tmp_path))
    assert code == 0
    zips = sorted(tmp_path.glob("*.zip"))
    assert len(zips) == len(TARGETS)
    sums = dict(reversed(line.split("  ")) for line in (tmp_path / "SHA256SUMS").read_text().splitlines())
    for path in zips:
        assert path.name.startswith("availability_examus-v1.0.0-moodle")
        assert sums[path.name] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert sums[path.name] in output
        with zipfile.ZipFile(path) as archive:
            assert {name.split("/")[0] for name in archive.namelist()} == {"examus"}
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([*sums, "SHA256SUMS"])


def test_the_closing_table_fits_a_narrow_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # to rich it is a terminal then
    monkeypatch.setenv("COLUMNS", "80")
    _, output, _ = run("--moodle", "4.5", "--out", str(tmp_path))
    (path,) = tmp_path.glob("*.zip")
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    row = next(line for line in output.splitlines() if "4.4-4.5 " in line)
    for shown in (path.name[:20], "8.1-8.3", f"{path.stat().st_size:,}", checksum[:12]):
        assert shown in row


def test_moodle_picks_one_range(tmp_path: Path) -> None:
    assert run("--moodle", "4.5", "--out", str(tmp_path))[0] == 0
    assert [each.name for each in tmp_path.glob("*.zip")] == ["availability_examus-v1.0.0-moodle4.4-4.5.zip"]


def test_list_targets_names_every_range() -> None:
    code, output, _ = run("--list-targets")
    assert code == 0
    assert [line.split()[0] for line in output.splitlines()] == [target.name for target in TARGETS]


def test_preview_prints_one_file_and_list_files_names_it() -> None:
    code, listed, _ = run("--list-files", "--moodle", "5.1")
    assert code == 0
    assert "version.php" in listed.splitlines()
    code, shown, _ = run("--preview", "version.php", "--moodle", "5.1")
    assert code == 0
    assert "$plugin->requires = 2025041400;" in shown.replace("  ", " ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--moodle", "2.9"], "--moodle: there is no Moodle '2.9' here; name one from 3.6 to 5.3"),
        (["--preview", "verson.php"], "did you mean version.php?"),
        (["--moodle", ""], "--moodle: there is no Moodle '' here"),
        (["--preview", ""], "--preview: the plugin for Moodle 5.0-5.3 has no ''; see --list-files"),
        (["--out", "/dev/null/x"], "--out: /dev/null/x cannot be written"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments: list[str], message: str) -> None:
    code, output, errors = run(*arguments)
    assert (code, output) == (2, "")
    assert message in errors
    assert len(errors.strip().splitlines()) == 1


def test_a_broken_template_leaves_an_old_build_untouched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_tree: object
) -> None:
    assert callable(write_tree)
    root = write_tree({"version.php.j2": "{{ fine }}"})
    monkeypatch.setattr("plugin_builder.build.render", lambda plugin, target, _: render.render(plugin, target, root))
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "SHA256SUMS").write_text("old")
    code, _, errors = run("--out", str(dist))
    assert code == 2
    assert 'plugin_template/version.php.j2:1: unknown variable "fine"' in errors
    assert [(each.name, each.read_text()) for each in dist.iterdir()] == [("SHA256SUMS", "old")]


def test_check_ends_as_the_verdict_says(tmp_path: Path) -> None:
    assert run("--moodle", "4.5", "--out", str(tmp_path))[0] == 0
    (path,) = tmp_path.glob("*.zip")
    code, output, _ = run("check", str(path))
    assert (code, output.splitlines()[-1]) == (0, "PASS")
    code, output, _ = run("check", str(path), "--installed", "2099010100", "--json")
    answer = json.loads(output)
    assert code == 1
    assert answer["verdict"] == "fail"
    assert answer["validator"] == {"verdict": "fail", "stage": "validator", "code": "pluginversiontoolow"}
    assert set(answer["findings"][0]) == {"code", "level", "file", "line", "message", "mend"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["/nonexistent.zip"], "/nonexistent.zip: No such file or directory; name a ZIP or a plugin's folder"),
        (["/dev/null"], "/dev/null: neither a file nor a folder; name a ZIP or a plugin's folder"),
        ([__file__, "--moodle", "1.9"], "there is no Moodle '1.9' here"),
    ],
)
def test_nothing_to_check_is_one_line_and_exit_code_2(arguments: list[str], message: str) -> None:
    code, output, errors = run("check", *arguments)
    assert (code, output) == (2, "")
    assert message in errors
    assert len(errors.strip().splitlines()) == 1


def test_names_from_an_archive_forge_no_line_and_end_no_output(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(crafted([*plugin(), Crafted("demo/\x1b[2J\nPASS.orig"), Crafted("demo/ж.orig")]))
    command = [sys.executable, str(REPOSITORY / "build.py"), "check", str(path)]
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    shown, as_json = (
        subprocess.run([*command, *more], env=environment, capture_output=True, text=True) for more in ([], ["--json"])
    )
    assert (shown.stderr, as_json.stderr) == ("", "")
    assert "\x1b" not in shown.stdout
    assert [line for line in shown.stdout.splitlines() if line.startswith("PASS")] == []
    assert "demo/\\x1b[2J\\nPASS.orig" in shown.stdout
    assert "demo/\\u0436.orig" in shown.stdout
    files = {finding["file"] for finding in json.loads(as_json.stdout)["findings"]}
    assert {"demo/\x1b[2J\nPASS.orig", "demo/ж.orig"} <= files


def test_a_file_in_a_folder_whose_name_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.php")).touch()
    code, _, errors = run("check", str(tmp_path))
    name = f"{tmp_path.name}/\\udcff.php"
    assert (code, errors) == (2, f"error: {tmp_path}: the name '{name}' is not UTF-8; rename the file\n")


def test_checks_of_our_own_builds_find_nothing(tmp_path: Path) -> None:
    assert run("--out", str(tmp_path))[0] == 0
    for target in TARGETS:
        (path,) = tmp_path.glob(f"*-moodle{target.name}.zip")
        for each in target.releases:
            answer = json.loads(run("check", str(path), "--moodle", each.name, "--json")[1])
            assert (answer["verdict"], answer["findings"]) == ("pass", []), each.name


ELSEWHERE = [
    {"TZ": "Pacific/Auckland", "LC_ALL": "C", "umask": "000"},
    {"TZ": "America/Los_Angeles", "LC_ALL": "C.UTF-8", "umask": "077", "PYTHONHASHSEED": "1"},
    {"TZ": "UTC", "LC_ALL": "tr_TR.UTF-8", "umask": "022", "PYTHONHASHSEED": "2", "PYTHONUTF8": "0"},
]


def test_same_bytes_whatever_the_umask_locale_and_time_zone(tmp_path: Path) -> None:
    builds = []
    for number, settings in enumerate(ELSEWHERE):
        out = tmp_path / str(number)
        environment = {**os.environ, **settings}
        environment.pop("SOURCE_DATE_EPOCH", None)
        script = f"umask {settings['umask']}; exec {sys.executable} {REPOSITORY / 'build.py'} --out {out}"
        subprocess.run(["sh", "-c", script], env=environment, cwd=tmp_path, check=True, capture_output=True)
        builds.append({each.name: each.read_bytes() for each in out.iterdir()})
    assert builds[0] == builds[1] == builds[2]
    assert len(builds[0]) == len(TARGETS) + 1


def test_source_date_epoch_changes_only_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def entries(epoch: str) -> list[tuple[str, bytes, tuple[int, ...]]]:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        assert run("--moodle", "4.5", "--out", str(tmp_path / epoch))[0] == 0
        (path,) = (tmp_path / epoch).glob("*.zip")
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            return [(each.filename, archive.read(each), each.date_time) for each in archive.infolist()]

    first, second = entries("1600000000"), entries("1700000000")
    assert [each[:2] for each in first] == [each[:2] for each in second]
    assert {each[2] for each in first} == {(2020, 9, 13, 12, 26, 40)}
    assert {each[2] for each in second} == {(2023, 11, 14, 22, 13, 20)}
