"""Which parts of the frame show something new since they were last searched.

Nobody can come into a still picture: a face that was not there before changes the pixels it covers. So a search keeps
a thumbnail in which each part is as it was when it was last searched, and the next one needs only what differs.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.vision.arrays import StoredPicture
from proctor_engine.vision.boxes import area, enclosing, width
from proctor_engine.vision.images import Gray

CELL = 8
"""Pixels of the frame in one pixel of the thumbnail, both ways: enough to average the sensor's noise away."""
_CHANGED_SHARE = 0.5
"""Of the cells in a window of the smallest face that must differ: a face covers them all, a shoulder only a few."""
_REACH = 4
"""Cells around a changed window that are searched with it."""
_SWAY = 2
"""Cells by which a sitting person moves between two scans without becoming news."""
_DIFFERENCE = 2.5
_DIFFERENCE_PER_LUMA = 0.03
"""Luma by which a cell differs from itself: a constant, and a share of its brightness."""
_MOST = 0.7
"""Share of the frame over which one search of all of it is cheaper than several of its parts."""


@dataclass
class Searched:
    """`picture` shows every cell as it was when it was last searched, `time` is of the last search in seconds."""

    picture: StoredPicture | None = None
    time: float | None = None


def thumbnail(half: Gray) -> Gray:
    """One pixel for each whole cell of the frame, of which `half` is half as large both ways."""
    side = CELL // 2
    rows, columns = half.shape[0] // side, half.shape[1] // side
    whole = half[: rows * side, : columns * side]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)


def everything(small: Gray) -> list[Box]:
    """The whole frame of that thumbnail, in pixels."""
    return [Box(0, 0, small.shape[1] * CELL, small.shape[0] * CELL)]


def news(small: Gray, known: list[Box], smallest: int, searched: Searched) -> list[Box]:
    """The parts that differ from `searched`, in pixels, where a face of `smallest` pixels and more may have come.

    `known` are the faces seen on this frame.
    """
    if searched.picture is None or searched.picture.shape != small.shape:
        return everything(small)
    mask = changed(searched.picture, small, [_in_cells(part) for box in known for part in _body(box)]).astype(
        np.float32
    )
    for box in known:  # nobody stands in front of a face that is seen
        mask[_cells(_in_cells(_shrunk(box)))] = 0
    window = max(1, smallest // CELL)
    dense = cv2.boxFilter(mask, -1, (window, window), borderType=cv2.BORDER_CONSTANT) >= _CHANGED_SHARE
    count, _, stats, _ = cv2.connectedComponentsWithStats(dense.astype(np.uint8), connectivity=8)
    limits = small.shape[1], small.shape[0]
    regions = _merged([_in_pixels(x, y, w, h, limits) for x, y, w, h, _ in stats[1:count].tolist()], smallest)
    whole = everything(small)
    return whole if sum(map(area, regions)) > _MOST * area(whole[0]) else regions


def note(small: Gray, regions: list[Box], time: float, searched: Searched) -> None:
    """The regions have been searched. Updates `searched`."""
    searched.time = time
    if searched.picture is None or searched.picture.shape != small.shape:
        searched.picture = small.copy()
    for region in regions:
        cells = _cells(_in_cells(region))
        searched.picture[cells] = small[cells]


def changed(before: Gray, now: Gray, people: list[Box]) -> NDArray[np.bool_]:
    """Per cell, whether it shows something else than before: more than noise and an even change of the light.

    `people` are the heads and trunks of known people, in cells. Somebody who sits there sways: what a cell's neighbours
    showed before is nothing new in it.
    """
    old, new = before.astype(np.float32), now.astype(np.float32)
    new -= np.median(new - old)
    low, high = old.copy(), old.copy()
    near = np.ones((2 * _SWAY + 1, 2 * _SWAY + 1), np.uint8)
    for person in people:
        cells = _cells(person)
        low[cells] = cv2.erode(old, near)[cells]
        high[cells] = cv2.dilate(old, near)[cells]
    return np.asarray(np.maximum(low - new, new - high) > _DIFFERENCE + _DIFFERENCE_PER_LUMA * old)


def _in_pixels(column: int, row: int, columns: int, rows: int, limits: tuple[int, int]) -> Box:
    """The cells and those around them that a face there would cover."""
    return Box(
        max(0, column - _REACH) * CELL,
        max(0, row - _REACH) * CELL,
        min(limits[0], column + columns + _REACH) * CELL,
        min(limits[1], row + rows + _REACH) * CELL,
    )


def _merged(regions: list[Box], margin: int) -> list[Box]:
    """Two regions become one where that is no more to search, with the pixels around each that are searched as well."""

    def work(box: Box) -> int:
        return (width(box) + 2 * margin) * (box.bottom - box.top + 2 * margin)

    merged: list[Box] = []
    for region in regions:
        joined = region
        for other in [*merged]:
            union = enclosing(joined, other)
            if work(union) <= work(joined) + work(other):
                merged.remove(other)
                joined = union
        merged.append(joined)
    return merged


def _body(face: Box) -> tuple[Box, Box]:
    """The head with its hair, and what is seen of the trunk: beside the head there is room for another face."""
    across = width(face)
    head = Box(face.left - across // 2, face.top - across, face.right + across // 2, face.bottom)
    return head, Box(face.left - across, face.bottom, face.right + across, face.bottom + 20 * across)


def _shrunk(face: Box) -> Box:
    less = width(face) // 10
    return Box(face.left + less, face.top + less, face.right - less, face.bottom - less)


def _in_cells(box: Box) -> Box:
    return Box(*(max(0, pixels) // CELL for pixels in (box.left, box.top, box.right, box.bottom)))


def _cells(box: Box) -> tuple[slice, slice]:
    return slice(box.top, box.bottom), slice(box.left, box.right)
