"""MediaPipe's full-range face detector: the whole picture at once, for faces from a tenth of its side upwards.

It sees faces that are turned, masked, half hidden or badly lit, in a tenth of the time that HOG takes for the same
sizes. Its boxes are its own; here they are brought to where dlib's would be.
"""

from __future__ import annotations

import cv2
import numpy as np

from proctor_engine.measurements import Box
from proctor_engine.models import open_session
from proctor_engine.vision.boxes import centre, width
from proctor_engine.vision.detection import Detection, shifted
from proctor_engine.vision.images import Pixels

SIDE = 192
"""Pixels of the network's input both ways."""
SMALLEST = 22
"""Pixels of a face in it that is surely found."""

_CELLS = 48
"""The network answers for 48 by 48 places: 16 numbers each, of which the first four are the box, then the scores."""
_NUMBERS = 16
_LOWER, _NARROWER = 0.035, 0.89
"""Where dlib's box lies in one of this network's: medians over 90 faces, in its widths."""
_TOLERANCE = 0.8
"""Share of the smallest width that a face must still have."""
_MOST = 20
"""Answers that are looked at, best first: a crowd's worth."""


def survey(image: Pixels, smallest: int, threshold: float) -> list[Detection]:
    """Faces at least `smallest` pixels wide, best first. Scores are log odds: 0 is even.

    Pictures in which a face of that size would be too small for the network are looked at in several overlapping parts.
    """
    found: list[Detection] = []
    for left, top, right, bottom in parts(image.shape[1], image.shape[0], smallest * SIDE // SMALLEST, smallest):
        part = _look(image[top:bottom, left:right], threshold)
        found += [shifted(detection, left, top) for detection in part]
    kept: list[Detection] = []
    for detection in sorted(found, key=lambda detection: -detection.score):
        if width(detection.box) >= _TOLERANCE * smallest and not any(_one_face(detection, other) for other in kept):
            kept.append(detection)
    return kept


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


def _look(image: Pixels, threshold: float) -> list[Detection]:
    height, across = image.shape[:2]
    scale = SIDE / max(height, across)
    size = max(1, round(across * scale)), max(1, round(height * scale))
    canvas = np.zeros((SIDE, SIDE, 3), np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    answer = open_session("face-detection-blaze").run(canvas[None] / np.float32(127.5) - 1)[0]
    boxes, scores = answer[: _CELLS * _CELLS * _NUMBERS].reshape(-1, _NUMBERS), answer[_CELLS * _CELLS * _NUMBERS :]
    found = []
    for place in np.argsort(-scores, kind="stable")[:_MOST]:
        if scores[place] < threshold:
            break
        row, column = divmod(int(place), _CELLS)
        x, y, w, h = (float(value) for value in boxes[place, :4])
        x, y = x + (column + 0.5) * SIDE / _CELLS, y + (row + 0.5) * SIDE / _CELLS
        found.append(Detection(_as_dlib(x / scale, y / scale, max(w, h) / scale), float(scores[place])))
    return found


def _as_dlib(x: float, y: float, side: float) -> Box:
    y, half = y + _LOWER * side, _NARROWER * side / 2
    return Box(round(x - half), round(y - half), round(x + half), round(y + half))


def _one_face(a: Detection, b: Detection) -> bool:
    (ax, ay), (bx, by) = centre(a.box), centre(b.box)
    return max(abs(ax - bx), abs(ay - by)) < 0.5 * max(width(a.box), width(b.box))
