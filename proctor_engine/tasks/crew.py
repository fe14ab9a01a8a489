"""Several worker processes on one machine, without a broker."""

from __future__ import annotations

import multiprocessing
import signal
from types import FrameType

from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.tasks.worker import Worker


def run(settings: Settings, processes: int) -> None:
    """Works until SIGTERM or SIGINT; steps that have begun are finished first."""
    context = multiprocessing.get_context("spawn")
    crew = [context.Process(target=_work, args=(settings,)) for _ in range(processes)]
    for process in crew:
        process.start()

    def stop(_number: int, _frame: FrameType | None) -> None:
        for process in crew:
            process.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    for process in crew:
        process.join()


def _work(settings: Settings) -> None:
    service = Service.open(settings)
    worker = Worker(service)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop_soon())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker.run()
    service.close()
