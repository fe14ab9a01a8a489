#!/usr/bin/env python3
"""How many candidates one core carries: real uploads over HTTP, real faces, real workers.

    python benchmarks/load.py                     a table for 1 and 2 workers
    python benchmarks/load.py --json              the same as JSON
    python benchmarks/load.py --pages             the cost of the wall and the queue from 10 to 100,000 sessions

Each simulated candidate sends one 640x480 JPEG a second, and every ten seconds an event. A number of candidates is
sustained when 95 % of what they send is analysed within five seconds, no frame is shed, and nothing acknowledged is
lost.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from unittest import mock

import click
import requests
import tomlkit
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, insert, select

from contract.condition import WARNING_KEYS
from demo import clip
from proctor_engine import clock
from proctor_engine.lms.models import Exam
from proctor_engine.lms.rest import REQUESTS
from proctor_engine.service import Service
from proctor_engine.settings import Settings, load
from proctor_engine.store.model import Chunk, ExamSession, Person, State
from proctor_engine.tasks import rounds
from proctor_engine.web import tokens
from proctor_engine.web.app import create_app

LIMIT_SECONDS = 5.0
SCRIPT = "from proctor_engine.cli import main; main()"
AWAY = "warning_change_active_window_on_computer"


@dataclass
class Run:
    """One attempt. `lost` counts chunks that were acknowledged and never analysed."""

    workers: int
    candidates: int
    p50_seconds: float
    p95_seconds: float
    shed: int
    lost: int
    web_cpu: float
    worker_cpu: float
    web_megabytes: float

    @property
    def sustained(self) -> bool:
        return self.p95_seconds <= LIMIT_SECONDS and not self.shed and not self.lost

    @property
    def bottleneck(self) -> str:
        return "analysis" if self.worker_cpu / self.workers >= self.web_cpu else "web"


@click.command()
@click.option("--workers", type=int, multiple=True, default=(1, 2), show_default=True)
@click.option("--candidates", type=int, help="Only this many, without searching for the most.")
@click.option("--seconds", type=int, default=30, show_default=True, help="Of uploads in each attempt.")
@click.option("--database", default="", help="An SQLAlchemy address; empty takes SQLite.")
@click.option("--json", "as_json", is_flag=True)
@click.option("--pages", is_flag=True, help="Measure the staff's pages too.")
def main(
    workers: tuple[int, ...], candidates: int | None, seconds: int, database: str, as_json: bool, pages: bool
) -> None:
    frames = [clip.encode_jpeg(frame) for frame in clip.frames(rate=1)]
    best = [most(number, candidates, seconds, database, frames) for number in workers]
    sustained = [run.candidates / run.workers for run in best if run.sustained]
    result: dict[str, Any] = {
        "candidates_per_core": round(max(sustained, default=0.0), 1),
        "p95_seconds": max(run.p95_seconds for run in best),
        "lost": sum(run.lost for run in best),
        "idle_requests": idle_requests(),
        "runs": [{**asdict(run), "sustained": run.sustained, "bottleneck": run.bottleneck} for run in best],
        "cores": os.cpu_count(),
    }
    if pages:
        result["pages"] = page_costs()
    if as_json:
        click.echo(json.dumps(result, indent=2))
    else:
        show(result)


def most(workers: int, candidates: int | None, seconds: int, database: str, frames: list[bytes]) -> Run:
    """The best sustained run; grows by half until one is not."""
    if candidates is not None:
        return attempt(workers, candidates, seconds, database, frames)
    number, best = 8 * workers, None
    while True:
        run = attempt(workers, number, seconds, database, frames)
        if not run.sustained:
            return best or run
        best, number = run, int(number * 1.5)


def attempt(workers: int, candidates: int, seconds: int, database: str, frames: list[bytes]) -> Run:
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        port = free_port()
        file, settings = write_settings(Path(folder), port, database)
        service = Service.open(settings)
        sessions = begin(service, candidates)
        web = start("serve", "--port", port, "--workers", 0, "--threads", 16, "--config", file)
        crew = start("worker", "--processes", workers, "--config", file)
        try:
            wait_for(port)
            warm_up(port, begin(service, workers * 2, first=candidates), frames)
            drained(service)
            before = cpu(web.pid), cpu(crew.pid)
            at = time.monotonic()
            delays = upload(service, port, sessions, seconds, frames)
            elapsed = time.monotonic() - at
            used = cpu(web.pid) - before[0], cpu(crew.pid) - before[1]
            lost = 0 if drained(service) else waiting(service)
            with service.database.begin() as db:
                shed = db.scalar(select(func.sum(ExamSession.frames_shed))) or 0
            return Run(
                workers=workers,
                candidates=candidates,
                p50_seconds=round(delays[len(delays) // 2], 2),
                p95_seconds=round(delays[int(len(delays) * 0.95)], 2),
                shed=int(shed),
                lost=lost,
                web_cpu=round(used[0] / elapsed, 2),
                worker_cpu=round(used[1] / elapsed, 2),
                web_megabytes=megabytes(web.pid),
            )
        finally:
            for process in (web, crew):
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()
            service.close()


def write_settings(folder: Path, port: int, database: str) -> tuple[Path, Settings]:
    file = folder / "engine.toml"
    values = {
        "public_url": f"http://127.0.0.1:{port}",
        "data": str(folder / "var"),
        "database": database,
        "moodle": {"url": "http://127.0.0.1:9", "client_id": "c", "client_secret": "s", "token": "t"},
        "limits": {"clock_tolerance": 30, "backlog_seconds": 15},
    }
    file.write_text(tomlkit.dumps(values))
    return file, load(file, {}, "")


def begin(service: Service, count: int, first: int = 0) -> list[tuple[str, str]]:
    """Running sessions with their tokens."""
    with service.database.begin() as db:
        rows = [make_session(number) for number in range(first, first + count)]
        for row in rows:
            db.add(row)
        db.flush()
        ids = [row.id for row in rows]
    with create_app(service).app_context():
        return [(session_id, tokens.issue_capture(session_id)) for session_id in ids]


def make_session(number: int) -> ExamSession:
    at = clock.now()
    return ExamSession(
        person=Person(email=f"{number}@example.org", name=f"Candidate {number}", last_seen=at),
        access_code=f"{number:032}",
        course_id=1,
        cm_id=1,
        course_name="Course",
        exam_name="Exam",
        exam=exam(number),
        state=State.RUNNING,
        created_at=at,
        started_at=at,
        seen_at=at,
        evidence_until=at + timedelta(days=1),
        record_until=at + timedelta(days=1),
    )


def exam(number: int) -> dict[str, Any]:
    made = Exam(
        id=number,
        name="Exam",
        url="http://127.0.0.1:9/",
        status="Started",
        course_name="Course",
        course_id=1,
        cm_id=1,
        accesscode=f"{number:032}",
        mode="olympics",
        scheduling_required=False,
        auto_rescheduling=False,
        warnings=dict.fromkeys(WARNING_KEYS, True),
        is_proctored=True,
        identification="skip",
        is_trial=False,
        auxiliary_camera=False,
    )
    return made.model_dump(mode="json")


def upload(
    service: Service, port: int, sessions: list[tuple[str, str]], seconds: int, frames: list[bytes]
) -> list[float]:
    """Lets all candidates upload in real time; returns the sorted seconds from acknowledgement to analysis."""
    with service.database.begin() as db:
        for session_id, _token in sessions:
            db.get_one(ExamSession, session_id).started_at = clock.now()
    acknowledged: dict[tuple[str, int], float] = {}
    threads = [
        threading.Thread(
            target=candidate, args=(port, key, token, seconds, frames, index / len(sessions), acknowledged)
        )
        for index, (key, token) in enumerate(sessions)
    ]
    for thread in threads:
        thread.start()
    delays: dict[tuple[str, int], float] = {}
    until = time.monotonic() + seconds + 60
    while time.monotonic() < until and (
        any(thread.is_alive() for thread in threads) or len(delays) < len(acknowledged)
    ):
        time.sleep(0.2)
        with service.database.begin() as db:
            done = {row.id: row.next_sequence for row in db.scalars(select(ExamSession))}
        at = time.monotonic()
        for (key, sequence), since in list(acknowledged.items()):
            if sequence < done[key]:
                delays.setdefault((key, sequence), at - since)
    return sorted(delays.values()) or [float("inf")]


def candidate(
    port: int,
    session_id: str,
    token: str,
    seconds: int,
    frames: list[bytes],
    phase: float,
    acknowledged: dict[tuple[str, int], float],
) -> None:
    """One browser: a frame a second, an event every ten."""
    connection = requests.Session()
    connection.headers["Authorization"] = f"Bearer {token}"
    base = f"http://127.0.0.1:{port}/api/sessions/{session_id}"
    began = time.monotonic() + phase
    sequence = 0
    for second, frame in zip(range(seconds), cycle(frames), strict=False):
        time.sleep(max(0.0, began + second - time.monotonic()))
        query = {"sequence": str(sequence), "time": f"{second + phase:.3f}"}
        connection.post(f"{base}/frames", params=query, data=frame, timeout=60).raise_for_status()
        acknowledged[session_id, sequence] = time.monotonic()
        sequence += 1
        if second % 10 == 9:
            report = {"events": [{"type": AWAY, "start": second - 2.0, "end": float(second)}]}
            query = {"sequence": str(sequence), "time": f"{second + phase:.3f}"}
            connection.post(f"{base}/events", params=query, json=report, timeout=60).raise_for_status()
            acknowledged[session_id, sequence] = time.monotonic()
            sequence += 1


def warm_up(port: int, sessions: list[tuple[str, str]], frames: list[bytes]) -> None:
    """Every worker loads its models before the clock runs."""
    for session_id, token in sessions:
        candidate_frames = frames[:3]
        for sequence, frame in enumerate(candidate_frames):
            requests.post(
                f"http://127.0.0.1:{port}/api/sessions/{session_id}/frames?sequence={sequence}&time={sequence}",
                data=frame,
                headers={"Authorization": f"Bearer {token}"},
                timeout=60,
            ).raise_for_status()


def drained(service: Service, seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while waiting(service):
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True


def waiting(service: Service) -> int:
    with service.database.begin() as db:
        return db.scalar(select(func.count()).where(~Chunk.analysed)) or 0


def idle_requests() -> int:
    """What six months without an exam send to Moodle."""
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        _file, settings = write_settings(Path(folder), 1, "")
        service = Service.open(settings)
        before = sent()
        start_of_time = clock.now()
        for hours in range(0, 183 * 24, 24):
            with mock.patch("proctor_engine.clock.now", return_value=start_of_time + timedelta(hours=hours)):
                rounds.go(service)
                rounds.clean(service)
        service.close()
        return int(sent() - before)


def sent() -> float:
    return sum(
        sample.value for metric in REQUESTS.collect() for sample in metric.samples if sample.name.endswith("_total")
    )


def page_costs() -> list[dict[str, float]]:
    """Seconds for the wall's snapshot of one exam and the first page of the queue, as sessions grow."""
    costs = []
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        _file, settings = write_settings(Path(folder), 1, "")
        service = Service.open(settings)
        client = create_app(service).test_client()
        with client.session_transaction() as browser:
            browser["local_admin"] = "load"
        at = clock.now()
        known = 0
        for total in (10, 1_000, 100_000):
            with service.database.begin() as db:
                people = [
                    {"id": n + 1, "email": f"{n}@x", "name": f"P {n}", "language": "en", "last_seen": at}
                    for n in range(known, total)
                ]
                db.execute(insert(Person), people)
                db.execute(insert(ExamSession), [plain_row(n, at) for n in range(known, total)])
            known = total
            costs.append(
                {
                    "sessions": total,
                    "wall_seconds": timed(client, "/api/wall/1/1"),
                    "queue_seconds": timed(client, "/review"),
                    "course_seconds": timed(client, "/review/course/1"),
                }
            )
        service.close()
    return costs


