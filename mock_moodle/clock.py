"""The site's clock: every timestamp the mock writes or compares comes from here, so that a test can stop it.

now = current.clock.time()          # epoch seconds, as PHP's time()
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Clock:
    """`frozen_at` is epoch seconds, or None while time runs; `offset` is how far a running clock was moved."""

    frozen_at: float | None = None
    offset: float = 0.0

    def time(self) -> int:
        """Whole epoch seconds."""
        return int(self.precise())

    def precise(self) -> float:
        return self.frozen_at if self.frozen_at is not None else time.time() + self.offset

    def freeze(self, at: float | None = None) -> int:
        """Stops at `at`, or at the present second."""
        self.frozen_at = float(self.time() if at is None else at)
        return self.time()

    def travel(self, seconds: float) -> int:
        """Moves forward, or back if negative; a frozen clock stays frozen."""
        if self.frozen_at is not None:
            self.frozen_at += seconds
        else:
            self.offset += seconds
        return self.time()

    @contextmanager
    def stopped_at(self, at: float) -> Iterator[None]:
        """Shows `at` for a while, then goes on as if nothing had been."""
        before = self.frozen_at
        self.frozen_at = at
        try:
            yield
        finally:
            self.frozen_at = before

    def run(self) -> int:
        """Back to the computer's own time."""
        self.frozen_at, self.offset = None, 0.0
        return self.time()
