"""What every source of pictures and sound gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """`pixels` are RGB of shape (height, width, 3), `time` is in seconds since the beginning."""

    time: float
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sound:
    """`pcm` is signed 16-bit little-endian mono sound at 16 kHz that begins at `time`, in seconds."""

    time: float
    pcm: bytes


class Source(Protocol):
    """A video, a folder of frames, a picture or a camera. `duration` is in seconds, None where nobody knows."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def duration(self) -> float | None: ...

    @property
    def damaged(self) -> int:
        """Packets or pictures that could not be decoded so far."""

    def stream(self) -> Iterator[Frame | Sound]:
        """Frames and sound, each in the order of time.

        Raises:
            MediaError: nothing at all can be decoded. What is damaged after a good beginning is left out instead.
        """


_EARLY = 0.02
"""Seconds before its due time at which a frame is taken: a film's clock is not exact."""


class Schedule:
    """Chooses the frames to analyse from a faster stream: the first at or after each due time."""

    def __init__(self, frames_per_second: float) -> None:
        self._step = 1 / frames_per_second
        self._taken = -1

    def takes(self, time: float) -> bool:
        slot = int((time + min(_EARLY, self._step / 10)) / self._step)
        if slot <= self._taken:
            return False
        self._taken = slot
        return True
