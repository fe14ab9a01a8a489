"""A face that lies aside, turned upright: the models know few faces that lie."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.vision.boxes import centre, grown, moved

_MARGIN = 0.5
"""Of the face's width, around it."""


class Turned(NamedTuple):
    """`image` is the face with some room around it, `box` the face there, `corner` where its corner was before."""

    image: NDArray[np.uint8]
    box: Box
    corner: tuple[int, int]


def set_upright(image: NDArray[np.uint8], box: Box, tilt: float) -> Turned:
    """The face in `box` turned back by the degrees that it lies clockwise. `image` is gray or RGB."""
    around = grown(box, _MARGIN, (image.shape[1], image.shape[0]))
    part = image[around.top : around.bottom, around.left : around.right]
    placed = moved(box, -around.left, -around.top)
    turn = cv2.getRotationMatrix2D(centre(placed), tilt, 1.0)
    size = part.shape[1], part.shape[0]
    turned = np.asarray(cv2.warpAffine(part, turn, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    return Turned(turned, placed, (around.left, around.top))
