"""Analyses a whole recording, or a camera until it ends: source in, result out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor_engine.analysis import SessionAnalysis
from proctor_engine.incidents import Incident
from proctor_engine.media import Frame, Sound, Source
from proctor_engine.traces import Traces

_THUMBNAIL_WIDTH = 240
_KEPT_SECONDS = 60.0
"""How long a picture is kept that may still become evidence: longer than any rule takes to make up its mind."""
_MISSING_SECONDS = 5.0
"""How much of what a file says it lasts may be missing at its end before the file is taken to be cut short."""


@dataclass(frozen=True, slots=True)
class Progress:
    """After each frame or piece of sound: how far it is, in seconds, and the incidents that this changed."""

    time: float
    changed: list[Incident]


@dataclass
class Result:
    """`duration` is in seconds; `thumbnails` are JPEGs of the evidence by time."""

    analysis: SessionAnalysis
    source: Source
    duration: float = 0.0
    frames: int = 0
    thumbnails: dict[float, bytes] = field(default_factory=dict)
    traces: Traces = field(default_factory=Traces)


def analyse(source: Source, analysis: SessionAnalysis, observe: Callable[[Progress], None] | None = None) -> Result:
    """Feeds the source to the analysis and finishes it. An interrupt (Ctrl-C) ends a camera's session in good order.

    Raises MediaError where nothing can be decoded.
    """
    result = Result(analysis, source)
    album = _Album()
    try:
        for item in source.stream():
            changed = _hear(item, result) if isinstance(item, Sound) else _see(item, result, album)
            if observe:
                observe(Progress(item.time, changed))
    except KeyboardInterrupt:
        if source.kind != "camera":
            raise
    if source.duration is not None and source.duration - result.duration <= _MISSING_SECONDS:
        result.duration = max(result.duration, source.duration)
    changed = analysis.finish(result.duration)
    if observe:
        observe(Progress(result.duration, changed))
    result.thumbnails = album.of(analysis.incidents())
    return result


def _see(frame: Frame, result: Result, album: _Album) -> list[Incident]:
    result.duration = max(result.duration, frame.time)
    result.frames += 1
    measurement = result.analysis.measure_frame(frame.pixels, frame.time)
    result.traces.see(measurement)
    changed = result.analysis.feed_measurement(measurement)
    album.add(frame)
    if album.is_full(frame.time):
        album.forget(frame.time - _KEPT_SECONDS, result.analysis.incidents())
    return changed


def _hear(sound: Sound, result: Result) -> list[Incident]:
    result.duration = max(result.duration, sound.time)
    changed: dict[int, Incident] = {}
    for block in result.analysis.listener.hear(sound.pcm, sound.time):
        result.traces.hear(block)
        changed.update((incident.number, incident) for incident in result.analysis.feed_measurement(block))
    return list(changed.values())


class _Album:
    """Small pictures of the recent past and of all evidence: a camera cannot be asked again."""

    def __init__(self) -> None:
        self._pictures: dict[float, bytes] = {}
        self._forgot_at = 0.0

    def add(self, frame: Frame) -> None:
        self._pictures[frame.time] = thumbnail(frame.pixels)

    def is_full(self, now: float) -> bool:
        return now - self._forgot_at >= 2 * _KEPT_SECONDS

    def forget(self, before: float, incidents: list[Incident]) -> None:
        needed = set(_evidence(incidents))
        self._pictures = {time: jpeg for time, jpeg in self._pictures.items() if time >= before or time in needed}
        self._forgot_at = before

    def of(self, incidents: list[Incident]) -> dict[float, bytes]:
        return {time: self._pictures[time] for time in _evidence(incidents) if time in self._pictures}


def _evidence(incidents: list[Incident]) -> Iterator[float]:
    for incident in incidents:
        yield from incident.evidence


def thumbnail(pixels: NDArray[np.uint8]) -> bytes:
    """A JPEG 240 pixels wide of an RGB picture of shape (height, width, 3)."""
    height = max(1, round(pixels.shape[0] * _THUMBNAIL_WIDTH / pixels.shape[1]))
    small = cv2.resize(pixels, (_THUMBNAIL_WIDTH, height), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 75])[1].tobytes()
