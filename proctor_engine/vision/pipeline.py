"""One candidate's frames in, one measurement a frame out."""

from __future__ import annotations

import cv2
import numpy as np

from proctor_engine.measurements import Box, Face, FrameMeasurement, Identity
from proctor_engine.vision import identity, state
from proctor_engine.vision.detection import Detection, Gray, detect
from proctor_engine.vision.embedding import embed_chips, face_chip
from proctor_engine.vision.images import Pixels, check_pixels
from proctor_engine.vision.quality import measure_quality
from proctor_engine.vision.reference import Reference
from proctor_engine.vision.settings import VisionSettings
from proctor_engine.vision.state import PipelineState
from proctor_engine.vision.tracking import Track, area, assign


class FramePipeline:
    """Measures the frames of one session in the order of their times.

    Everything it remembers is in `state()`: a pipeline restored from it gives the same measurements, to the bit, as
    the one that it was taken from. Without a reference nothing is said about identity.
    """

    def __init__(self, settings: VisionSettings, reference: Reference | None = None) -> None:
        self._settings = settings
        self._reference = reference
        self._state = PipelineState()

    @classmethod
    def restore(cls, settings: VisionSettings, reference: Reference | None, saved: bytes) -> FramePipeline:
        """Raises ValueError where `saved` is not what `state()` returned."""
        pipeline = cls(settings, reference)
        pipeline._state = state.load(saved)
        return pipeline

    def state(self) -> bytes:
        return state.dump(self._state)

    def measure(self, frame: Pixels, time: float) -> FrameMeasurement:
        """`frame` (height, width, 3) uint8 RGB, `time` in seconds since the session's start, never decreasing.

        Raises:
            ImageError: the array is no such frame.
        """
        check_pixels(frame, f"frame at {time:.3f} s")
        gray: Gray = np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)
        quality = measure_quality(gray, time, self._state.quality, self._settings.quality)
        found: list[Detection] = []
        scanned = not quality.covered
        if scanned:
            found = detect(gray, self._settings.detection.smallest, self._settings.detection.threshold)
        tracked = assign(found, time, self._state.tracking, keep=3.0)
        main = self._main(tracked)
        faces = tuple(
            Face(
                box=track.box,
                score=score,
                track=track.number,
                identity=self._identity(frame, track, time) if track is main else None,
            )
            for track, score in tracked
        )
        return FrameMeasurement(time=time, quality=quality, faces=faces, scanned=scanned)

    def _main(self, tracked: list[tuple[Track, float]]) -> Track | None:
        """The candidate's track while it lasts, then the largest face."""
        tracking = self._state.tracking
        for track, _ in tracked:
            if track.number == tracking.main:
                return track
        if not tracked:
            return None
        largest = max((track for track, _ in tracked), key=lambda track: area(track.box))
        tracking.main = largest.number
        return largest

    def _identity(self, frame: Pixels, track: Track, time: float) -> Identity | None:
        if self._reference is None:
            return None
        seen = self._state.identity
        if not identity.is_due(track.number, time, seen):
            return seen.last
        chip = face_chip(frame, Box(track.box.left, track.box.top, track.box.right, track.box.bottom))
        distance = self._reference.distance(embed_chips([chip], self._settings.backend)[0])
        return identity.decide(track.number, time, distance, seen, self._settings.identity)
