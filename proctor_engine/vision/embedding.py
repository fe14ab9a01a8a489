"""A face as 128 numbers: dlib's network, run by ONNX Runtime or by dlib itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import dlib
import numpy as np
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.models import open_session
from proctor_engine.vision.dlib_models import face_embedder, shape_predictor
from proctor_engine.vision.images import Pixels
from proctor_engine.vision.settings import Backend
from proctor_engine.vision.upright import set_upright

Embedding = NDArray[np.float64]

CHIP_SIDE = 150
CHIP_PADDING = 0.25
"""Both as the network was trained."""

_ASTRAY = 25.0
"""Degrees between the line of the eyes by five landmarks and as the detector sees it. Few right ones differ so much:
three of 1,836 looks in fourteen conditions."""


def face_chip(image: Pixels, box: Box) -> Pixels:
    """The face turned upright by five landmarks, (150, 150, 3) RGB."""
    return _chip(image, _landmarks(image, box))


def mended_chip(image: Pixels, box: Box, seen: float | None) -> Pixels | None:
    """The chip of a face that its five landmarks do not set upright; None for one that they do.

    They go astray on heads that lie far aside, and tell nothing of it: the chip shows somebody else. Where the eyes are
    is asked of another network (`blaze.tilt`), and the face is turned by what it has `seen` first.
    """
    if seen is None or abs(seen - _tilt(_landmarks(image, box))) < _ASTRAY:
        return None
    turned = set_upright(image, box, seen)
    return face_chip(turned.image, turned.box)


def _landmarks(image: Pixels, box: Box) -> Any:
    return shape_predictor("landmarks-5")(image, dlib.rectangle(box.left, box.top, box.right, box.bottom))


def _chip(image: Pixels, landmarks: Any) -> Pixels:
    return np.asarray(dlib.get_face_chip(image, landmarks, size=CHIP_SIDE, padding=CHIP_PADDING), np.uint8)


def _tilt(landmarks: Any) -> float:
    """Degrees by which the line of the eyes is turned clockwise. The first two points are the eye at the right."""
    points = [landmarks.part(i) for i in range(4)]
    right, left = points[0] + points[1], points[2] + points[3]
    return math.degrees(math.atan2(right.y - left.y, right.x - left.x))


def embed_chips(chips: Sequence[Pixels], backend: Backend = "onnx") -> Embedding:
    """(n, 128) embeddings of n upright faces. Both backends agree to about 1e-6."""
    batch = np.stack(chips)
    if backend == "dlib":
        return np.array([face_embedder().compute_face_descriptor(chip) for chip in batch], np.float64)
    return open_session("face-embedding").run(batch).astype(np.float64)
