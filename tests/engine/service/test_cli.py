"""The service's commands: what they do, and one line with exit code 2 for what they cannot."""

from __future__ import annotations

import socket
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from proctor_engine.cli import main

MOODLE = ["--moodle", "https://m.example", "--client-id", "c", "--client-secret", "s", "--token", "t"]


def run(tmp_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--data", str(tmp_path / "var")])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["serve"], "moodle.url"),
        (["serve", "--moodle", "moodle"], "moodle.url: 'moodle' is not a web address"),
        (["serve", *MOODLE, "--config", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["export", *MOODLE, "nobody@example.org", "x.zip"], "nobody@example.org: nobody"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path: Path, arguments: list[str], complaint: str) -> None:
    result = run(tmp_path, *arguments)
    assert result.exit_code == 2
    assert complaint in result.output
    assert len(result.output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("way = 'door'", "way"),
        ("nonsense = 1", "nonsense"),
        ("[limits]\nframe_bytes = 'many'", "limits.frame_bytes"),
        ("detector = 'x.onnx'", "x.onnx is not there"),
        ("administrators = ['dora']", "administrators: 'dora' is not an e-mail address"),
        ("=", "not TOML"),
    ],
)
def test_a_settings_file_is_named_with_its_field(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "engine.toml"
    file.write_text(text)
    result = run(tmp_path, "purge", *MOODLE, "--config", str(file))
    assert result.exit_code == 2
    assert complaint in result.output


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["worker"]])
def test_a_detector_that_cannot_be_used_is_named_at_the_start(tmp_path: Path, command: list[str]) -> None:
    file, model = tmp_path / "engine.toml", tmp_path / "phones.onnx"
    file.write_text(f"detector = '{model}'")
    model.write_bytes(b"no model")
    model.with_suffix(".toml").write_text("[classes.67]\nwarning = 'warning_phone'")
    result = run(tmp_path, *command, *MOODLE, "--config", str(file))
    assert result.exit_code == 2
    assert f"{model}: not an ONNX model that can be run" in result.output


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = run(tmp_path, "serve", *MOODLE, "--port", port)
    assert result.exit_code == 2
    assert f"--port {port}" in result.output


def test_the_administrators_commands_say_what_they_did(tmp_path: Path) -> None:
    assert "Sign in at http://127.0.0.1:8080/admin/sign-in as admin with " in run(tmp_path, "admin", *MOODLE).output
    assert "Deleted 0 records" in run(tmp_path, "purge", *MOODLE).output
    assert "Erased 0 sessions" in run(tmp_path, "erase", *MOODLE, "--yes", "a@example.org").output
    keys = tmp_path / "var" / "keys"
    assert run(tmp_path, "rotate-key", *MOODLE).exit_code == 0
    assert len(keys.read_text().split()) == 2
    assert run(tmp_path, "rotate-key", "--forget-old", *MOODLE).exit_code == 0
    assert len(keys.read_text().split()) == 1


def test_an_export_is_a_zip_and_who_was_exported_and_erased_here_is_in_the_log(tmp_path: Path) -> None:
    from datetime import datetime, timezone

    from proctor_engine.store.database import Database
    from proctor_engine.store.model import Audit, Person

    assert run(tmp_path, "purge", *MOODLE).exit_code == 0
    database = Database(f"sqlite:///{tmp_path / 'var' / 'engine.sqlite'}")
    with database.begin() as db:
        db.add(Person(email="ann@example.org", name="Ann", last_seen=datetime.now(timezone.utc)))
    target = tmp_path / "ann.zip"
    assert run(tmp_path, "export", *MOODLE, "ann@example.org", str(target)).exit_code == 0
    assert zipfile.ZipFile(target).namelist() == ["person.json"]

    def noted() -> list[tuple[str, str, str]]:
        with database.read() as db:
            return [(row.actor, row.action, row.detail) for row in db.query(Audit).order_by(Audit.id)]

    assert noted() == [("command line", "person.export", "ann@example.org")]
    assert run(tmp_path, "erase", *MOODLE, "--yes", "ann@example.org").exit_code == 0
    assert noted() == [("command line", "person.export", ""), ("command line", "person.erase", "")]
