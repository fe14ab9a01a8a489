"""dlib's 68-point forest, walked by whole cascades instead of tree by tree.

All 500 trees of a cascade look at the picture before any of them moves a point, so they can be walked at once. The
points are dlib's, but not rounded to whole pixels.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.models.cache import converted
from proctor_engine.models.forest import DEPTH, NODES, ForestArrays, load
from proctor_engine.vision.images import Gray

_Complex = NDArray[np.complex64]


@dataclass(frozen=True, slots=True, eq=False)
class _Cascade:
    """Points and offsets as complex numbers: turning and scaling them is one multiplication."""

    anchors: NDArray[np.intp]
    offsets: _Complex
    first: NDArray[np.intp]
    second: NDArray[np.intp]
    thresholds: NDArray[np.int16]
    leaves: NDArray[np.float32]


class Forest:
    def __init__(self, arrays: ForestArrays) -> None:
        self._mean = _complex(arrays.mean)
        centred = self._mean - self._mean.mean()
        self._upright: _Complex = centred / np.vdot(centred, centred)
        self._cascades = [
            _Cascade(
                arrays.anchors[i].astype(np.intp),
                _complex(arrays.offsets[i]),
                arrays.first[i].astype(np.intp),
                arrays.second[i].astype(np.intp),
                arrays.thresholds[i],
                arrays.leaves[i],
            )
            for i in range(len(arrays.leaves))
        ]
        self._trees = np.arange(0, arrays.leaves.shape[1], NODES)

    def points(self, gray: Gray, box: Box) -> NDArray[np.float64]:
        """(n, 2) x and y in pixels of `gray`, (height, width) uint8."""
        size = np.array([box.right - box.left, box.bottom - box.top], np.float32)
        corner = np.array([box.left, box.top], np.float32)
        # The points come first and the leaves after them, so that they are added up in dlib's order and round as there.
        summands = np.empty((len(self._trees) + 1, 2 * len(self._mean)), np.float32)
        points = self._mean
        for cascade in self._cascades:
            turned = np.vdot(self._upright, points)  # the least-squares rotation and scale from the upright mean
            places = _pairs(points.take(cascade.anchors) + turned * cascade.offsets) * size + corner
            # What lies outside is black.
            looked = cv2.remap(gray, places[None], _NONE, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT)
            pixels = looked[0].astype(np.int16)
            answers = pixels.take(cascade.first) - pixels.take(cascade.second) > cascade.thresholds
            reached = _LEAF.take(np.packbits(answers).view(np.uint16)) + self._trees
            summands[0] = points.view(np.float32)
            cascade.leaves.take(reached, axis=0, out=summands[1:], mode="clip")  # unchecked: every leaf is there
            points = cv2.reduce(summands, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F).ravel().view(np.complex64)
        return (_pairs(points) * size + corner).astype(np.float64)


@functools.cache
def open_forest(name: str) -> Forest:
    """The model's forest, opened once in a process; a process forked afterwards shares its memory.

    Raises:
        ModelError: the model's file is missing or damaged.
    """
    return Forest(load(converted(name)))


def _complex(pairs: NDArray[np.float32]) -> _Complex:
    return np.ascontiguousarray(pairs, np.float32).view(np.complex64)[..., 0]


def _pairs(points: _Complex) -> NDArray[np.float32]:
    """(n, 2) x and y."""
    return points.view(np.float32).reshape(-1, 2)


_NONE: Any = None
"""OpenCV's second map, where one holds both coordinates."""


def _leaf_by_answers() -> NDArray[np.intp]:
    """(65536,) the leaf to which a tree's answers lead; they are packed as `numpy.packbits` packs them."""
    codes = np.arange(2**NODES, dtype=np.uint16)
    answers = np.unpackbits(codes.view(np.uint8).reshape(-1, 2), axis=1)
    node = np.zeros(len(codes), np.intp)
    for _ in range(DEPTH):
        went_left = answers[np.arange(len(codes)), node] > 0
        node = 2 * node + np.where(went_left, 1, 2)
    leaf: NDArray[np.intp] = node - (NODES - 1)
    return leaf


_LEAF = _leaf_by_answers()
