"""A worker's loop over the database: needs no broker. One runs as a thread of the embedded service."""

from __future__ import annotations

import logging
import threading
import time

from proctor_engine.service import Service
from proctor_engine.tasks import rounds
from proctor_engine.tasks.analyse import Analyst

log = logging.getLogger(__name__)

PAUSE = 0.25
"""Seconds between looks when nothing waits and nobody announces."""
ROUND = 2.0
"""Seconds between rounds of what is due by the clock."""
CLEANING = 3600.0
AFTER_FAILURE = 2.0


class Worker:
    """Analyses until it is told to stop; a step that has begun is finished first."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._analyst = Analyst(service)
        self._stopping = False
        self._wake = threading.Event()
        self._next_round = 0.0
        self._next_cleaning = 0.0

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
                busy = self.turn()
            except Exception:
                # A database that is away comes back; a session that cannot be analysed keeps its lease for a while, so
                # that the others go on.
                log.exception("a turn failed; trying again")
                time.sleep(AFTER_FAILURE)
                busy = False
            if not busy:
                self._wake.wait(PAUSE)
                self._wake.clear()

    def turn(self) -> bool:
        """One turn of the analysis, and the round if it is due; whether there was something to analyse."""
        if time.monotonic() >= self._next_round:
            rounds.go(self._service)
            self._next_round = time.monotonic() + ROUND
        if time.monotonic() >= self._next_cleaning:
            rounds.clean(self._service)
            self._next_cleaning = time.monotonic() + CLEANING
        return self._analyst.turn()
