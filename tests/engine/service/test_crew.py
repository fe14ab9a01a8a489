"""Worker processes end when they are asked to, however often they are asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import tomlkit
from servers import until

SCRIPT = "from proctor_engine.cli import main; main()"
SIGNALS = 500
PATIENCE_SECONDS = 30


def test_workers_end_when_their_whole_group_is_asked_again_and_again(tmp_path: Path) -> None:
    """As systemd asks: every process of the group, so that a worker hears it from its parent too."""
    config = tmp_path / "engine.toml"
    moodle = {"url": "http://127.0.0.1:9", "client_id": "c", "client_secret": "s", "token": "t"}
    settings = {"public_url": "http://127.0.0.1:8", "data": str(tmp_path / "var"), "moodle": moodle}
    config.write_text(tomlkit.dumps(settings))
    command = [sys.executable, "-c", SCRIPT, "worker", "--processes", "2", "--config", str(config)]
    crew = subprocess.Popen(command, start_new_session=True)
    try:
        until((tmp_path / "var" / "engine.sqlite").exists, "the workers open the database")
        time.sleep(2)  # both are at work
        asked = 0
        while crew.poll() is None and asked < SIGNALS:
            os.killpg(crew.pid, signal.SIGTERM)
            asked += 1
            time.sleep(0.0005)
        crew.wait(PATIENCE_SECONDS)
    finally:
        if crew.poll() is None:
            os.killpg(crew.pid, signal.SIGKILL)
            crew.wait()
