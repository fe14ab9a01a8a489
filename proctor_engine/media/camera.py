"""A camera of this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator

import cv2
import numpy as np

from proctor_engine.configuration import MediaSettings
from proctor_engine.errors import MediaError
from proctor_engine.media.stream import Frame, Schedule, Sound


class Camera:
    """Watches until it is interrupted or `seconds` are over."""

    kind = "camera"
    damaged = 0

    def __init__(self, number: int, settings: MediaSettings, seconds: float | None = None) -> None:
        self.name = f"camera {number}"
        self.duration = seconds
        self._settings = settings
        cv2.utils.logging.setLogLevel(0)  # OpenCV would print its own lines beside ours.
        self._capture = cv2.VideoCapture(number)
        if not self._capture.isOpened():
            raise MediaError(f"camera {number}: cannot be opened: is it connected, and not used by another program?")

    def stream(self) -> Iterator[Frame | Sound]:
        schedule = Schedule(self._settings.frames_per_second)
        began = time.monotonic()
        try:
            while True:
                grabbed, pixels = self._capture.read()
                since = round(time.monotonic() - began, 3)
                if not grabbed or (self.duration is not None and since > self.duration):
                    return
                if schedule.takes(since):
                    yield Frame(since, np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8))
        finally:
            self._capture.release()
