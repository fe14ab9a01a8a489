"""Faces anywhere in the frame: a quick search often, a thorough one when the candidate is missing or it is time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.vision.blaze import SMALLEST, survey
from proctor_engine.vision.boxes import area, coverage, grown, overlap, padded, width
from proctor_engine.vision.change import Searched, everything, news, note
from proctor_engine.vision.detection import Detection, detect, detect_ahead, recognise, shifted
from proctor_engine.vision.frame import Frame
from proctor_engine.vision.settings import DetectionSettings

_SHADE = 60.0
"""Mean luma under which contrast is evened out before HOG searches."""
_AROUND = 0.4
"""Of a face's width, around it: where HOG looks for a face that Blaze sees."""
_FAINT = 1.0
"""By how much Blaze's score may be lower where HOG confirms the face, which is quickly asked."""


@dataclass
class ScanState:
    """What each of the two searches has seen, and when the whole frame was last swept, and by HOG (seconds)."""

    quick: Searched = field(default_factory=Searched)
    thorough: Searched = field(default_factory=Searched)
    swept: float | None = None
    by_hog: float | None = None


class Scan(NamedTuple):
    """Faces that were not known, and whether the frame was searched at all."""

    found: list[Detection]
    done: bool


def scan(
    frame: Frame, time: float, known: list[Box], lost: bool, state: ScanState, settings: DetectionSettings
) -> Scan:
    """Search if a search is due. `known` are the faces seen already, `lost` says that the candidate's is not among
    them. Updates `state`.

    Blaze searches. The quick search is for faces of the usual size; the thorough one goes down to the smallest while
    the candidate is lost. A sweep searches everything: the net under the reasoning that only what changed can be new.
    Before a frame is called empty HOG is asked, too: it knows a face cut so tightly that Blaze sees no head.
    """
    sweep = _due(time, state.swept, settings.sweep_every)
    thorough = sweep or (lost and _due(time, state.thorough.time, settings.opinion_every))
    if not thorough and not _due(time, state.quick.time, settings.search_every if lost else settings.scan_every):
        return Scan([], False)
    small = frame.thumbnail
    smallest = settings.opinion_smallest if lost and thorough else _smallest(frame, settings)
    searched = state.thorough if thorough else state.quick
    regions = everything(small) if sweep else news(small, known, smallest, searched)
    found = [face for region in regions for face in _survey(frame, region, known, smallest, settings)]
    if thorough and lost and not found and _due(time, state.by_hog, settings.sweep_every):
        state.by_hog = time
        found = _by_hog(frame, settings)
    if sweep:
        state.swept = time
    if thorough:
        note(small, regions, time, state.thorough)
    note(small, regions, time, state.quick)
    return Scan(_distinct(found, known), True)


def _smallest(frame: Frame, settings: DetectionSettings) -> int:
    """A small picture shows the same people smaller."""
    share = min(1.0, max(frame.size) / settings.longest_side)
    return max(min(settings.opinion_smallest, settings.smallest), round(settings.smallest * share))


def _due(time: float, last: float | None, every: float) -> bool:
    return last is None or time - last >= every


def _survey(frame: Frame, region: Box, known: list[Box], smallest: int, settings: DetectionSettings) -> list[Detection]:
    """Blaze in that region. Where HOG sees the face too its box is taken, which is the more exact one."""
    found = []
    # Somebody who sits half behind the known person changes only what is beside, and half a face is none.
    region = padded(region, smallest, frame.size)
    for face in _looked(frame, region, smallest, settings.survey_threshold - _FAINT):
        around = grown(face.box, _AROUND, frame.size)
        if not area(around) or _is_among(face.box, known):  # a guess beyond the picture's edge, or no news
            continue
        exact = _exact(frame, face.box, around, settings)
        if exact:
            found.append(exact)
        elif face.score >= settings.survey_sure or (
            face.score >= settings.survey_threshold and _recognised(frame, face.box)
        ):
            found.append(face)
    return found


def _looked(frame: Frame, region: Box, smallest: int, threshold: float) -> list[Detection]:
    """Blaze's own answers, on half the picture where `smallest` is large enough in it."""
    if smallest < 2 * SMALLEST:
        found = survey(_part(frame.colour, region), smallest, threshold)
        return [shifted(face, region.left, region.top) for face in found]
    halved = Box(region.left // 2, region.top // 2, -(-region.right // 2), -(-region.bottom // 2))
    found = survey(_part(frame.half_colour, halved), smallest, threshold, reduced=2)
    return [shifted(face, 2 * halved.left, 2 * halved.top) for face in found]


def _exact(frame: Frame, face: Box, around: Box, settings: DetectionSettings) -> Detection | None:
    """The face as HOG sees it, None where it does not."""
    part = _part(frame.gray, around)
    if part.mean() < _SHADE:
        part = np.asarray(cv2.createCLAHE(clipLimit=4.0, tileGridSize=(4, 4)).apply(part), np.uint8)
    for detection in detect(part, round(0.75 * width(face)), settings.scan_threshold):
        placed = shifted(detection, around.left, around.top)
        if overlap(placed.box, face) > 0.3 and _believed(frame, placed, settings):
            return placed
    return None


def _by_hog(frame: Frame, settings: DetectionSettings) -> list[Detection]:
    """HOG in the whole frame: faces that look ahead, down to the smallest."""
    faces = detect_ahead(frame.gray, settings.opinion_smallest, settings.scan_threshold)
    return [face for face in faces if _believed(frame, face, settings)]


def _believed(frame: Frame, detection: Detection, settings: DetectionSettings) -> bool:
    """HOG takes folds of cloth for faces now and then, with low scores; MMOD does not."""
    return detection.score >= settings.sure or _recognised(frame, detection.box)


def _recognised(frame: Frame, box: Box) -> bool:
    part = _part(frame.colour, grown(box, 0.5, frame.size))
    return any(recognise(part, factor * width(box)) for factor in (1.0, 0.8, 1.25))


def _distinct(found: list[Detection], known: list[Box]) -> list[Detection]:
    """Best first, without those that lie on a known face or on a better one."""
    kept: list[Detection] = []
    for detection in sorted(found, key=lambda detection: -detection.score):
        if not _is_among(detection.box, [*known, *(other.box for other in kept)]):
            kept.append(detection)
    return kept


def _is_among(face: Box, others: list[Box]) -> bool:
    return any(overlap(face, other) > 0.25 or coverage(face, other) > 0.6 for other in others)


def _part(image: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    return np.ascontiguousarray(image[max(0, box.top) : box.bottom, max(0, box.left) : box.right])
