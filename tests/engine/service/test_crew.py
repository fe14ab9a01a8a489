"""Worker processes end when they are asked to, however often they are asked, and tell what they do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
import requests
import tomlkit
from actors import running_session
from servers import Redis, free_port, until
from sqlalchemy import func, select

from proctor_engine.service import Service
from proctor_engine.settings import load
from proctor_engine.store import chunks
from proctor_engine.store.model import ExamSession, Kind

SCRIPT = "from proctor_engine.cli import main; main()"
WORKERS = 2
SIGNALS = 500
PATIENCE_SECONDS = 30


@contextmanager
def crew(folder: Path, *options: str, **settings: str) -> Iterator[tuple[subprocess.Popen[bytes], Service]]:
    """Worker processes, and the service that they work for."""
    config = folder / "engine.toml"
    moodle = {"url": "http://127.0.0.1:9", "client_id": "c", "client_secret": "s", "token": "t"}
    values = {"public_url": "http://127.0.0.1:8", "data": str(folder / "var"), "moodle": moodle, **settings}
    config.write_text(tomlkit.dumps(values))
    service = Service.open(load(config, {}, ""))
    command = [sys.executable, "-c", SCRIPT, "worker", "--processes", str(WORKERS), *options, "--config", str(config)]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        yield process, service
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        service.close()


def test_workers_end_when_their_whole_group_is_asked_again_and_again(tmp_path: Path) -> None:
    """As systemd asks: every process of the group, so that a worker hears it from its parent too."""
    with crew(tmp_path) as (process, service):
        numbers = count()
        until(lambda: len(at_work(service, next(numbers))) == WORKERS, "all workers are at work", 120)
        asked = 0
        while process.poll() is None and asked < SIGNALS:
            os.killpg(process.pid, signal.SIGTERM)
            asked += 1
            time.sleep(0.0005)
        process.wait(PATIENCE_SECONDS)


@pytest.mark.parametrize("broker", [False, True])
def test_prometheus_hears_from_one_address_what_all_workers_do(
    tmp_path: Path, broker: bool, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, numbers = f"127.0.0.1:{free_port()}", count()
    settings: dict[str, str] = {}
    if broker:
        redis: Redis = request.getfixturevalue("redis")
        settings["broker"] = redis.url
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    def analysed() -> float:
        lines = requests.get(f"http://{address}/metrics", timeout=10).text.splitlines()
        return sum(float(line.split()[1]) for line in lines if line.startswith("proctor_analysis_delay_seconds_count"))

    with crew(tmp_path, "--metrics", address, **settings) as (process, service):
        # Without a broker each worker looks for work itself; a broker may give all of so little to one.
        least = 1 if broker else WORKERS
        until(lambda: len(at_work(service, next(numbers))) >= least, "workers are at work", 120)
        until(lambda: analysed() == candidates(service), "all that was analysed is counted", 60)
        process.terminate()
        process.wait(PATIENCE_SECONDS)
    assert [*tmp_path.glob("proctor-metrics-*")] == []


def candidates(service: Service) -> int:
    """How many candidates have come."""
    with service.database.read() as db:
        return db.scalar(select(func.count()).select_from(ExamSession)) or 0


def at_work(service: Service, number: int) -> set[str]:
    """Gives them one candidate's event more, and tells which workers have taken any."""
    with service.database.begin() as db:
        row = running_session(db, number)
        chunks.accept(db, service.evidence, service.vault, row, chunks.Arrival(0, Kind.EVENTS, 0.0, b"[]"), 5.0)
        return {name for name in db.scalars(select(ExamSession.analyst)) if name}
