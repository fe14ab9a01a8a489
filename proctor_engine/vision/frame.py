"""One camera frame at the size that all stages work on, its colours decoded only if a stage asks for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import cv2
import numpy as np

from proctor_engine.vision.images import MIN_SIDE, Gray, Pixels, check_pixels, decode_jpeg, decode_luma


class Frame:
    """`gray` and `colour` are of one size, `scale` times that of the frame as it came."""

    def __init__(self, gray: Gray, colour: Callable[[], Pixels], longest_side: int) -> None:
        # A strip stays long rather than thinner than a picture may be.
        self.scale = min(1.0, max(longest_side / max(gray.shape), MIN_SIDE / min(gray.shape)))
        self._colour = colour
        self.gray: Gray = self._reduced(gray)

    @classmethod
    def of_pixels(cls, pixels: Pixels, longest_side: int, name: str) -> Frame:
        """Raises ImageError unless the array is (height, width, 3) uint8."""
        check_pixels(pixels, name)
        gray: Gray = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        return cls(gray, lambda: pixels, longest_side)

    @classmethod
    def of_jpeg(cls, data: bytes, longest_side: int, name: str) -> Frame:
        """Raises ImageError for anything but a JPEG within the limits."""
        return cls(decode_luma(data, name), lambda: decode_jpeg(data, name), longest_side)

    @cached_property
    def colour(self) -> Pixels:
        return self._reduced(self._colour())

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.gray.shape[1], self.gray.shape[0]

    def _reduced(self, picture: Pixels) -> Pixels:
        if self.scale == 1:
            return picture
        size = max(1, round(picture.shape[1] * self.scale)), max(1, round(picture.shape[0] * self.scale))
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
