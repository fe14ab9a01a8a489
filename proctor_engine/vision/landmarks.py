"""68 points of a face, in the order that iBUG 300-W gave them and everybody uses.

Two models find them. dlib's forest was trained on that set, whose licence excludes commercial use; MediaPipe's mesh is
free, and finds other points of which 68 mean nearly the same.
"""

from __future__ import annotations

from typing import Any, Protocol

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.models import open_session
from proctor_engine.vision.boxes import centre, width
from proctor_engine.vision.dlib_models import shape_predictor
from proctor_engine.vision.forest import open_forest
from proctor_engine.vision.images import Gray
from proctor_engine.vision.settings import Backend, LandmarkModel

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

_MESH_SIDE = 192
_MESH_POINTS = 468
_MESH_MARGIN = 1.65
"""Side of the square that the mesh looks at, in widths of dlib's box: where it agrees best with dlib's points."""
_BROWS_TO_LIPS = slice(17, 68)
_BROWS_MARGIN = 2.05
"""The same square in widths of the brows."""
_IN_MESH = np.array(
    [
        *(162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389),  # jaw
        *(71, 63, 105, 66, 107, 336, 296, 334, 293, 301),  # brows
        *(168, 197, 5, 4, 75, 97, 2, 326, 305),  # nose
        *(33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380),  # eyes
        *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181),  # outer lips
        *(78, 82, 13, 312, 308, 317, 14, 87),  # inner lips
    ]
)
"""(68,) where the mesh has each of the 68 points."""


class LandmarkFinder(Protocol):
    """What a landmark model must do to stand in for dlib's forest."""

    def __call__(self, gray: Gray, box: Box) -> Points:
        """`gray` (height, width) uint8, `box` the face as dlib's detectors draw it: brows to chin."""


def finder(model: LandmarkModel, backend: Backend) -> LandmarkFinder:
    """`backend` says who runs the forest; the mesh has but one."""
    if model == "mesh":
        return mesh_landmarks
    return dlib_landmarks if backend == "dlib" else forest_landmarks


def forest_landmarks(gray: Gray, box: Box) -> Points:
    """dlib's forest of regression trees, run by ourselves: half the time, and points finer than a pixel."""
    return open_forest("landmarks-68").points(gray, box)


def dlib_landmarks(gray: Gray, box: Box) -> Points:
    """The same forest run by dlib, which rounds to whole pixels: the reference."""
    rectangle = dlib.rectangle(box.left, box.top, box.right, box.bottom)
    found: Any = shape_predictor("landmarks-68")(gray, rectangle)
    return np.array([(point.x, point.y) for point in found.parts()], np.float64)


def mesh_landmarks(gray: Gray, box: Box) -> Points:
    """MediaPipe's face mesh, of whose 468 points the 68 nearest in meaning are taken. Free for any use.

    It looks twice, the second time at where it saw brows and lips: boxes jump by a tenth from frame to frame, and what
    a single look finds jumps with them, twice as far as the forest's points do.
    """
    seen = _mesh(gray, centre(box), _MESH_MARGIN * width(box))[_BROWS_TO_LIPS]
    low, high = seen.min(axis=0), seen.max(axis=0)
    x, y = (low + high) / 2
    return _mesh(gray, (float(x), float(y)), _BROWS_MARGIN * float(high[0] - low[0]))


def _mesh(gray: Gray, middle: tuple[float, float], side: float) -> Points:
    """One look at a square of the picture."""
    (x, y), scale = middle, _MESH_SIDE / max(side, 1.0)
    place = np.array([[scale, 0, _MESH_SIDE / 2 - scale * x], [0, scale, _MESH_SIDE / 2 - scale * y]])
    square = cv2.warpAffine(gray, place, (_MESH_SIDE, _MESH_SIDE))
    colours = cv2.cvtColor(square, cv2.COLOR_GRAY2RGB).astype(np.float32)
    mesh = open_session("landmarks-mesh").run(colours[None] / 255)[0, : 3 * _MESH_POINTS].reshape(-1, 3)
    return (mesh[_IN_MESH, :2].astype(np.float64) - _MESH_SIDE / 2) / scale + middle
