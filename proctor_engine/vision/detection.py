"""Faces in a picture, by dlib's HOG detector."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.vision.dlib_models import hog_detector

Gray = NDArray[np.uint8]

HOG_WINDOW = 80
"""Pixels of the smallest face that dlib's detector finds without enlarging the picture."""


class Detection(NamedTuple):
    """A face's box in pixels of the searched picture, and the detector's score: above 0, the more the surer."""

    box: Box
    score: float


def width(box: Box) -> int:
    return box.right - box.left


def detect(image: NDArray[np.uint8], smallest: int = HOG_WINDOW, threshold: float = 0.0) -> list[Detection]:
    """Faces at least `smallest` pixels wide, best first. `image` is gray or RGB; boxes may reach over its edge."""
    scale = HOG_WINDOW / smallest
    if scale != 1:
        interpolation = cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        image = np.asarray(cv2.resize(image, size, interpolation=interpolation), np.uint8)
    rectangles, scores, _ = hog_detector().run(image, 0, threshold)
    found = [
        Detection(
            Box(
                round(rectangle.left() / scale),
                round(rectangle.top() / scale),
                round(rectangle.right() / scale),
                round(rectangle.bottom() / scale),
            ),
            float(score),
        )
        for rectangle, score in zip(rectangles, scores, strict=True)
    ]
    return sorted(found, key=lambda detection: -detection.score)


def detect_reference(image: NDArray[np.uint8]) -> list[Detection]:
    """As `face_recognition.face_locations` does it: dlib's own doubling, then HOG in colour."""
    rectangles, scores, _ = hog_detector().run(image, 1, 0.0)
    return [
        Detection(Box(found.left(), found.top(), found.right(), found.bottom()), float(score))
        for found, score in zip(rectangles, scores, strict=True)
    ]
