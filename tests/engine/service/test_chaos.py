"""Many machines in small: web, workers, Redis and PostgreSQL as processes, each killed while candidates upload."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import tomlkit
from actors import make_exam
from servers import Postgres, Redis, answers, free_port, until

from proctor_engine import clock
from proctor_engine.service import Service
from proctor_engine.settings import Settings, load
from proctor_engine.store import incidents
from proctor_engine.store.model import ExamSession, Person, State
from proctor_engine.web import tokens
from proctor_engine.web.app import create_app

CANDIDATES = 3
REPORTS = 60
AWAY = "warning_change_active_window_on_computer"
SCRIPT = "from proctor_engine.cli import main; main()"


class Process:
    """One of our commands, with whatever processes it starts."""

    def __init__(self, log: Path, *arguments: object) -> None:
        self._command = [sys.executable, "-c", SCRIPT, *map(str, arguments)]
        self._log = log
        self.start()

    def start(self) -> None:
        with self._log.open("a") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, start_new_session=True)

    def kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()


class Uploader(threading.Thread):
    """A candidate's browser: one report after the other, each until it is acknowledged."""

    def __init__(self, address: str, session_id: str, token: str) -> None:
        super().__init__(daemon=True)
        self._address = f"{address}/api/sessions/{session_id}"
        self._headers = {"Authorization": f"Bearer {token}"}
        self.session_id = session_id
        self.failures = 0

    def run(self) -> None:
        for number in range(REPORTS):
            report = {"type": AWAY, "start": number * 60.0, "end": number * 60.0 + 5}
            self._send("events", {"sequence": number, "time": number * 60 + 6}, {"events": [report]})
            time.sleep(0.2)
        self._send("finish", {}, {})

    def _send(self, what: str, query: dict[str, Any], body: dict[str, Any]) -> None:
        while True:
            try:
                answer = requests.post(
                    f"{self._address}/{what}", params=query, json=body, headers=self._headers, timeout=10
                )
                if answer.ok:
                    return
            except requests.RequestException:
                pass
            self.failures += 1
            time.sleep(0.2)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    redis = Redis(tmp_path)
    redis.start()
    yield redis
    redis.kill()


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    postgres = Postgres()
    postgres.start()
    yield postgres
    postgres.remove()


def write_settings(folder: Path, redis: Redis, postgres: Postgres) -> tuple[Path, Settings]:
    file = folder / "engine.toml"
    moodle = {"url": "http://127.0.0.1:9", "client_id": "engine", "client_secret": "s", "token": "t"}
    values = {
        "data": str(folder / "var"),
        "database": postgres.url,
        "broker": redis.url,
        "moodle": moodle,
        "public_url": "http://127.0.0.1:8080",
    }
    file.write_text(tomlkit.dumps(values))
    return file, load(file, {}, "")


def begin_exams(service: Service) -> list[tuple[str, str]]:
    """Candidates who have sat for hours already, so that no time they report is in the future; with their tokens."""
    at = clock.now()
    begun = []
    with service.database.begin() as db:
        for number in range(CANDIDATES):
            person = Person(email=f"{number}@example.org", name=str(number), last_seen=at)
            db.add(person)
            db.flush()
            exam = make_exam(f"{number:032}", time_limit_mins=600)
            row = ExamSession(
                person_id=person.id,
                access_code=exam.accesscode,
                course_id=3,
                cm_id=41,
                course_name="Algebra",
                exam_name="Final",
                exam=exam.model_dump(mode="json"),
                state=State.RUNNING,
                created_at=at,
                started_at=at - timedelta(hours=4),
                seen_at=at,
                evidence_until=at + timedelta(days=1),
                record_until=at + timedelta(days=1),
            )
            db.add(row)
            db.flush()
            begun.append(row.id)
    with create_app(service).app_context():
        return [(session_id, tokens.issue_capture(session_id)) for session_id in begun]


def test_nothing_acknowledged_is_lost_and_nothing_doubled(tmp_path: Path, redis: Redis, postgres: Postgres) -> None:
    file, settings = write_settings(tmp_path, redis, postgres)
    service = Service.open(settings)
    sessions = begin_exams(service)
    port = free_port()
    web = Process(tmp_path / "web.log", "serve", "--port", port, "--workers", 0, "--config", file)
    workers = [Process(tmp_path / f"worker{n}.log", "worker", "--processes", 1, "--config", file) for n in range(2)]
    try:
        until(lambda: answers(port), "the web process answers")
        uploaders = [Uploader(f"http://127.0.0.1:{port}", *session) for session in sessions]
        for uploader in uploaders:
            uploader.start()
        harm(random.Random(7), web, workers, redis, postgres)  # noqa: S311 - dice
        for uploader in uploaders:
            uploader.join(120)
            assert not uploader.is_alive(), "a candidate cannot get rid of what waits"
        assert sum(uploader.failures for uploader in uploaders) > 0, "nothing was disturbed: the test shows nothing"

        def analysed() -> bool:
            with service.database.begin() as db:
                return all(db.get_one(ExamSession, key).state is State.PROPOSED for key, _ in sessions)

        until(analysed, "everything is analysed", 90)
        with service.database.begin() as db:
            for session_id, _token in sessions:
                row = db.get_one(ExamSession, session_id)
                assert row.chunks_missing == 0
                seen = [
                    (incident.start, incident.end)
                    for incident in incidents.of_session(db, session_id)
                    if incident.type == AWAY
                ]
                assert seen == [(number * 60.0, number * 60.0 + 5) for number in range(REPORTS)]
    finally:
        for process in (web, *workers):
            process.kill()
        service.close()


def harm(dice: random.Random, web: Process, workers: list[Process], redis: Redis, postgres: Postgres) -> None:
    """Everything once, in an order that the dice choose."""

    def restart_redis() -> None:
        redis.kill()
        time.sleep(1)
        redis.start()

    def restart_postgres() -> None:
        postgres.stop()
        time.sleep(1)
        postgres.start()

    deeds = [
        web.restart,
        workers[0].restart,
        workers[1].restart,
        restart_redis,
        restart_postgres,
        lambda: postgres.freeze(3),
    ]
    dice.shuffle(deeds)
    for deed in deeds:
        time.sleep(dice.uniform(0.5, 2))
        deed()
