"""A face that lies aside, turned upright: the models know few faces that lie."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.vision.boxes import centre, grown, moved
from proctor_engine.vision.detection import detect
from proctor_engine.vision.images import Pixels

_MARGIN = 0.5
"""Of the face's width, around it."""
_SMALLEST_IN_CHIP = 95
"""Pixels: an upright face fills 104 of a chip's 150."""
_UPRIGHT = -0.3
"""HOG score of a chip. Where no eyes were seen 90 of 94 upright ones, behind masks and hands mostly, have more, and 27
that were cut wrongly have about that or less."""


class Turned(NamedTuple):
    """`image` is the face with some room around it, `box` the face there, `corner` where its corner was before."""

    image: NDArray[np.uint8]
    box: Box
    corner: tuple[int, int]


def is_upright(chip: Pixels) -> bool:
    """Whether the face stands in its chip, (150, 150, 3) RGB, as it should."""
    return bool(detect(np.asarray(cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY), np.uint8), _SMALLEST_IN_CHIP, _UPRIGHT))


def set_upright(image: NDArray[np.uint8], box: Box, tilt: float) -> Turned:
    """The face in `box` turned back by the degrees that it lies clockwise. `image` is gray or RGB."""
    around = grown(box, _MARGIN, (image.shape[1], image.shape[0]))
    part = image[around.top : around.bottom, around.left : around.right]
    placed = moved(box, -around.left, -around.top)
    turn = cv2.getRotationMatrix2D(centre(placed), tilt, 1.0)
    size = part.shape[1], part.shape[0]
    turned = np.asarray(cv2.warpAffine(part, turn, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    return Turned(turned, placed, (around.left, around.top))
