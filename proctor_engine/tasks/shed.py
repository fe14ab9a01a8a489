"""Fewer frames a second when the queue is full: evenly, said aloud, and never an event or a sound."""

from __future__ import annotations

import math

from proctor_engine.settings import Settings
from proctor_engine.store.chunks import waiting_seconds
from proctor_engine.store.model import ExamSession

MOST = 8
"""At worst every eighth frame is analysed."""


def stride(waited: float, settings: Settings) -> int:
    """Every how many-th frame is analysed where chunks wait for so many seconds: 1 unless that is long."""
    return min(MOST, max(1, math.ceil(waited / settings.limits.backlog_seconds)))


def keeps(sequence: int, waited: float, settings: Settings) -> bool:
    return sequence % stride(waited, settings) == 0


def frame_interval(row: ExamSession, settings: Settings) -> float:
    """Seconds between frames that the browser is asked for: what would be thrown away need not be sent."""
    return settings.frame_interval * stride(waiting_seconds(row), settings)
