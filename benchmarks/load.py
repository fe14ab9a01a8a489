#!/usr/bin/env python3
"""How many candidates one core carries: real uploads over HTTP, real faces, real workers.

    python benchmarks/load.py                       the most that 1, 2 and 4 workers sustain, and the bottleneck
    python benchmarks/load.py --database ADDRESS    the same on PostgreSQL; each attempt makes a database of its own
    python benchmarks/load.py --candidates 60       one attempt each instead of the search
    python benchmarks/load.py --backlog             workers alone: how fast they analyse what was uploaded before
    python benchmarks/load.py --pages               also the wall's and the queue's cost from 10 to 100,000 sessions
    python benchmarks/load.py --json                the same as JSON

Each simulated candidate sends one 640x480 JPEG a second, and every ten seconds an event. A number of candidates is
sustained when 95 % of what they send is analysed within five seconds, no frame is thinned out, and nothing that was
acknowledged is lost. The uploaders share the machine with what they measure; `--backlog` takes them away.
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
from benchmarks.engine import engine, machine_seconds
from demo import clip
from proctor_engine import clock
from proctor_engine.lms.rest import REQUESTS
from proctor_engine.service import Service
from proctor_engine.store.model import ExamSession
from proctor_engine.tasks import rounds
from proctor_engine.tasks.claim import queue_length

LIMIT_SECONDS = 5.0
START = 16
"""Candidates a worker with which the search begins."""
GROWTH = 1.5
PRECISION = 0.1
"""Share of a number of candidates at which the search ends."""
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
    "worker_ms_per_frame": "worker\nms/frame",
    "web_megabytes": "web MB",
    "bottleneck": "bottleneck",
}


@dataclass
class Run:
    """One attempt. `lost` counts acknowledged chunks that were not analysed in a minute; `*_cores` are used ones."""

    workers: int
    candidates: int
    p50_seconds: float
    p95_seconds: float
    shed: int
    lost: int
    web_cores: float
    worker_cores: float
    machine_cores: float
    worker_ms_per_frame: float
    web_ms_per_frame: float
    web_megabytes: float

    @property
    def sustained(self) -> bool:
        return self.p95_seconds <= LIMIT_SECONDS and not self.shed and not self.lost

    @property
    def bottleneck(self) -> str:
        if self.worker_cores / self.workers >= FULL:
            return "analysis"
        if self.web_cores >= FULL:
            return "web process"
        if self.machine_cores / (os.cpu_count() or 1) >= FULL:
            return "the machine, shared with uploaders"
        return "waiting for database or disk" if not self.sustained else "none yet"


@click.command()
@click.option("--workers", type=int, multiple=True, default=(1, 2, 4), show_default=True)
@click.option("--candidates", type=int, help="Only this many, without searching for the most.")
@click.option("--seconds", type=int, default=30, show_default=True, help="Of uploads in each attempt.")
@click.option("--database", default="", help="An SQLAlchemy address on a server; empty takes SQLite.")
@click.option("--backlog", is_flag=True, help="Also what workers analyse alone.")
@click.option("--pages", is_flag=True, help="Also the staff's pages.")
@click.option("--json", "as_json", is_flag=True)
def main(
    workers: tuple[int, ...],
    candidates: int | None,
    seconds: int,
    database: str,
    backlog: bool,
    pages: bool,
    as_json: bool,
) -> None:
    frames = [clip.encode_jpeg(frame) for frame in clip.frames(rate=1)]
    tried: list[Run] = []
    best = []
    for number in workers:
        found = (
            [attempt(number, candidates, seconds, database, frames)]
            if candidates
            else search(number, seconds, database, frames)
        )
        tried += found
        best.append(max((run for run in found if run.sustained), key=lambda run: run.candidates, default=found[0]))
    sustained = [run.candidates / min(run.workers, os.cpu_count() or 1) for run in best if run.sustained]
    result: dict[str, Any] = {
        "candidates_per_core": round(max(sustained, default=0.0), 1),
        "p95_seconds": max(run.p95_seconds for run in best),
        "lost": sum(run.lost for run in tried),
        "idle_requests": idle_requests(),
        "runs": [{**asdict(run), "sustained": run.sustained, "bottleneck": run.bottleneck} for run in tried],
        "cores": os.cpu_count(),
        "database": database.partition(":")[0] or "sqlite",
    }
    if backlog:
        result["backlog"] = [clear(number, database, frames) for number in workers]
    if pages:
        result["pages"] = staff_pages.costs(SIZES, database)
    click.echo(json.dumps(result, indent=2)) if as_json else show(result)


def search(workers: int, seconds: int, database: str, frames: list[bytes]) -> list[Run]:
    """All attempts: growing until one is not sustained, then halving the distance to the last that was."""
    tried, good, bad, number = [], 0, 0, START * workers
    while not bad or bad - good > max(1, PRECISION * bad):
        run = attempt(workers, number, seconds, database, frames)
        tried.append(run)
        good, bad = (number, bad) if run.sustained else (good, number)
        number = (good + bad) // 2 if bad else int(number * GROWTH)
        if not number:
            break
    return tried


def attempt(workers: int, candidates: int, seconds: int, database: str, frames: list[bytes]) -> Run:
    with engine(database, backlog_seconds=15) as made:
        service = Service.open(made.settings)
        seats = crowd.seat(service, candidates)
        with made.web() as web, made.workers(workers) as crew:
            # Every worker loads its models before the clock runs.
            crowd.send(made.port, crowd.seat(service, workers * 16, first=candidates), frames[:2])
            drained(service)
            before = web.cpu_seconds(), crew.cpu_seconds(), machine_seconds()[0]
            at = time.monotonic()
            delays = crowd.upload(service, made.port, seats, seconds, frames)
            elapsed = time.monotonic() - at
            used = web.cpu_seconds() - before[0], crew.cpu_seconds() - before[1], machine_seconds()[0] - before[2]
            lost = 0 if drained(service) else waiting(service)
            megabytes = web.megabytes()
        with service.database.read() as db:
            shed = db.scalar(select(func.sum(ExamSession.frames_shed))) or 0
        service.close()
    sent = candidates * seconds
    return Run(
        workers=workers,
        candidates=candidates,
        p50_seconds=round(delays[len(delays) // 2], 2),
        p95_seconds=round(delays[int(len(delays) * 0.95)], 2),
        shed=int(shed),
        lost=lost,
        web_cores=round(used[0] / elapsed, 2),
        worker_cores=round(used[1] / elapsed, 2),
        machine_cores=round(used[2] / elapsed, 2),
        worker_ms_per_frame=round(1000 * used[1] / sent, 1),
        web_ms_per_frame=round(1000 * used[0] / sent, 1),
        web_megabytes=megabytes,
    )


def clear(workers: int, database: str, frames: list[bytes]) -> dict[str, float]:
    """Frames a second that so many workers analyse when nothing else runs."""
    with engine(database, backlog_seconds=1e6) as made:
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
