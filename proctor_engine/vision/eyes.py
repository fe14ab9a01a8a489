"""Eyes: how far open, and where the iris stands."""

from __future__ import annotations

import math

import cv2
import numpy as np

from proctor_engine.measurements import Gaze
from proctor_engine.vision.images import Gray
from proctor_engine.vision.landmarks import EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT, Points

_NARROWEST = 8.0
"""Pixels of an eye between its corners under which the iris cannot be told from the lashes."""
_DARKEST = 0.35
"""Share of the eye's pixels that iris and lashes make up."""
_FEWEST = 12
"""Pixels between the lids that make a distribution."""
_WITHIN_LASHES = 0.7
"""Share of the eye's height that is looked at: the lashes of the upper lid are as dark as the iris."""
_SHUT = 0.12
"""Opening, as height over width, under which there is no iris to see."""


def eye_opening(points: Points) -> float:
    """Height over width of the eyes, their mean: about 0.3 open, 0.1 shut."""
    return float(np.mean([_opening(points[eye]) for eye in (EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT)]))


def gaze(gray: Gray, points: Points) -> Gaze | None:
    """The iris' place in both eyes, their mean, before calibration; None where no iris can be seen."""
    found = [
        place for eye in (EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT) if (place := _iris(gray, points[eye])) is not None
    ]
    if not found:
        return None
    x, y = np.mean(found, axis=0)
    return Gaze(float(x), float(y))


def _opening(eye: Points) -> float:
    across = math.dist(eye[0], eye[3])
    return (math.dist(eye[1], eye[5]) + math.dist(eye[2], eye[4])) / (2 * across) if across else 0.0


def _iris(gray: Gray, eye: Points) -> tuple[float, float] | None:
    """Centre of the dark part between the lids: x to the person's left and y up, -1..1 from edge to edge."""
    across, opening = math.dist(eye[0], eye[3]), _opening(eye)
    if across < _NARROWEST or opening < _SHUT:
        return None
    middle = (eye[0] + eye[3]) / 2
    lids = middle + (eye - middle) * (1.0, _WITHIN_LASHES)
    left, top = np.floor(lids.min(axis=0)).astype(int)
    right, bottom = np.ceil(lids.max(axis=0)).astype(int) + 1
    if left < 0 or top < 0 or right > gray.shape[1] or bottom > gray.shape[0]:
        return None
    part = gray[top:bottom, left:right]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillConvexPoly(inside, np.round(lids - (left, top)).astype(np.int32), 1)
    levels = np.sort(part[inside > 0])
    if levels.size < _FEWEST:
        return None
    limit = levels[int(_DARKEST * levels.size)]
    weight = np.clip(float(limit) - part, 0, None) * inside
    total = float(weight.sum())
    if not total:
        return None
    column = float(weight.sum(axis=0) @ np.arange(part.shape[1])) / total + left
    row = float(weight.sum(axis=1) @ np.arange(part.shape[0])) / total + top
    along = (eye[3] - eye[0]) / across  # from the image's left to its right, which is to the person's left
    dx, dy = column - middle[0], row - middle[1]
    x = (dx * along[0] + dy * along[1]) / (across / 2)
    y = (dx * along[1] - dy * along[0]) / (across * opening / 2)
    return max(-1.0, min(1.0, x)), max(-1.0, min(1.0, y))
