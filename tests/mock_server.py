"""`mock-moodle serve` in a process of its own, for tests that ask it from outside."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mock_moodle.releases import DEFAULT
from plugin_builder.build import build, write
from plugin_builder.config import Plugin
from plugin_builder.targets import target_for

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
START_SECONDS = 120
STOP_SECONDS = 10


def plugin_zip(folder: Path, moodle: str = "4.5") -> Path:
    """Builds the plugin for a Moodle release into `folder`."""
    (built,) = build(Plugin(), (target_for(moodle),))
    write([built], folder)
    return folder / built.filename


@contextmanager
def serving(world: Path, log: Path, *, plugin: Path | None = None, moodle: str = DEFAULT) -> Iterator[str]:
    """The address of a mock Moodle with this world, its control API open; what it prints goes to `log`."""
    command = [sys.executable, "-m", "mock_moodle.cli", "serve", "--port", "0", "--world", str(world), "--control"]
    command += ["--moodle", moodle]
    if plugin:
        command += ["--plugin", str(plugin)]
    with log.open("w", encoding="utf-8") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT)
        try:
            yield _address(process, log)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if found := ADDRESS.search(log.read_text(encoding="utf-8")):
            return found[0]
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"the mock Moodle did not start: {log.read_text(encoding='utf-8')}")
