"""MediaPipe's full-range face detector: faces of all sizes in one look, from a smallest that is chosen.

It sees faces that are turned, masked, half hidden or badly lit, in a fifth of the time that HOG takes for the same
sizes. It was made for pictures of 192 by 192 pixels, but consists of convolutions alone and takes any: so a picture is
reduced until the smallest face that counts is just seen, and no further work is done. Its boxes are its own; here they
are brought to where dlib's would be. Of each face it also tells where the eyes are, however the head lies.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.models import open_session
from proctor_engine.vision.boxes import centre, width
from proctor_engine.vision.detection import Detection, shifted
from proctor_engine.vision.images import Pixels

SMALLEST = 22
"""Pixels of the smallest face that the network surely finds."""
_LARGEST = 512
"""Pixels both ways that it is shown at once: memory for a look is bounded so."""
_STRIDE = 32
"""A side must be a multiple of it: the network halves its picture five times, and doubles it three times."""

_CELL = 4
"""Pixels between two of the places for which it answers: 16 numbers each, the box, then the eyes and more points."""
_NUMBERS = 16
_EYES = slice(4, 8)
_LOWER, _NARROWER = 0.035, 0.89
"""Where dlib's box lies in one of this network's: medians over 90 faces, in its widths."""
_TOLERANCE = 0.8
"""Share of the smallest width that a face must still have."""
_NEAR_FACE, _NEAR_SIDE = 36, 96
"""Pixels to which a known face is brought to see how it lies, and of the square around it."""
_MOST = 20
"""Answers that are looked at, best first: a crowd's worth."""


def survey(image: Pixels, smallest: int, threshold: float, reduced: int = 1) -> list[Detection]:
    """Faces at least `smallest` pixels wide, best first. Scores are log odds: 0 is even.

    `image` may be shown `reduced` so many times: sizes and places are those of the whole picture all the same.
    """
    scale = SMALLEST / smallest
    side, overlap = int(_LARGEST / scale / reduced), smallest // reduced
    found: list[Detection] = []
    for left, top, right, bottom in parts(image.shape[1], image.shape[0], side, overlap):
        part = _look(image[top:bottom, left:right], scale, threshold, reduced)
        found += [shifted(detection, reduced * left, reduced * top) for detection in part]
    kept: list[Detection] = []
    for detection in sorted(found, key=lambda detection: -detection.score):
        if width(detection.box) >= _TOLERANCE * smallest and not any(_one_face(detection, other) for other in kept):
            kept.append(detection)
    return kept


def tilt(image: Pixels, box: Box) -> float | None:
    """Degrees by which the eyes of the face in `box` lie clockwise from level; None where the network sees no face."""
    (x, y), scale, middle = centre(box), _NEAR_FACE / width(box), _NEAR_SIDE / 2
    place = np.array([[scale, 0, middle - scale * x], [0, scale, middle - scale * y]])
    boxes, scores = _answer(np.asarray(cv2.warpAffine(image, place, (_NEAR_SIDE, _NEAR_SIDE)), np.uint8))
    best = int(scores.argmax())
    if scores[best] < 0:
        return None
    left_x, left_y, right_x, right_y = boxes[best, _EYES].tolist()
    return math.degrees(math.atan2(right_y - left_y, right_x - left_x))


def parts(across: int, down: int, side: int, overlap: int) -> list[tuple[int, int, int, int]]:
    """Left, top, right, bottom of parts up to `side` long that cover a picture and share `overlap` pixels or more."""
    return [
        (left, top, min(left + side, across), min(top + side, down))
        for top in _starts(down, side, overlap)
        for left in _starts(across, side, overlap)
    ]


def _starts(length: int, side: int, overlap: int) -> list[int]:
    if length <= side:
        return [0]
    count = -(-(length - overlap) // (side - overlap))
    return [round(i * (length - side) / (count - 1)) for i in range(count)]


def _look(image: Pixels, scale: float, threshold: float, reduced: int) -> list[Detection]:
    across, down = (max(1, round(side * reduced * scale)) for side in image.shape[1::-1])
    canvas = np.zeros((_whole(down), _whole(across), 3), np.uint8)
    canvas[:down, :across] = _reduced(image, (across, down))
    boxes, scores = _answer(canvas)
    candidates = np.flatnonzero(scores >= threshold)
    best = candidates[np.argsort(-scores[candidates], kind="stable")[:_MOST]]
    columns = canvas.shape[1] // _CELL
    found = []
    for place, (x, y, w, h) in zip(best.tolist(), boxes[best, :4].tolist(), strict=True):
        row, column = divmod(place, columns)
        x, y = x + (column + 0.5) * _CELL, y + (row + 0.5) * _CELL
        box = _as_dlib(x / scale, y / scale, max(w, h) / scale)
        found.append(Detection(box, float(scores[place]), exact=False))
    return found


def _answer(canvas: Pixels) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(n, 16) numbers and (n,) scores of the n places of a picture whose sides are multiples of the stride."""
    answer = open_session("face-detection-blaze").run(canvas[None] / np.float32(127.5) - 1)[0]
    boxes, scores = np.split(answer, [len(answer) * _NUMBERS // (_NUMBERS + 1)])
    return boxes.reshape(-1, _NUMBERS), scores


def _reduced(image: Pixels, size: tuple[int, int]) -> Pixels:
    """Halved first, which is exact and quick, then drawn at `size`: an eighth of the time of averaging areas."""
    if 2 * size[0] <= image.shape[1] and 2 * size[1] <= image.shape[0]:
        image = np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _whole(side: int) -> int:
    return -(-side // _STRIDE) * _STRIDE


def _as_dlib(x: float, y: float, side: float) -> Box:
    y, half = y + _LOWER * side, _NARROWER * side / 2
    return Box(round(x - half), round(y - half), round(x + half), round(y + half))


def _one_face(a: Detection, b: Detection) -> bool:
    (ax, ay), (bx, by) = centre(a.box), centre(b.box)
    return max(abs(ax - bx), abs(ay - by)) < 0.5 * max(width(a.box), width(b.box))