def plain_row(number: int, at: Any) -> dict[str, Any]:
    """The first 500 sit the exam that the wall shows; the others took theirs before."""
    live = number < 500
    return {
        "id": f"{number:032x}",
        "person_id": number + 1,
        "access_code": f"{number:032}",
        "course_id": 1 if number < 1000 else number // 1000,
        "cm_id": 1 if live else number // 500,
        "course_name": "Course",
        "exam_name": "Exam",
        "exam": {},
        "state": State.RUNNING if live else State.PROPOSED,
        "created_at": at,
        "started_at": at,
        "score": number % 101,
        "evidence_until": at,
        "record_until": at,
    }


def timed(client: Any, path: str) -> float:
    client.get(path)
    at = time.perf_counter()
    answer = client.get(path)
    if answer.status_code != requests.codes.ok:
        raise click.ClickException(f"{path} answered {answer.status_code}")
    return round(time.perf_counter() - at, 4)


def start(*arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", SCRIPT, *map(str, arguments)]
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise click.ClickException("the web process does not start")


def cpu(process_group: int) -> float:
    """Seconds of processor time of a process and those it started."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == process_group:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return round(int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024, 1)


def show(result: dict[str, Any]) -> None:
    columns = ("workers", "candidates", "p50_seconds", "p95_seconds", "shed", "lost", "web_cpu", "worker_cpu")
    table = Table(*columns, "web_megabytes", "bottleneck", title=f"One frame a second, {result['cores']} cores")
    for run in result["runs"]:
        table.add_row(*(str(run[column]) for column in (*columns, "web_megabytes", "bottleneck")))
    console = Console()
    console.print(table)
    console.print(f"Candidates per core: {result['candidates_per_core']}")
    console.print(f"Requests to Moodle in six idle months: {result['idle_requests']}")
    for cost in result.get("pages", []):
        console.print(", ".join(f"{key}: {value}" for key, value in cost.items()))


if __name__ == "__main__":
    main()
