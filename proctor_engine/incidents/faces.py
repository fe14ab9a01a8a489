"""Signs of who is in the picture: nobody, somebody more, a photograph."""

from __future__ import annotations

from math import exp

from proctor_engine.configuration import LivenessSigns
from proctor_engine.incidents.sign import CLEAR, NOT_LOOKED, UNKNOWN, Sign, seen
from proctor_engine.measurements import Face, FrameMeasurement

_SURELY_EMPTY = 0.97
_BLURRED_EMPTY = 0.8
"""Nobody found in a blurred picture is a weaker sign."""


def usable(frame: FrameMeasurement) -> bool:
    """Whether the picture shows the place as it is. One in which a face is found is neither too dark nor covered."""
    quality = frame.quality
    return not (quality.frozen or ((quality.dark or quality.covered) and not frame.faces))


def main_face(frame: FrameMeasurement) -> Face | None:
    """The candidate's place: the one face that was measured in full, else the first."""
    return next((face for face in frame.faces if face.identity or face.pose), next(iter(frame.faces), None))


def absent(frame: FrameMeasurement) -> Sign | None:
    if not usable(frame):
        return UNKNOWN
    if frame.faces:
        return CLEAR
    if not frame.scanned:
        return NOT_LOOKED
    return seen(_BLURRED_EMPTY if frame.quality.blurred else _SURELY_EMPTY)


def extra_person(frame: FrameMeasurement) -> Sign | None:
    if not usable(frame):
        return UNKNOWN
    if len(frame.faces) > 1:
        second = sorted((face.score for face in frame.faces), reverse=True)[1]
        return seen(_certainty(second))
    return CLEAR if frame.scanned else NOT_LOOKED


def _certainty(detector_score: float) -> float:
    """dlib's score, about 0 at its threshold and over 1 for a clear face, as a confidence from 0.6 to nearly 1."""
    return 0.5 + 0.5 / (1 + exp(-4 * detector_score - 0.4))


def still_photograph(frame: FrameMeasurement, signs: LivenessSigns) -> Sign | None:
    if frame.liveness is None or not usable(frame):
        return NOT_LOOKED
    if frame.liveness >= signs.photograph_below:
        return CLEAR
    return seen(1 - frame.liveness)
