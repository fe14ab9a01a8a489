"""What deploy/ runs are commands that we have, with settings that we take."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest
import yaml

from proctor_engine.cli import main
from proctor_engine.settings import load

DEPLOY = Path(__file__).parents[3] / "deploy"


def commands() -> list[list[str]]:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    composed = [service["command"] for service in services.values() if "build" in service]
    units = (unit.read_text().splitlines() for unit in sorted((DEPLOY / "systemd").glob("*.service")))
    started = [shlex.split(line.partition("=")[2]) for unit in units for line in unit if line.startswith("ExecStart=")]
    return composed + started


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_commands_are_ours(command: list[str]) -> None:
    program, name, *arguments = command
    assert Path(program).name == "proctor-engine"
    with click.Context(main) as context:
        known = main.get_command(context, name)
        assert known is not None
        made = known.make_context(name, list(arguments), parent=context)
    assert made.params["config"] == Path("/etc/proctor/engine.toml")


def test_both_ways_start_web_and_workers() -> None:
    assert sorted(name for _, name, *_ in commands()) == ["serve", "serve", "worker", "worker"]


def test_the_settings_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROCTOR_DATABASE", raising=False)
    secrets = {"client_secret": "s", "token": "t"}
    settings = load(DEPLOY / "engine.toml", {"moodle": secrets}, "")
    assert settings.secure
    assert settings.broker.startswith("redis://")


def test_the_web_process_leaves_the_analysis_to_workers_and_restarts() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert {service["restart"] for service in services.values()} == {"unless-stopped"}
    command = services["web"]["command"]
    assert command[command.index("--workers") + 1] == "0"
