"""Several worker processes on one machine, without a broker. A worker that dies is replaced."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import threading
import time
from multiprocessing import connection
from multiprocessing.context import SpawnProcess
from types import FrameType

from proctor_engine import logs
from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.tasks.rounds import Rounds
from proctor_engine.tasks.worker import Worker

log = logging.getLogger(__name__)

LOOK = 1.0
"""Seconds between looks whether all are there; also the pause before one that dies at once is tried again."""


class Crew:
    def __init__(self, settings: Settings, processes: int) -> None:
        self._settings = settings
        self._context = multiprocessing.get_context("spawn")
        self._stopping = False
        self._workers = [self._start() for _ in range(processes)]

    def run(self) -> None:
        while not self._stopping:
            connection.wait([worker.sentinel for worker in self._workers], timeout=LOOK)
            for index, worker in enumerate(self._workers):
                if not worker.is_alive() and not self._stopping:
                    log.error("a worker ended with %s; another takes its place", worker.exitcode)
                    time.sleep(LOOK)
                    self._workers[index] = self._start()
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            worker.join()

    def stop_soon(self) -> None:
        """For signal handlers: takes no lock, since a second signal may come while the first is handled."""
        self._stopping = True

    def _start(self) -> SpawnProcess:
        worker = self._context.Process(target=_work, args=(self._settings,))
        worker.start()
        return worker


def run(settings: Settings, processes: int) -> None:
    """Works until SIGTERM or SIGINT; steps that have begun are finished first."""
    service = Service.open_when_ready(settings)
    rounds = Rounds(service)
    crew = Crew(settings, processes)

    def stop(_number: int, _frame: FrameType | None) -> None:
        crew.stop_soon()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    going = threading.Thread(target=rounds.run, name="rounds")
    going.start()
    crew.run()
    rounds.stop()
    going.join()
    service.close()


def _work(settings: Settings) -> None:
    logs.configure()
    service = Service.open_when_ready(settings)
    worker = Worker(service)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop_soon())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker.run()
    service.close()
