#!/usr/bin/env python3
"""How many candidates one core carries: real uploads over HTTP, real faces, real workers.

    python benchmarks/load.py                       the most that 1, 2 and 4 workers sustain, and the bottleneck
    python benchmarks/load.py --database ADDRESS    the same on PostgreSQL; each attempt makes a database of its own
    python benchmarks/load.py --broker ADDRESS      with Celery's workers
    python benchmarks/load.py --sound               candidates send a second of sound with each frame, too
    python benchmarks/load.py --candidates 60       one attempt each instead of the search
    python benchmarks/load.py --backlog             workers alone: how fast they analyse what was uploaded before
    python benchmarks/load.py --pages               also the wall's and the queue's cost from 10 to 100,000 sessions
    python benchmarks/load.py --json                the same as JSON

Each simulated candidate sends one 640x480 JPEG a second, and every ten seconds an event. A number of candidates is
sustained when 95 % of what they send is analysed within five seconds of the moment at which it was due, no frame is
thinned out, and nothing that was acknowledged is lost. The uploaders share the machine with what they measure: their
part is told apart, and `--backlog` takes them away. A search makes at most eight attempts for each number of workers,
about a minute each.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import crowd, staff_pages
from benchmarks.engine import engine, machine_seconds, server_seconds
from demo import clip
from proctor_engine import clock
from proctor_engine.lms.rest import REQUESTS
from proctor_engine.service import Service
from proctor_engine.store.model import ExamSession
from proctor_engine.tasks import rounds
from proctor_engine.tasks.claim import queue_length

LIMIT_SECONDS = 5.0
START = 60
"""Candidates a core that has a worker, with which the search begins."""
GROWTH = 1.5
PRECISION = 0.08
"""Share of a number of candidates at which the search ends."""
ATTEMPTS = 8
WARM_LAPS = 5
FULL = 0.9
"""Share of a core, or of the machine, from which it is the bottleneck."""
SIZES = (10, 100, 1_000, 10_000, 100_000)
PILE_SECONDS = 20
PILES = 16
"""Sessions a worker in the backlog."""
SHOWN = {
    "workers": "workers",
    "candidates": "candi-\ndates",
    "p50_seconds": "p50 s",
    "p95_seconds": "p95 s",
    "shed": "thinned",
    "lost": "lost",
    "web_cores": "web\ncores",
    "worker_cores": "worker\ncores",
    "server_cores": "servers'\ncores",
    "uploader_cores": "uploaders'\ncores",
    "service_ms_per_frame": "ms a frame\naltogether",
    "web_megabytes": "web MB",
    "bottleneck": "bottleneck",
}


@dataclass
class Run:
    """One attempt. `lost` counts acknowledged chunks that were not analysed in a minute; `*_cores` are used ones, those
    of servers being all of PostgreSQL and Redis on this machine."""

    workers: int
    candidates: int
    p50_seconds: float
    p95_seconds: float
    shed: int
    lost: int
    web_cores: float
    worker_cores: float
    server_cores: float
    uploader_cores: float
    machine_cores: float
    worker_ms_per_frame: float
    web_ms_per_frame: float
    server_ms_per_frame: float
    web_megabytes: float

    @property
    def service_ms_per_frame(self) -> float:
        return round(self.worker_ms_per_frame + self.web_ms_per_frame + self.server_ms_per_frame, 1)

    @property
    def sustained(self) -> bool:
        return self.p95_seconds <= LIMIT_SECONDS and not self.shed and not self.lost

    @property
    def bottleneck(self) -> str:
        cores = os.cpu_count() or 1
        if self.worker_cores / self.workers >= FULL:
            return "analysis"
        if self.web_cores >= FULL:
            return "web process"
        if self.machine_cores / cores >= FULL:
            others = self.machine_cores - self.web_cores - self.worker_cores - self.server_cores - self.uploader_cores
            return f"the machine: uploaders {self.uploader_cores / cores:.0%}, others {max(0.0, others) / cores:.0%}"
        return "waiting for database or disk" if not self.sustained else "none yet"

    def as_json(self) -> dict[str, Any]:
        derived = ("service_ms_per_frame", "sustained", "bottleneck")
        return {**asdict(self), **{name: getattr(self, name) for name in derived}}


@click.command()
@click.option("--workers", type=int, multiple=True, default=(1, 2, 4), show_default=True)
@click.option("--candidates", type=int, help="Only this many, without searching for the most.")
@click.option("--seconds", type=int, default=30, show_default=True, help="Of uploads in each attempt.")
@click.option("--database", default="", help="An SQLAlchemy address on a server; empty takes SQLite.")
@click.option("--broker", default="", help="A Celery broker; empty takes workers that read the database.")
@click.option("--sound", is_flag=True, help="Candidates send sound, too.")
@click.option("--backlog", is_flag=True, help="Also what workers analyse alone.")
@click.option("--pages", is_flag=True, help="Also the staff's pages.")
@click.option("--json", "as_json", is_flag=True)
def main(
    workers: tuple[int, ...],
    candidates: int | None,
    seconds: int,
    database: str,
    broker: str,
    sound: bool,
    backlog: bool,
    pages: bool,
    as_json: bool,
) -> None:
    frames = [clip.encode_jpeg(frame) for frame in clip.frames(rate=1)]
    given = Conditions(seconds, database, broker, frames, seconds_of_sound() if sound else [])
    tried: list[Run] = []
    best = []
    for number in workers:
        found = [attempt(number, candidates, given)] if candidates else search(number, given)
        tried += found
        best.append(max((run for run in found if run.sustained), key=lambda run: run.candidates, default=found[0]))
    sustained = [run.candidates / min(run.workers, os.cpu_count() or 1) for run in best if run.sustained]
    result: dict[str, Any] = {
        "candidates_per_core": round(max(sustained, default=0.0), 1),
        "p95_seconds": max(run.p95_seconds for run in best),
        "lost": sum(run.lost for run in tried),
        "idle_requests": idle_requests(),
        "service_ms_per_frame": min((run.service_ms_per_frame for run in best if run.sustained), default=None),
        "runs": [run.as_json() for run in tried],
        "cores": os.cpu_count(),
        "database": database.partition(":")[0] or "sqlite",
        "broker": broker.partition(":")[0] or "none",
        "sound": sound,
        "frame_kilobytes": round(sum(map(len, frames)) / len(frames) / 1000, 1),
    }
    if backlog:
        result["backlog"] = [clear(number, given) for number in workers]
    if pages:
        result["pages"] = staff_pages.costs(SIZES, database)
    click.echo(json.dumps(result, indent=2)) if as_json else show(result)


@dataclass(frozen=True)
class Conditions:
    """What all attempts have in common."""

    seconds: int
    database: str
    broker: str
    frames: list[bytes]
    sound: list[bytes]


def seconds_of_sound() -> list[bytes]:
    noise = clip.room_noise()
    whole = len(noise) // clip.SAMPLE_RATE
    return [second.tobytes() for second in noise[: whole * clip.SAMPLE_RATE].reshape(whole, -1)]


def search(workers: int, given: Conditions) -> list[Run]:
    """All attempts: growing until one is not sustained, then halving the distance to the last that was."""
    tried: list[Run] = []
    good, bad, number = 0, 0, START * min(workers, os.cpu_count() or 1)
    while number and len(tried) < ATTEMPTS and (not bad or bad - good > max(1, PRECISION * bad)):
        run = attempt(workers, number, given)
        click.echo(f"{run.workers} workers, {number} candidates: p95 {run.p95_seconds} s, {run.bottleneck}", err=True)
        tried.append(run)
        good, bad = (number, bad) if run.sustained else (good, number)
        number = (good + bad) // 2 if bad else int(number * GROWTH)
    return tried


def attempt(workers: int, candidates: int, given: Conditions) -> Run:
    frames, seconds = given.frames, given.seconds
    with engine(given.database, given.broker, backlog_seconds=15) as made:
        service = Service.open(made.settings)
        seats = crowd.seat(service, candidates)
        with made.web() as web, made.workers(workers) as crew:
            warm_up(service, made.port, workers, candidates, frames)
            meters = (
                web.cpu_seconds,
                crew.cpu_seconds,
                server_seconds,
                time.process_time,
                machine_seconds,
            )
            before, at = [meter() for meter in meters], time.monotonic()
            delays = crowd.upload(service, made.port, seats, seconds, frames, given.sound)
            elapsed = time.monotonic() - at
            of_web, of_workers, of_servers, of_uploaders, of_all = (
                meter() - start for meter, start in zip(meters, before, strict=True)
            )
            lost = 0 if drained(service) else waiting(service)
            megabytes = web.megabytes()
        ids = [seat.session_id for seat in seats]
        with service.database.read() as db:
            shed = db.scalar(select(func.sum(ExamSession.frames_shed)).where(ExamSession.id.in_(ids))) or 0
        service.close()
    sent = candidates * seconds
    return Run(
        workers=workers,
        candidates=candidates,
        p50_seconds=round(delays[len(delays) // 2], 2),
        p95_seconds=round(delays[int(len(delays) * 0.95)], 2),
        shed=int(shed),
        lost=lost,
        web_cores=round(of_web / elapsed, 2),
        worker_cores=round(of_workers / elapsed, 2),
        server_cores=round(of_servers / elapsed, 2),
        uploader_cores=round(of_uploaders / elapsed, 2),
        machine_cores=round(of_all / elapsed, 2),
        worker_ms_per_frame=round(1000 * of_workers / sent, 1),
        web_ms_per_frame=round(1000 * of_web / sent, 1),
        server_ms_per_frame=round(1000 * of_servers / sent, 1),
        web_megabytes=megabytes,
    )


def warm_up(service: Service, port: int, workers: int, first: int, frames: list[bytes]) -> None:
    """Until every worker has loaded its models and taken a turn, so that none does so while the clock runs."""
    for lap in range(WARM_LAPS):
        crowd.send(port, crowd.seat(service, workers * 16, first=first + lap * workers * 16), frames[:2])
        drained(service)
        with service.database.read() as db:
            if len(set(db.scalars(select(ExamSession.analyst).where(ExamSession.analyst.is_not(None))))) >= workers:
                return


def clear(workers: int, given: Conditions) -> dict[str, float]:
    """Frames a second that so many workers analyse when nothing else runs."""
    frames = given.frames
    with engine(given.database, given.broker, backlog_seconds=1e6) as made:
        service = Service.open(made.settings)
        warm, seats = crowd.seat(service, workers * 16), crowd.seat(service, workers * PILES, first=workers * 16)
        with made.workers(workers) as crew:
            crowd.pile_up(service, warm, frames, 2)
            crowd.release(service)
            drained(service)
            crowd.pile_up(service, seats, frames, PILE_SECONDS)
            before, at = crew.cpu_seconds(), time.monotonic()
            crowd.release(service)
            drained(service, seconds=600)
            elapsed, used = time.monotonic() - at, crew.cpu_seconds() - before
        service.close()
    count = len(seats) * PILE_SECONDS
    return {
        "workers": workers,
        "frames_per_second": round(count / elapsed, 1),
        "worker_ms_per_frame": round(1000 * used / count, 1),
    }


def drained(service: Service, seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while waiting(service):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def waiting(service: Service) -> int:
    with service.database.read() as db:
        return queue_length(db)


def idle_requests() -> int:
    """What six months without an exam send to Moodle."""
    with engine() as made:
        service = Service.open(made.settings)
        before, start = sent_requests(), clock.now()
        for hours in range(0, 183 * 24, 24):
            with mock.patch("proctor_engine.clock.now", return_value=start + timedelta(hours=hours)):
                rounds.go(service)
                rounds.clean(service)
        service.close()
        return int(sent_requests() - before)


def sent_requests() -> float:
    return sum(
        sample.value for metric in REQUESTS.collect() for sample in metric.samples if sample.name.endswith("_total")
    )


def show(result: dict[str, Any]) -> None:
    console = Console(width=110)
    runs = [{title: run[key] for key, title in SHOWN.items()} for run in result["runs"]]
    for title, rows in {
        f"One frame a second, {result['cores']} cores, {result['database']}": runs,
        "A backlog, workers alone": result.get("backlog", []),
        "Staff's pages": result.get("pages", []),
    }.items():
        if rows:
            table = Table(*rows[0], title=title)
            for row in rows:
                table.add_row(*map(str, row.values()))
            console.print(table)
    console.print(f"Candidates per core: {result['candidates_per_core']}")
    console.print(f"Requests to Moodle in six idle months: {result['idle_requests']}")


if __name__ == "__main__":
    main()
