"""Many machines in small: web, workers, Redis and PostgreSQL as processes, each killed while candidates upload."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
import tomlkit
from actors import running_session
from servers import Postgres, Redis, answers, free_port, until
from sqlalchemy.orm import Session

from proctor_engine.service import Service
from proctor_engine.settings import Settings, load
from proctor_engine.store import incidents, tracks
from proctor_engine.store.model import ExamSession, State
from proctor_engine.web import tokens
from proctor_engine.web.app import create_app

CANDIDATES = 3
REPORTS = 50
PACE_SECONDS = 0.5
FRAME_EVERY = 5
"""Reports between two pictures."""
CUT_SECONDS = 20
FREEZE_SECONDS = 8
SEED = os.environ.get("CHAOS_SEED", "7")
"""Another one makes another order of the same harm."""
TIME_LIMIT_MINUTES = 260
"""The exams began four hours ago: when the clock jumps an hour ahead, they look over."""
AWAY = "warning_change_active_window_on_computer"
SCRIPT = "from proctor_engine.cli import main; main()"
MOVED_CLOCK = """
import datetime, pathlib
from proctor_engine import clock

now, offset = clock.now, pathlib.Path({file!r})
clock.now = lambda: now() + datetime.timedelta(seconds=float(offset.read_text()))
"""
"""Runs in every process that Python starts, also in those that ours start."""


class MovedClock:
    """The clock of all processes that are started in `environment`."""

    def __init__(self, folder: Path) -> None:
        self._offset = folder / "offset"
        self.move(0)
        hook = folder / "hook"
        hook.mkdir()
        (hook / "sitecustomize.py").write_text(MOVED_CLOCK.format(file=str(self._offset)))
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(hook), *filter(None, sys.path)])}

    def move(self, seconds: float) -> None:
        """Ahead of the real time, or behind it."""
        beside = self._offset.with_suffix(".new")
        beside.write_text(str(seconds))
        beside.replace(self._offset)


class Process:
    """One of our commands, with whatever processes it starts."""

    def __init__(self, log: Path, environment: dict[str, str], *arguments: object) -> None:
        self._command = [sys.executable, "-c", SCRIPT, *map(str, arguments)]
        self._log = log
        self._environment = environment
        self.start()

    def start(self) -> None:
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, start_new_session=True, env=self._environment
            )

    def kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()


class Uploader(threading.Thread):
    """A candidate's browser: one report or picture after the other, each until it is acknowledged."""

    def __init__(self, address: str, session_id: str, token: str, picture: Callable[[float], bytes]) -> None:
        super().__init__(daemon=True)
        self._address = f"{address}/api/sessions/{session_id}"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._picture = picture
        self.session_id = session_id
        self.failures = 0
        self.last_failure = ""
        self.pictures: list[int] = []

    def run(self) -> None:
        sequence = 0
        for number in range(REPORTS):
            start = number * 60.0
            report = {"type": AWAY, "start": start, "end": start + 5}
            self._send("events", {"sequence": sequence, "time": start + 6}, json={"events": [report]})
            sequence += 1
            if number % FRAME_EVERY == 0:
                self._send("frames", {"sequence": sequence, "time": start + 7}, data=self._picture(start))
                self.pictures.append(int(start) + 7)
                sequence += 1
            time.sleep(PACE_SECONDS)
        self._send("finish", {})

    def _send(self, what: str, query: dict[str, Any], **body: Any) -> None:
        while not self._is_taken(what, query, body):
            self.failures += 1
            time.sleep(0.2)

    def _is_taken(self, what: str, query: dict[str, Any], body: dict[str, Any]) -> bool:
        try:
            answer = requests.post(f"{self._address}/{what}", params=query, headers=self._headers, timeout=10, **body)
        except requests.RequestException as error:
            self.last_failure = type(error).__name__
            return False
        if not answer.ok:
            self.last_failure = answer.text
        return answer.ok


