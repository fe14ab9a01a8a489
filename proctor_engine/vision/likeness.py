"""Whether a face still looks as it did a moment ago: a cheap question that tells when to ask the dear one.

Not an identification. Of one sitting person under one light these little pictures correlate over 0.94, of two people
composed into the same light under 0.85 in 99 of 100 pairs.
"""

from __future__ import annotations

import cv2
import numpy as np

from proctor_engine.vision.images import Gray
from proctor_engine.vision.landmarks import EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT, MOUTH_CORNERS, Points

_SIDE = 24
_DRAWN = 48
_PLACES = np.array([[0.25, 0.3], [0.75, 0.3], [0.5, 0.8]], np.float32) * _DRAWN
"""Where the eyes and the middle of the mouth come to stand."""


def portrait(gray: Gray, points: Points) -> Gray:
    """The upright face, (24, 24)."""
    eyes = points[EYE_IN_IMAGE_LEFT].mean(axis=0), points[EYE_IN_IMAGE_RIGHT].mean(axis=0)
    mouth = points[list(MOUTH_CORNERS)].mean(axis=0)
    matrix = cv2.getAffineTransform(np.array([*eyes, mouth], np.float32), _PLACES)
    drawn = cv2.warpAffine(gray, matrix, (_DRAWN, _DRAWN))
    return np.asarray(cv2.resize(drawn, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def likeness(a: Gray, b: Gray) -> float:
    """Correlation, -1..1."""
    return float(cv2.matchTemplate(a, b, cv2.TM_CCOEFF_NORMED)[0, 0])
