"""Many machines: Celery carries hints from web processes to workers. What counts is in the database, so that a broker
that loses everything costs a few seconds and nothing else."""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time
from collections.abc import Callable

from celery import Celery
from kombu.exceptions import OperationalError

from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.tasks import rounds
from proctor_engine.tasks.analyse import Analyst
from proctor_engine.tasks.worker import CLEANING, ROUND

log = logging.getLogger(__name__)

TASK = "proctor.analyse"
AGAIN_AFTER = 0.5
"""Seconds in which a session need not be announced twice."""


def connect(broker: str) -> Celery:
    app = Celery("proctor_engine", broker=broker)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # A hint is worth a moment's wait, not a candidate's request.
        broker_transport_options={"socket_timeout": 5, "socket_connect_timeout": 2, "visibility_timeout": 60},
        task_publish_retry=False,
    )
    return app


def announcer(app: Celery) -> Callable[[str], None]:
    """For `Service.announce`: never raises and never waits long; what it fails to say, the rounds find."""
    last: dict[str, float] = {}
    lock = threading.Lock()

    def announce(session_id: str) -> None:
        at = time.monotonic()
        with lock:
            if at - last.get(session_id, -AGAIN_AFTER) < AGAIN_AFTER:
                return
            last[session_id] = at
            for old in [key for key, said in last.items() if at - said > 60]:
                del last[old]
        try:
            app.send_task(TASK, args=[session_id], expires=60)
        except (OperationalError, OSError) as error:
            log.warning("the broker does not answer (%s); the rounds will find the session", type(error).__name__)

    return announce


def run_worker(settings: Settings, concurrency: int) -> int:
    """Serves until it is told to stop, with `concurrency` processes; returns an exit code."""
    app = connect(settings.broker)
    analyst: list[Analyst] = []

    @app.task(name=TASK, acks_late=True)  # type: ignore[untyped-decorator]
    def analyse(session_id: str) -> None:
        if not analyst:  # Opened in the process that uses it: no connection may be shared over a fork.
            analyst.append(Analyst(Service.open(settings)))
        while analyst[0].step(session_id):
            pass

    # A process of its own, not a thread: Celery forks, and a fork beside a running thread inherits its locks.
    beside = multiprocessing.get_context("spawn").Process(target=go_rounds, args=(settings,), daemon=True)
    beside.start()
    worker = app.Worker(concurrency=concurrency, loglevel="INFO", without_gossip=True, without_mingle=True)
    worker.start()
    beside.terminate()
    return int(worker.exitcode or 0)


def go_rounds(settings: Settings) -> None:
    """What is due by the clock, and sessions whose hint was lost."""
    announce = announcer(connect(settings.broker))
    analyst: Analyst | None = None
    next_cleaning = time.monotonic()
    while True:
        try:
            analyst = analyst or Analyst(Service.open(settings))
            rounds.go(analyst.service)
            for session_id in analyst.waiting_sessions():
                announce(session_id)
            if time.monotonic() >= next_cleaning:
                rounds.clean(analyst.service)
                next_cleaning = time.monotonic() + CLEANING
        except Exception:
            log.exception("a round failed; the next one tries again")
        time.sleep(ROUND)
