#!/usr/bin/env python3
"""How many candidates one core carries: real uploads over HTTP, real faces, real workers.

    python benchmarks/load.py                       the most that 1, 2 and 4 workers sustain, and the bottleneck
    python benchmarks/load.py --database ADDRESS    the same on PostgreSQL; each attempt makes a database of its own
    python benchmarks/load.py --broker ADDRESS      with Celery's workers
    python benchmarks/load.py --sound               candidates send a second of sound with each frame, too
    python benchmarks/load.py --candidates 60       one attempt each instead of the search
    python benchmarks/load.py --backlog             workers alone: how fast they analyse what was uploaded before
    python benchmarks/load.py --pages               also the wall's and the queue's cost from 10 to 100,000 sessions
    python benchmarks/load.py --json                the same as JSON, and the table on standard error

Each simulated candidate sends one 640x480 JPEG a second, and every ten seconds an event. A number of candidates is
sustained when 95 % of what they send is analysed within five seconds of the moment at which it was due, the delay does
not grow by more than a second meanwhile, no frame is thinned out, and nothing that was acknowledged is lost. The
uploaders share the machine with what they measure: their part is told apart, and `--backlog` takes them away.
Candidates a core are the most that were sustained, by the cores that web process, workers and servers used then.

An attempt takes about a minute. All searches together take no longer than `--minutes`, each an equal share of it; one
that its time cuts short says so. `--pages` takes another half a minute.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import timedelta
from math import isfinite
from pathlib import Path
from typing import Any
from unittest import mock

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import staff_pages
from benchmarks.engine import engine
from benchmarks.exam_requests import of_one_exam
from benchmarks.search import START, Conditions, Search, attempt, clear, search
from demo import clip
from proctor_engine import clock
from proctor_engine.lms.rest import REQUESTS
from proctor_engine.service import Service
from proctor_engine.tasks import rounds

SIZES = (10, 100, 1_000, 10_000, 100_000)
SHOWN = {
    "workers": "work-\ners",
    "candidates": "candi-\ndates",
    "p50_seconds": "median\ns",
    "p95_seconds": "p95\ns",
    "growth_seconds": "growth\ns",
    "shed": "thin-\nned",
    "lost": "lost",
    "web_cores": "web\ncores",
    "worker_cores": "worker\ncores",
    "server_cores": "server\ncores",
    "uploader_cores": "loader\ncores",
    "machine_cores": "all\ncores",
    "candidates_per_core": "candi-\ndates\na core",
    "service_ms_per_frame": "ms a\nframe",
    "web_megabytes": "web\nMB",
    "bottleneck": "bottleneck",
}


@click.command()
@click.option("--workers", type=int, multiple=True, default=(1, 2, 4), show_default=True)
@click.option("--candidates", type=int, help="Only this many, without searching for the most.")
@click.option("--seconds", type=int, default=30, show_default=True, help="Of uploads in each attempt.")
@click.option("--minutes", default=10.0, show_default=True, help="For all searches together.")
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
    minutes: float,
    database: str,
    broker: str,
    sound: bool,
    backlog: bool,
    pages: bool,
    as_json: bool,
) -> None:
    frames = [clip.encode_jpeg(frame) for frame in clip.frames(rate=1)]
    given = Conditions(seconds, database, broker, frames, seconds_of_sound() if sound else [])
    searches: list[Search] = []
    end = time.monotonic() + 60 * minutes
    for index, number in enumerate(workers):
        if candidates:
            searches.append(Search([attempt(number, candidates, given)], complete=True))
            continue
        share = (end - time.monotonic()) / (len(workers) - index)
        start = searches[-1].best.candidates if searches else START * min(number, os.cpu_count() or 1)
        searches.append(search(number, start, given, time.monotonic() + share))
    best, tried = [found.best for found in searches], [run for found in searches for run in found.tried]
    most = max((run for run in best if run.sustained), key=lambda run: run.candidates, default=None)
    result: dict[str, Any] = {
        "candidates_per_core": most.candidates_per_core if most else 0.0,
        "p95_seconds": worst if isfinite(worst := max(run.p95_seconds for run in best)) else None,
        "lost": sum(run.lost for run in tried),
        "complete": all(found.complete for found in searches),
        "idle_requests": idle_requests(),
        "exam_requests": sum(of_one_exam().values()),
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
    if as_json:
        click.echo(json.dumps(result, indent=2))
    show(result, Console(width=120, stderr=as_json))


def seconds_of_sound() -> list[bytes]:
    noise = clip.room_noise()
    whole = len(noise) // clip.SAMPLE_RATE
    return [second.tobytes() for second in noise[: whole * clip.SAMPLE_RATE].reshape(whole, -1)]


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


def show(result: dict[str, Any], console: Console) -> None:
    runs = [{title: run[key] for key, title in SHOWN.items()} for run in result["runs"]]
    for title, rows in {
        f"One frame a second, {result['cores']} cores, {result['database']}": runs,
        "A backlog, workers alone": result.get("backlog", []),
        "Staff's pages": result.get("pages", []),
    }.items():
        if rows:
            table = Table(*(Column(head, no_wrap=True) for head in rows[0]), title=title, box=SIMPLE, padding=0)
            for row in rows:
                table.add_row(*map(str, row.values()))
            console.print(table)
    short = "" if result["complete"] else " at least: --minutes ended a search before it was through"
    console.print(f"Candidates per core: {result['candidates_per_core']}{short}")
    console.print(
        f"Requests to Moodle: {result['exam_requests']} an exam, {result['idle_requests']} in six idle months"
    )


if __name__ == "__main__":
    main()
