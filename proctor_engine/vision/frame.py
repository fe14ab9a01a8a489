"""One camera frame at the size that all stages work on, its colours decoded only if a stage asks for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import cv2
import numpy as np

from proctor_engine.vision.change import thumbnail
from proctor_engine.vision.images import (
    MIN_SIDE,
    REDUCTIONS,
    Gray,
    Pixels,
    check_pixels,
    decode_jpeg,
    decode_luma,
    jpeg_size,
)


class Frame:
    """`gray` and `colour` are of one size, `scale` times that of the frame as it came.

    `decode_gray` and `decode_colour` give its pixels, at least so many times its size (0..1) as they are asked for.
    """

    def __init__(
        self,
        size: tuple[int, int],
        longest_side: int,
        decode_gray: Callable[[float], Gray],
        decode_colour: Callable[[float], Pixels],
    ) -> None:
        # A strip stays long rather than thinner than a picture may be.
        self.scale = min(1.0, max(longest_side / max(size), MIN_SIDE / min(size)))
        self.size = max(1, round(size[0] * self.scale)), max(1, round(size[1] * self.scale))
        """(width, height) of `gray` and `colour`."""
        self._decode_colour = decode_colour
        self.gray: Gray = _resized(decode_gray(self.scale), self.size)

    @classmethod
    def of_pixels(cls, pixels: Pixels, longest_side: int, name: str) -> Frame:
        """Raises ImageError unless the array is (height, width, 3) uint8."""
        check_pixels(pixels, name)
        size = pixels.shape[1], pixels.shape[0]
        return cls(
            size,
            longest_side,
            lambda _: np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8),
            lambda _: pixels,
        )

    @classmethod
    def of_jpeg(cls, data: bytes, longest_side: int, name: str) -> Frame:
        """Raises ImageError for anything but a JPEG within the limits."""
        size = jpeg_size(data, name)
        return cls(
            size,
            longest_side,
            lambda scale: decode_luma(data, name, _reduction(size, scale)),
            lambda scale: decode_jpeg(data, name, _reduction(size, scale)),
        )

    @cached_property
    def colour(self) -> Pixels:
        return _resized(self._decode_colour(self.scale), self.size)

    @cached_property
    def half_colour(self) -> Pixels:
        """`colour` at half its size: from a JPEG, half the work."""
        if "colour" in self.__dict__:
            return _halved(self.colour)
        return _resized(self._decode_colour(self.scale / 2), (self.size[0] // 2, self.size[1] // 2))

    @cached_property
    def half(self) -> Gray:
        """`gray` at half its size."""
        return _halved(self.gray)

    @cached_property
    def thumbnail(self) -> Gray:
        """`gray` as `change.thumbnail` shows it."""
        return thumbnail(self.half)


def _reduction(size: tuple[int, int], scale: float) -> int:
    """How many times a JPEG may be reduced while it is decoded, so that `scale` of its size is left."""
    return next(
        (times for times in REDUCTIONS if times * scale <= 1 and min(size) >= times * MIN_SIDE),
        1,
    )


def _halved(picture: Pixels) -> Pixels:
    """Every four pixels become one; an odd row or column is left out."""
    even = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]
    return np.asarray(cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)


def _resized(picture: Pixels, size: tuple[int, int]) -> Pixels:
    if picture.shape[1::-1] == size:
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
