"""Many machines: Celery carries hints from web processes to workers. What counts is in the database, so that a broker
that loses everything costs a few seconds and nothing else."""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time

from celery import Celery
from kombu.exceptions import OperationalError

from proctor_engine import logs
from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.tasks import claim
from proctor_engine.tasks.analyse import Analyst
from proctor_engine.tasks.rounds import Rounds

log = logging.getLogger(__name__)

TASK = "proctor.analyse"
LOOK = 2.0
"""Seconds between looks for what waits without a hint."""
STUCK = 15.0
"""Seconds of waiting that hints do not end."""
HINT_EVERY = 0.05
"""Seconds in which one hint is enough: a worker that is woken takes whatever waits."""
HINT_EXPIRES = 5
RESULTS_KEPT = 24 * 3600
"""Seconds for which the line about a recorded session waits for whoever asked."""
TURNS_PER_HINT = 10
"""Bounds a task, so that a worker that is told to stop does so soon."""


def connect(broker: str) -> Celery:
    results = broker if broker.startswith(("redis://", "rediss://")) else "rpc://"
    app = Celery("proctor_engine", broker=broker, backend=results)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,  # but of recorded sessions
        result_expires=RESULTS_KEPT,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"socket_timeout": 5, "socket_connect_timeout": 2, "visibility_timeout": 60},
        task_publish_retry=False,
    )
    return app


class Announcer:
    """For `Service.announce`: hints go from a thread of their own, so that no candidate waits for a broker that is slow
    or away. What it fails to say, the rounds find."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._wake = threading.Event()
        threading.Thread(target=self._run, name="hints", daemon=True).start()

    def __call__(self, _session_id: str) -> None:
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            hint(self._app)
            time.sleep(HINT_EVERY)


def hint(app: Celery) -> None:
    try:
        app.send_task(TASK, expires=HINT_EXPIRES)
    except (OperationalError, OSError) as error:
        log.warning("the broker does not answer (%s); the rounds will find what waits", type(error).__name__)


def run_worker(settings: Settings, concurrency: int) -> int:
    """Serves until it is told to stop, with `concurrency` processes; returns an exit code."""
    from proctor_engine.tasks import recorded  # which connects as we do

    app = connect(settings.broker)
    analyst: list[Analyst] = []

    def turn() -> bool:
        if not analyst:  # Opened in the process that uses it: no connection may be shared over a fork.
            analyst.append(Analyst(Service.open(settings)))
        return analyst[0].turn()

    @app.task(name=TASK, acks_late=True)  # type: ignore[untyped-decorator]
    def analyse() -> None:
        for _ in range(TURNS_PER_HINT):
            if not turn():
                return
        hint(app)

    recorded.attach(app, settings.recordings, turn)

    # A process of its own, not a thread: Celery forks, and a fork beside a running thread inherits its locks.
    beside = multiprocessing.get_context("spawn").Process(target=go_rounds, args=(settings,), daemon=True)
    beside.start()
    worker = app.Worker(concurrency=concurrency, loglevel="INFO", without_gossip=True, without_mingle=True)
    worker.start()
    beside.terminate()
    return int(worker.exitcode or 0)


def go_rounds(settings: Settings) -> None:
    """What is due by the clock, and what waits though its hint was lost. Nobody restarts this process: it goes on."""
    logs.configure()
    app = connect(settings.broker)
    analyst: Analyst | None = None
    while True:
        try:
            if analyst is None:
                analyst = Analyst(Service.open(settings))
                threading.Thread(target=Rounds(analyst.service).run, daemon=True).start()
            look(app, analyst)
        except Exception:
            log.exception("a look failed; the next one tries again")
        time.sleep(LOOK)


def look(app: Celery, analyst: Analyst) -> None:
    """Hints at what waits without a worker, and helps where hints do not."""
    with analyst.service.database.read() as db:
        waited = claim.longest_wait(db, only_free=True)
    if waited:
        hint(app)
    if waited > STUCK:
        # Redis may be away for long, or a worker deaf to it after a restart: then we lend a hand, for as long as a
        # worker would. One turn would not do: exams that are over look afterwards as if they had just begun to wait.
        for _ in range(TURNS_PER_HINT):
            if not analyst.turn():
                return
