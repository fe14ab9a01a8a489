"""What deploy/ runs are commands that we have, with settings that we take."""

from __future__ import annotations

import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Event, Thread, Timer
from urllib.parse import parse_qs, urlsplit

import click
import pytest
import requests
import tomlkit
import yaml
from programs import need
from servers import answers, free_port, until
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from proctor_engine.cli import main
from proctor_engine.settings import load

SCRIPT = "from proctor_engine.cli import main; main()"
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


LEFT_OUT = """
import importlib, pkgutil, sys
from importlib.metadata import packages_distributions

missing = {{name for name, made_by in packages_distributions().items() if set(made_by) & {distributions!r}}}
sys.modules.update(dict.fromkeys(missing | {{"mock_moodle", "plugin_builder", "plugin_template", "demo"}}))
for name in ("contract", "proctor_engine"):
    for module in pkgutil.walk_packages(importlib.import_module(name).__path__, f"{{name}}."):
        if not module.name.endswith(("__main__", "migrations.env")):
            importlib.import_module(module.name)
"""
"""Imports everything of ours that the image ships, where nothing of what it leaves out can be imported."""


def test_nothing_in_the_image_needs_what_is_left_out_of_it() -> None:
    image = (DEPLOY / "Dockerfile").read_text().replace("\\\n", "")
    setup = ConfigParser()
    setup.read(DEPLOY.parent / "setup.cfg")
    extras = setup["options.extras_require"]
    tools = {re.split(r"[\[>;]", line)[0] for extra in ("demo", "test") for line in extras[extra].split("\n") if line}
    left_out = {*re.findall(r"uninstall ([^&]+)", image)[0].split(), *tools - {"setuptools"}}
    assert len(left_out) > 20
    assert "--extra scale" in image
    subprocess.run([sys.executable, "-c", LEFT_OUT.format(distributions=left_out)], check=True)
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", image, re.MULTILINE):
        assert all((DEPLOY.parent / name).exists() for name in copied.split()), copied


@contextmanager
def served(folder: Path, *, files: str = "", **settings: object) -> Iterator[str]:
    """Our web process with these settings, and soft and hard limit of open files; gives its address."""
    port, config = free_port(), folder / "engine.toml"
    moodle = {"url": "http://127.0.0.1:9", "client_id": "c", "client_secret": "s", "token": "t"}
    config.write_text(tomlkit.dumps({"data": str(folder / "var"), "moodle": moodle, **settings}))
    command = [sys.executable, "-c", SCRIPT, "serve", "--port", str(port), "--workers", "0", "--config", str(config)]
    if files:
        command = [need("prlimit", package="util-linux"), f"--nofile={files}", *command]
    with (folder / "log").open("w") as log:
        web = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(lambda: answers(port), "the web process answers")
        yield f"http://127.0.0.1:{port}"
    finally:
        web.terminate()
        web.wait()


@pytest.mark.parametrize(("behind_proxy", "statuses"), [(True, [302, 429, 302]), (False, [302, 429, 429])])
def test_only_behind_a_proxy_addresses_are_what_it_says(
    tmp_path: Path, behind_proxy: bool, statuses: list[int]
) -> None:
    """Else all candidates would share the proxy's limits, or anybody could have as many addresses as they like."""
    with served(tmp_path, behind_proxy=behind_proxy, limits={"sign_ins_per_minute": 1}) as address:
        found = [
            requests.get(
                f"{address}/sign-in", headers={"X-Forwarded-For": whose}, allow_redirects=False, timeout=10
            ).status_code
            for whose in ("192.0.2.1", "192.0.2.1", "192.0.2.2")
        ]
    assert found == statuses
    assert "192.0.2" not in (tmp_path / "log").read_text(), "an address names a person"


def connect(hall: ExitStack, address: str, browsers: int) -> None:
    """They stay connected as long as `hall` does."""
    parts = urlsplit(address)
    for _ in range(browsers):
        hall.enter_context(closing(socket.create_connection((parts.hostname, parts.port or 80), timeout=10)))


def test_a_hall_of_browsers_that_stay_connected_keeps_nobody_waiting(tmp_path: Path) -> None:
    """Each keeps its connection open between two frames; Waitress would serve a hundred of them."""
    with served(tmp_path) as address, ExitStack() as hall:
        connect(hall, address, 300)
        assert requests.get(f"{address}/health/live", timeout=10).ok


def test_a_request_that_has_begun_is_answered_though_the_process_is_told_to_end(tmp_path: Path) -> None:
    asked, told = Event(), Event()

    @Request.application
    def slow_moodle(_request: Request) -> Response:
        asked.set()
        told.wait(30)
        return Response("{}")

    moodle = make_server("127.0.0.1", 0, slow_moodle, threaded=True)
    known = {"url": f"http://127.0.0.1:{moodle.server_port}", "client_id": "c", "client_secret": "s", "token": "t"}
    Thread(target=moodle.serve_forever, daemon=True).start()
    with ThreadPoolExecutor(1) as visitor, served(tmp_path, moodle=known) as address:
        browser = requests.Session()
        away = browser.get(f"{address}/sign-in", allow_redirects=False, timeout=10).headers["Location"]
        back = {"code": "c", "state": parse_qs(urlsplit(away).query)["state"][0]}
        answer = visitor.submit(browser.get, f"{address}/oauth/callback", params=back, timeout=30)
        assert asked.wait(30)
        Timer(1, told.set).start()  # By then the block has ended, and the process knows.
    moodle.shutdown()
    assert "answered without a token" in answer.result().text


def test_the_usual_limit_of_open_files_keeps_no_browser_away(tmp_path: Path) -> None:
    """A process may raise it up to the hard limit by itself."""
    with served(tmp_path, files="256:4096") as address, ExitStack() as hall:
        connect(hall, address, 300)
        assert requests.get(f"{address}/health/live", timeout=10).ok
    assert "4096 files may be open, so that 3896 browsers can be connected" in (tmp_path / "log").read_text()
