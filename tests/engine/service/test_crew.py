"""Worker processes end when they are asked to, however often they are asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import tomlkit
from actors import running_session
from servers import until
from sqlalchemy import select

from proctor_engine.service import Service
from proctor_engine.settings import load
from proctor_engine.store import chunks
from proctor_engine.store.model import ExamSession, Kind

SCRIPT = "from proctor_engine.cli import main; main()"
WORKERS = 2
SIGNALS = 500
PATIENCE_SECONDS = 30


def test_workers_end_when_their_whole_group_is_asked_again_and_again(tmp_path: Path) -> None:
    """As systemd asks: every process of the group, so that a worker hears it from its parent too."""
    config = tmp_path / "engine.toml"
    moodle = {"url": "http://127.0.0.1:9", "client_id": "c", "client_secret": "s", "token": "t"}
    settings = {"public_url": "http://127.0.0.1:8", "data": str(tmp_path / "var"), "moodle": moodle}
    config.write_text(tomlkit.dumps(settings))
    service = Service.open(load(config, {}, ""))
    command = [sys.executable, "-c", SCRIPT, "worker", "--processes", str(WORKERS), "--config", str(config)]
    crew = subprocess.Popen(command, start_new_session=True)
    numbers = count()
    try:
        until(lambda: len(at_work(service, next(numbers))) == WORKERS, "all workers are at work")
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
        service.close()


def at_work(service: Service, number: int) -> set[str]:
    """Gives them one candidate's event more, and tells which workers have taken any."""
    with service.database.begin() as db:
        row = running_session(db, number)
        chunks.accept(db, service.evidence, service.vault, row, chunks.Arrival(0, Kind.EVENTS, 0.0, b"[]"), 5.0)
        return {name for name in db.scalars(select(ExamSession.analyst)) if name}
