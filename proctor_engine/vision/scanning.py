"""Faces anywhere in the frame, searched where something changed since it was last searched.

Nobody can come into a still picture: a face that was not there before changes the pixels it covers. So a scan compares
a thumbnail with the one that each part had when it was last searched, and only searches what differs. A sweep of the
whole frame from time to time is the net under that reasoning.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.vision.arrays import StoredPicture
from proctor_engine.vision.boxes import area, coverage, grown, overlap, width
from proctor_engine.vision.detection import Detection, detect, recognise, search, shifted
from proctor_engine.vision.images import Gray, Pixels
from proctor_engine.vision.settings import DetectionSettings

CELL = 8
"""Pixels of the frame in one pixel of the thumbnail, both ways: enough to average the sensor's noise away."""
_WINDOW = 5
"""Cells of the smallest face both ways."""
_CHANGED_SHARE = 0.5
"""Of a window's cells that must differ: a face covers them all, the moved edge of a shoulder only a few."""
_REACH = 4
"""Cells around a changed window that are searched with it."""
_SWAY = 2
"""Cells by which a sitting person moves between two scans without becoming news."""
_DIFFERENCE = 2.5
_DIFFERENCE_PER_LUMA = 0.03
"""Luma by which a cell differs from itself: a constant, and a share of its brightness."""
_MOST = 0.7
"""Share of the frame over which one search of all of it is cheaper than several of its parts."""
_SHADE = 60.0


@dataclass
class ScanState:
    """`searched` shows every cell as it was when it was last searched. Times in seconds, None for never."""

    searched: StoredPicture | None = None
    last_scan: float | None = None
    last_sweep: float | None = None
    last_opinion: float | None = None


def thumbnail(gray: Gray) -> Gray:
    """One pixel for each whole cell."""
    rows, columns = gray.shape[0] // CELL, gray.shape[1] // CELL
    whole = gray[: rows * CELL, : columns * CELL]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)


def is_due(time: float, lost: bool, state: ScanState, settings: DetectionSettings) -> bool:
    every = settings.search_every if lost else settings.scan_every
    return state.last_scan is None or time - state.last_scan >= every


def scan(
    frame: Pixels, gray: Gray, time: float, known: list[Box], lost: bool, state: ScanState, settings: DetectionSettings
) -> list[Detection]:
    """Faces that are not among `known`. `lost` says that the candidate is not: MMOD then helps. Updates `state`."""
    small = thumbnail(gray)
    regions = _regions(small, known, time, state, settings)
    state.last_scan = time
    found: list[Detection] = []
    for region in regions:
        found += _search(frame, gray, region, settings)
    if lost and not found and regions and _opinion_due(time, state, settings):
        state.last_opinion = time
        found = _second_opinion(frame, regions, settings)
    return _distinct(found, known)


def changed(before: Gray, now: Gray, people: list[Box]) -> NDArray[np.bool_]:
    """Per cell, whether it shows something else than before: more than noise and an even change of the light.

    `people` are the areas of known people, in cells. Somebody who sits there sways: what a cell's neighbours showed
    before is nothing new in it.
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


def _regions(small: Gray, known: list[Box], time: float, state: ScanState, settings: DetectionSettings) -> list[Box]:
    """What to search, in pixels; notes those parts as searched."""
    whole = Box(0, 0, small.shape[1] * CELL, small.shape[0] * CELL)
    stale = state.last_sweep is None or time - state.last_sweep >= settings.sweep_every
    if stale or state.searched is None or state.searched.shape != small.shape:
        state.last_sweep, state.searched = time, small.copy()
        return [whole]
    mask = changed(state.searched, small, [_in_cells(_body(box)) for box in known]).astype(np.float32)
    for box in known:  # nobody stands in front of a face that is seen
        mask[_cells(_in_cells(_shrunk(box)))] = 0
    dense = cv2.boxFilter(mask, -1, (_WINDOW, _WINDOW), borderType=cv2.BORDER_CONSTANT) >= _CHANGED_SHARE
    reach = np.ones((2 * _REACH + 1, 2 * _REACH + 1), np.uint8)
    spread = cv2.dilate(dense.astype(np.uint8), reach)
    count, _, stats, _ = cv2.connectedComponentsWithStats(spread, connectivity=8)
    regions = [
        Box(int(x) * CELL, int(y) * CELL, int(x + w) * CELL, int(y + h) * CELL) for x, y, w, h, _ in stats[1:count]
    ]
    if sum(map(area, regions)) > _MOST * area(whole):
        regions = [whole]
    for region in regions:
        cells = _cells(_in_cells(region))
        state.searched[cells] = small[cells]
    return regions


def _body(face: Box) -> Box:
    """Head, hair and what is seen of the trunk."""
    across = width(face)
    return Box(face.left - across, face.top - across, face.right + across, face.bottom + 20 * across)


def _shrunk(face: Box) -> Box:
    less = width(face) // 10
    return Box(face.left + less, face.top + less, face.right - less, face.bottom - less)


def _in_cells(box: Box) -> Box:
    return Box(*(max(0, pixels) // CELL for pixels in (box.left, box.top, box.right, box.bottom)))


def _cells(box: Box) -> tuple[slice, slice]:
    return slice(box.top, box.bottom), slice(box.left, box.right)


def _search(frame: Pixels, gray: Gray, region: Box, settings: DetectionSettings) -> list[Detection]:
    part = _part(gray, region)
    if part.mean() < _SHADE:
        part = np.asarray(cv2.createCLAHE(clipLimit=4.0, tileGridSize=(4, 4)).apply(part), np.uint8)
    return [
        detection
        for found in detect(part, settings.smallest, settings.scan_threshold)
        if _believed(frame, detection := shifted(found, region.left, region.top), settings)
    ]


def _believed(frame: Pixels, detection: Detection, settings: DetectionSettings) -> bool:
    """HOG takes folds of cloth for faces now and then, with low scores; MMOD does not."""
    if detection.score >= settings.sure:
        return True
    around = grown(detection.box, 0.5, (frame.shape[1], frame.shape[0]))
    return recognise(_part(frame, around), width(detection.box)) is not None


def _opinion_due(time: float, state: ScanState, settings: DetectionSettings) -> bool:
    return state.last_opinion is None or time - state.last_opinion >= settings.opinion_every


def _second_opinion(frame: Pixels, regions: list[Box], settings: DetectionSettings) -> list[Detection]:
    largest = max(regions, key=area)
    found = search(_part(frame, largest), largest=240, smallest=settings.opinion_smallest)
    return [shifted(detection, largest.left, largest.top) for detection in found]


def _distinct(found: list[Detection], known: list[Box]) -> list[Detection]:
    """Best first, without those that lie on a known face or on a better one."""
    kept: list[Detection] = []
    for detection in sorted(found, key=lambda detection: -detection.score):
        others = [*known, *(other.box for other in kept)]
        if not any(overlap(detection.box, box) > 0.25 or coverage(detection.box, box) > 0.6 for box in others):
            kept.append(detection)
    return kept


def _part(image: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    return np.ascontiguousarray(image[max(0, box.top) : box.bottom, max(0, box.left) : box.right])
