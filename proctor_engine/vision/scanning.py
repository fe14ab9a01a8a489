"""Faces anywhere in the frame: a quick search often, a thorough one when the candidate is missing or it is time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.vision.blaze import survey
from proctor_engine.vision.boxes import area, coverage, grown, overlap, width
from proctor_engine.vision.change import Searched, everything, news, note, thumbnail
from proctor_engine.vision.detection import Detection, detect, recognise, shifted
from proctor_engine.vision.frame import Frame
from proctor_engine.vision.settings import DetectionSettings

_SHADE = 60.0
"""Mean luma under which contrast is evened out before HOG searches."""


@dataclass
class ScanState:
    """What each of the two searches has seen, and when the whole frame was last searched thoroughly (seconds)."""

    quick: Searched = field(default_factory=Searched)
    thorough: Searched = field(default_factory=Searched)
    swept: float | None = None


class Scan(NamedTuple):
    """Faces that were not known, and whether the frame was searched at all."""

    found: list[Detection]
    done: bool


def scan(
    frame: Frame, time: float, known: list[Box], lost: bool, state: ScanState, settings: DetectionSettings
) -> Scan:
    """Search if a search is due. `known` are the faces seen already, `lost` says that the candidate's is not among
    them. Updates `state`.

    The quick search is HOG for faces of the usual size. The thorough one is Blaze's, which sees more; while the
    candidate is lost it goes down to the smallest. A sweep searches everything: the net under the reasoning that only
    what changed can be new.
    """
    sweep = _due(time, state.swept, settings.sweep_every)
    thorough = sweep or (lost and _due(time, state.thorough.time, settings.opinion_every))
    if not thorough and not _due(time, state.quick.time, settings.search_every if lost else settings.scan_every):
        return Scan([], False)
    small = thumbnail(frame.gray)
    if thorough:
        regions = everything(small) if sweep else news(small, known, state.thorough)
        found = _survey(frame, regions, settings.opinion_smallest if lost else settings.smallest, settings)
        state.swept = time if sweep else state.swept
        note(small, regions, time, state.thorough)
    else:
        regions = news(small, known, state.quick)
        found = _search(frame, regions, settings.smallest, settings)
    note(small, regions, time, state.quick)
    return Scan(_distinct(found, known), True)


def _due(time: float, last: float | None, every: float) -> bool:
    return last is None or time - last >= every


def _search(frame: Frame, regions: list[Box], smallest: int, settings: DetectionSettings) -> list[Detection]:
    """HOG in each of the regions."""
    found = []
    for region in regions:
        part = _part(frame.gray, region)
        if part.mean() < _SHADE:
            part = np.asarray(cv2.createCLAHE(clipLimit=4.0, tileGridSize=(4, 4)).apply(part), np.uint8)
        for detection in detect(part, smallest, settings.scan_threshold):
            placed = shifted(detection, region.left, region.top)
            if _believed(frame, placed, settings):
                found.append(placed)
    return found


def _believed(frame: Frame, detection: Detection, settings: DetectionSettings) -> bool:
    """HOG takes folds of cloth for faces now and then, with low scores; MMOD does not."""
    return detection.score >= settings.sure or _recognised(frame, detection.box)


def _recognised(frame: Frame, box: Box) -> bool:
    part = _part(frame.colour, grown(box, 0.5, frame.size))
    return any(recognise(part, factor * width(box)) for factor in (1.0, 0.8, 1.25))


def _survey(frame: Frame, regions: list[Box], smallest: int, settings: DetectionSettings) -> list[Detection]:
    """Blaze in each of the regions. Where HOG sees the face too its box is taken, which is the more exact one."""
    found = []
    for region in regions:
        for hit in survey(_part(frame.colour, region), smallest, settings.survey_threshold):
            face = shifted(hit, region.left, region.top)
            around = grown(face.box, 0.4, frame.size)
            if not area(around):  # a guess beyond the picture's edge
                continue
            exact = [
                detection
                for detection in _search(frame, [around], round(0.75 * width(face.box)), settings)
                if overlap(detection.box, face.box) > 0.3
            ]
            if exact:
                found.append(exact[0])
            elif face.score >= settings.survey_sure or _recognised(frame, face.box):
                found.append(face)
    return found


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
