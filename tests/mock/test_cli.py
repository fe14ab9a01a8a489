"""The command: one line and exit code 2 for whatever is wrong."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from mock_server import plugin_zip

from mock_moodle.cli import main
from mock_moodle.testing import MockMoodle


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    return result.output


def test_a_port_in_use_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "choose another port, or 0 for a free one" in refused("serve", "--port", port)


@pytest.mark.parametrize("port", ["70000", "-1"])
def test_a_port_that_does_not_exist_is_told(port: str) -> None:
    assert "choose another port" in refused("serve", f"--port={port}")


def test_a_world_with_an_unknown_course_is_told(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    course = {"shortname": "a", "fullname": "A", "enrolments": [{"course": "b", "user": "admin"}]}
    file.write_text(json.dumps({"courses": [course]}), encoding="utf-8")
    assert "courses[0].enrolments[0].course: there is no course 'b'" in refused("serve", "--port=0", f"--world={file}")
    assert "there is no course 'b'" in refused("world", "check", str(file))


def test_a_plugin_that_is_no_zip_is_told(tmp_path: Path) -> None:
    file = tmp_path / "plugin.zip"
    file.write_text("not a ZIP", encoding="utf-8")
    assert "readable ZIP" in refused("serve", "--port=0", f"--plugin={file}")
    assert str(tmp_path / "none.zip") in refused("serve", "--port=0", f"--plugin={tmp_path / 'none.zip'}")


def test_a_plugin_for_a_newer_moodle_is_told(tmp_path: Path) -> None:
    archive = plugin_zip(tmp_path, "5.3")
    assert "requires a newer Moodle" in refused("serve", "--port=0", "--moodle=4.1", f"--plugin={archive}")


def test_controls_do_not_open_to_the_world_by_mistake() -> None:
    assert "--control-from-anywhere" in refused("serve", "--port=0", "--control", "--host=0.0.0.0")


def test_a_running_site_is_exported(tmp_path: Path) -> None:
    with MockMoodle() as moodle:
        moodle.user("anna").enrolled_in("algebra")
        for name in ("world.json", "world.yaml"):
            file = tmp_path / name
            result = CliRunner().invoke(main, ["world", "export", moodle.url, "--out", str(file)])
            assert result.exit_code == 0
            assert "loads" in CliRunner().invoke(main, ["world", "check", str(file)]).output


def test_exporting_from_nobody_is_told() -> None:
    assert "--control" in refused("world", "export", "http://127.0.0.1:9")


def test_a_terminated_mock_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    command = [sys.executable, "-m", "mock_moodle.cli", "serve", "--port", "0", "--https"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert "https://127.0.0.1:" in process.stdout.readline()
        assert list(scratch.iterdir())
        process.terminate()
    assert process.returncode in (0, -signal.SIGTERM)
    assert list(scratch.iterdir()) == []
