"""A worker's loop over the database: needs no broker. The embedded service runs one as a thread."""

from __future__ import annotations

import logging
import threading
import time

from proctor_engine.service import Service
from proctor_engine.tasks.analyse import Analyst

log = logging.getLogger(__name__)

PAUSE = 0.25
"""Seconds between looks when nothing waits and nobody announces."""
AFTER_FAILURE = 2.0


class Worker:
    """Analyses until it is told to stop; a step that has begun is finished first."""

    def __init__(self, service: Service) -> None:
        self._analyst = Analyst(service)
        self._stopping = False
        self._wake = threading.Event()

    def announce(self, _session_id: str) -> None:
        """Something has arrived: look at once."""
        self._wake.set()

    def stop(self) -> None:
        self.stop_soon()
        self._wake.set()

    def stop_soon(self) -> None:
        """For signal handlers: takes no lock, since a second signal may come while the first is handled."""
        self._stopping = True

    def run(self) -> None:
        while not self._stopping:
            try:
                busy = self._analyst.turn()
            except Exception:
                # A database that is away comes back; a session that cannot be analysed keeps its lease for a while, so
                # that the others go on.
                log.exception("a turn failed; trying again")
                time.sleep(AFTER_FAILURE)
                busy = False
            if not busy:
                self._wake.wait(PAUSE)
                self._wake.clear()
