"""Attempts of so many candidates on so many workers, and the search for the most that is sustained."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil, isfinite
from statistics import median
from typing import Any

import click
from sqlalchemy import func, select

from benchmarks import crowd
from benchmarks.engine import engine, machine_seconds, server_seconds
from proctor_engine.service import Service
from proctor_engine.store.model import ExamSession
from proctor_engine.tasks.claim import queue_length

LIMIT_SECONDS = 5.0
GROWTH_SECONDS = 1.0
"""By so much delays may grow within an attempt: more would be over the limit in a longer one."""
START = 60
"""Candidates a core that has a worker, with which the first search begins."""
STEP = (1.1, 2.0)
"""At least and at most so many times as many are tried after an attempt that was sustained."""
PRECISION = 0.1
"""Share of a number of candidates at which the search ends."""
WARM_LAPS = 5
FULL = 0.9
"""Share of a core, or of the machine, from which it is the bottleneck."""
PILE_SECONDS = 20
PILES = 16
"""Sessions a worker in the backlog."""


@dataclass
class Run:
    """One attempt. `lost` counts acknowledged chunks that were not analysed in a minute; `*_cores` are used ones, those
    of servers being all of PostgreSQL and Redis on this machine."""

    workers: int
    candidates: int
    p50_seconds: float
    p95_seconds: float
    growth_seconds: float
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
    def candidates_per_core(self) -> float:
        """By the cores that web process, workers and servers used, not by those that the machine has."""
        return round(self.candidates / max(0.01, self.web_cores + self.worker_cores + self.server_cores), 1)

    @property
    def sustained(self) -> bool:
        in_time = self.p95_seconds <= LIMIT_SECONDS and self.growth_seconds <= GROWTH_SECONDS
        return in_time and not self.shed and not self.lost

    @property
    def fullest(self) -> float:
        """Of a worker's core, the web process's core and the machine, the used share of that which has least left."""
        return max(self.worker_cores / self.workers, self.web_cores, self.machine_cores / (os.cpu_count() or 1))

    @property
    def bottleneck(self) -> str:
        if self.worker_cores / self.workers >= FULL:
            return "analysis"
        if self.web_cores >= FULL:
            return "web process"
        if self.machine_cores / (os.cpu_count() or 1) >= FULL:
            return "the machine"
        return "database or disk" if not self.sustained else "none yet"

    def as_json(self) -> dict[str, Any]:
        """What is infinite, as where nothing was analysed, is null."""
        derived = ("service_ms_per_frame", "candidates_per_core", "sustained", "bottleneck")
        values = {**asdict(self), **{name: getattr(self, name) for name in derived}}
        return {name: value if isinstance(value, str) or isfinite(value) else None for name, value in values.items()}


@dataclass(frozen=True)
class Conditions:
    """What all attempts have in common."""

    seconds: int
    database: str
    broker: str
    frames: list[bytes]
    sound: list[bytes]


@dataclass
class Search:
    """All attempts with one number of workers. `complete` is false where time ran out before the most was found."""

    tried: list[Run]
    complete: bool

    @property
    def best(self) -> Run:
        """The most that was sustained, or the least that was not."""
        good = [run for run in self.tried if run.sustained]
        return max(good, key=_candidates) if good else min(self.tried, key=_candidates)


def search(workers: int, start: int, given: Conditions, until: float) -> Search:
    """What the fullest part has left tells what to try next; after an attempt that was not sustained, the middle
    between that and the most that was. None is begun that would not be over at `until`, by time.monotonic()."""
    tried: list[Run] = []
    good, bad, number, longest = 0, 0, max(1, start), 0.0
    while not bad or bad - good > max(1, PRECISION * bad):
        begun = time.monotonic()
        if tried and begun + longest > until:
            return Search(tried, complete=False)
        run = attempt(workers, number, given)
        longest = max(longest, time.monotonic() - begun)
        click.echo(f"{run.workers} workers, {number} candidates: p95 {run.p95_seconds} s, {run.bottleneck}", err=True)
        tried.append(run)
        good, bad = (number, bad) if run.sustained else (good, number)
        least, most = STEP
        number = (good + bad) // 2 if bad else ceil(number * min(most, max(least, 1 / max(run.fullest, 0.01))))
    return Search(tried, complete=True)


def _candidates(run: Run) -> int:
    return run.candidates


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
    sent, sorted_delays = candidates * seconds, sorted(delay.seconds for delay in delays)
    return Run(
        workers=workers,
        candidates=candidates,
        p50_seconds=round(sorted_delays[len(sorted_delays) // 2], 2),
        p95_seconds=round(sorted_delays[int(len(sorted_delays) * 0.95)], 2),
        growth_seconds=round(growth(delays), 2),
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


def growth(delays: Sequence[crowd.Delay]) -> float:
    """Seconds by which the last quarter's usual delay is longer than the first one's."""
    quarter = max(1, len(delays) // 4)
    first, last = (median(delay.seconds for delay in some) for some in (delays[:quarter], delays[-quarter:]))
    return last - first


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