def write_settings(folder: Path, redis: Redis, postgres: Postgres) -> tuple[Path, Settings]:
    file = folder / "engine.toml"
    moodle = {"url": "http://127.0.0.1:9", "client_id": "engine", "client_secret": "s", "token": "t"}
    values = {
        "data": str(folder / "var"),
        "database": postgres.url,
        "broker": redis.url,
        "limiter": redis.url,
        "moodle": moodle,
        "public_url": "http://127.0.0.1:8080",
        "limits": {"backlog_seconds": 10_000},
    }
    file.write_text(tomlkit.dumps(values))
    return file, load(file, {}, "")


def begin_exams(service: Service) -> list[tuple[str, str]]:
    """Candidates who have sat for hours already, so that no time they report is in the future; with their tokens."""
    with service.database.begin() as db:
        begun = [
            running_session(db, number, began=timedelta(hours=4), minutes=TIME_LIMIT_MINUTES).id
            for number in range(CANDIDATES)
        ]
    with create_app(service).app_context():
        return [(session_id, tokens.issue_capture(session_id, None)) for session_id in begun]


def test_nothing_acknowledged_is_lost_and_nothing_doubled(
    tmp_path: Path, redis: Redis, postgres: Postgres, empty_room: Callable[[float], bytes]
) -> None:
    file, settings = write_settings(tmp_path, redis, postgres)
    service = Service.open(settings)
    sessions = begin_exams(service)
    port, moved = free_port(), MovedClock(tmp_path)

    def start(name: str, *arguments: object) -> Process:
        return Process(tmp_path / f"{name}.log", moved.environment, *arguments, "--config", file)

    web = start("web", "serve", "--port", port, "--workers", 0)
    workers = [start(f"worker{number}", "worker", "--processes", 1) for number in range(2)]
    try:
        until(lambda: answers(port), "the web process answers")
        uploaders = [Uploader(f"http://127.0.0.1:{port}", *session, empty_room) for session in sessions]
        for uploader in uploaders:
            uploader.start()
        harm(random.Random(SEED), web, workers, redis, postgres, moved)  # noqa: S311 - dice
        for uploader in uploaders:
            uploader.join(120)
            assert not uploader.is_alive(), f"a candidate cannot get rid of what waits: {uploader.last_failure}"
        assert sum(uploader.failures for uploader in uploaders) > 0, "nothing was disturbed: the test shows nothing"

        def analysed() -> bool:
            with service.database.read() as db:
                return all(db.get_one(ExamSession, key).state is State.PROPOSED for key, _ in sessions)

        until(analysed, "everything is analysed", 90)
        with service.database.read() as db:
            for uploader in uploaders:
                row = db.get_one(ExamSession, uploader.session_id)
                assert (row.end_reason, row.chunks_missing, row.frames_shed) == ("candidate", 0, 0)
                assert reports(db, row.id) == [(number * 60.0, number * 60.0 + 5) for number in range(REPORTS)]
                assert [moment["time"] for moment in tracks.of_session(db, row.id)] == uploader.pictures
    finally:
        for process in (web, *workers):
            process.kill()
        service.close()


def reports(db: Session, session_id: str) -> list[tuple[float, float]]:
    found = incidents.of_session(db, session_id)
    return [(incident.start, incident.end) for incident in found if incident.type == AWAY]


def harm(
    dice: random.Random, web: Process, workers: list[Process], redis: Redis, postgres: Postgres, moved: MovedClock
) -> None:
    """Everything at least once, in an order that the dice choose; workers, web and broker also while the database is
    away."""

    def restart_redis() -> None:
        redis.kill()
        time.sleep(1)
        redis.start()

    def freeze_redis() -> None:
        redis.freeze(FREEZE_SECONDS)

    def restart_postgres() -> None:
        postgres.stop()
        time.sleep(1)
        postgres.start()

    def cut() -> None:
        away = threading.Thread(target=postgres.freeze, args=(CUT_SECONDS,))
        away.start()
        shuffled(workers[0].restart, workers[1].restart, restart_redis)
        away.join()

    def shuffled(*deeds: Callable[[], object]) -> None:
        for deed in dice.sample(deeds, len(deeds)):
            time.sleep(dice.uniform(0.5, 2))
            deed()

    shuffled(
        web.restart,
        workers[0].restart,
        workers[1].restart,
        restart_redis,
        freeze_redis,
        restart_postgres,
        cut,
        lambda: moved.move(3600),
        lambda: moved.move(-3600),
    )
