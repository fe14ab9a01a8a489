"""Two detectors by dlib: HOG finds faces of any size quickly, MMOD says surely whether one is at a known place.

Measured (docs/benchmarks.md): HOG searches five times as many pixels in the same time and its boxes are exact, as the
landmarks need them. MMOD sees heads that are turned, masked or badly lit, and knows folds of cloth from faces; its
windows stand on a coarse grid.
"""

from __future__ import annotations

from threading import Lock
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.models import open_session
from proctor_engine.models.detection import OFFSET, STRIDE, WINDOW
from proctor_engine.vision.boxes import moved, scaled
from proctor_engine.vision.dlib_models import hog_detector, near_detector
from proctor_engine.vision.images import Pixels

HOG_WINDOW = 80
"""Pixels of the smallest face that dlib's HOG detector finds without enlarging the picture."""

_KNOWN_FACE = 82
"""Pixels to which a face of known size is brought, a little over the window."""
_SIZES = 1.375
"""From the smallest to the largest face that the part of HOG finds which looks for heads that look ahead."""
_SURE = 0.3
"""HOG score of a head that looks ahead with which nothing better can be expected from the other detectors."""

_MMOD_SMALLEST = 48
"""A picture smaller than the network's field tells it nothing."""
_SHADE = 70.0
"""Mean luma under which a picture is lifted before MMOD sees it: the network was trained on well lit photographs."""
_LIFT = np.array([255 * (i / 255) ** 0.45 for i in range(256)], np.uint8)


_ALONE = Lock()
"""dlib's detector keeps the picture that it searches, and lets other threads run meanwhile: two at once in it end the
process. A web process asks it from many threads, a worker from one, which a free lock costs nothing."""


class Detection(NamedTuple):
    """A face's box in pixels of the searched picture, and the detector's score: above 0, the more the surer.

    `exact` is a box of HOG's: dlib's landmarks were trained on those, and go astray on others.
    """

    box: Box
    score: float
    exact: bool = True


def detect(image: NDArray[np.uint8], smallest: int = HOG_WINDOW, threshold: float = 0.0) -> list[Detection]:
    """HOG: faces at least `smallest` pixels wide, best first. `image` is gray or RGB; boxes may reach over its edge."""
    return _run(hog_detector(), image, HOG_WINDOW / smallest, threshold)


def detect_known(image: NDArray[np.uint8], expected: float, threshold: float) -> list[Detection]:
    """HOG: faces about as wide as `expected` pixels or wider, best first, at a third of the cost if one looks ahead."""
    scale = _KNOWN_FACE / expected
    ahead = _run(near_detector(), image, scale, max(_SURE, threshold))
    return ahead or _run(hog_detector(), image, scale, threshold)


def detect_ahead(image: NDArray[np.uint8], smallest: int, threshold: float) -> list[Detection]:
    """HOG: heads that look ahead, at least `smallest` pixels wide, for two thirds of the cost of all."""
    found: list[Detection] = []
    across = float(smallest)
    while across < min(image.shape[:2]):
        found += _run(near_detector(), image, HOG_WINDOW / across, threshold)
        across *= _SIZES
    return found


def detect_reference(image: NDArray[np.uint8]) -> list[Detection]:
    """HOG as `face_recognition.face_locations` runs it: dlib's own doubling, then the search in colour."""
    with _ALONE:
        rectangles, scores, _ = hog_detector().run(image, 1, 0.0)
    return [
        Detection(Box(r.left(), r.top(), r.right(), r.bottom()), float(score))
        for r, score in zip(rectangles, scores, strict=True)
    ]


def recognise(image: Pixels, expected: float) -> Detection | None:
    """MMOD: the best face about `expected` pixels wide (from 0.85 to 1.2 times), None where the network sees none."""
    scale = WINDOW / expected
    small = _resized(image, scale)
    if min(small.shape[:2]) < _MMOD_SMALLEST:
        return None
    if small.mean() < _SHADE:
        small = _LIFT[small]
    scores = open_session("face-detection-mmod").run(small[None])[0, 0]
    row, column = np.unravel_index(int(scores.argmax()), scores.shape)
    score = float(scores[row, column])
    if score <= 0:
        return None
    across, down = int(column) * STRIDE + OFFSET, int(row) * STRIDE + OFFSET
    half = WINDOW // 2
    box = scaled(Box(across - half, down - half, across + half, down + half), 1 / scale)
    return Detection(box, score, exact=False)


def shifted(detection: Detection, dx: int, dy: int) -> Detection:
    return detection._replace(box=moved(detection.box, dx, dy))


def _run(detector: Any, image: NDArray[np.uint8], scale: float, threshold: float) -> list[Detection]:
    searched = _resized(image, scale)
    with _ALONE:
        rectangles, scores, _ = detector.run(searched, 0, threshold)
    found = [
        Detection(scaled(Box(r.left(), r.top(), r.right(), r.bottom()), 1 / scale), float(score))
        for r, score in zip(rectangles, scores, strict=True)
    ]
    return sorted(found, key=lambda detection: -detection.score)


def _resized(image: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    if scale == 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA))
