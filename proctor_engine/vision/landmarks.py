"""68 points of a face, in the order that iBUG 300-W gave them and everybody uses."""

from __future__ import annotations

from typing import Any, Protocol

import dlib
import numpy as np
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.vision.dlib_models import shape_predictor
from proctor_engine.vision.images import Gray

Points = NDArray[np.float64]
"""(68, 2) x and y in pixels."""

NOSE_BRIDGE = 27
NOSE_TIP = 30
NOSTRILS = (31, 35)
MOUTH_CORNERS = (48, 54)
INNER_LIPS = slice(60, 68)
EYE_IN_IMAGE_LEFT = slice(36, 42)
"""The person's right eye: outer corner, two points of the upper lid, inner corner, two of the lower lid."""
EYE_IN_IMAGE_RIGHT = slice(42, 48)
"""The person's left eye: inner corner, upper lid, outer corner, lower lid."""


class LandmarkFinder(Protocol):
    """What a landmark model must do to stand in for dlib's forest."""

    def __call__(self, gray: Gray, box: Box) -> Points: ...


def dlib_landmarks(gray: Gray, box: Box) -> Points:
    """dlib's forest of regression trees: about a millisecond, 100 MB that forked workers share."""
    rectangle = dlib.rectangle(box.left, box.top, box.right, box.bottom)
    found: Any = shape_predictor("landmarks-68")(gray, rectangle)
    return np.array([(point.x, point.y) for point in found.parts()], np.float64)
