"""Signs of who is in the picture: nobody, somebody more, somebody else, a photograph."""

from __future__ import annotations

from dataclasses import asdict
from math import exp
from typing import Any

from proctor_engine.configuration import LivenessSigns
from proctor_engine.incidents.sign import CLEAR, IN_DOUBT, NOT_LOOKED, UNKNOWN, Sign, seen
from proctor_engine.measurements import Face, FrameMeasurement, Identity, Quality, Sameness

_SURELY_EMPTY = 0.97
_BLURRED_EMPTY = 0.8
"""Nobody found in a blurred picture is a weaker sign."""


def usable(quality: Quality) -> bool:
    """Whether the picture shows the place at all."""
    return not (quality.dark or quality.covered or quality.frozen)


def main_face(frame: FrameMeasurement) -> Face | None:
    """The candidate's place: the one face that was measured in full, else the first."""
    return next((face for face in frame.faces if face.identity or face.pose), next(iter(frame.faces), None))


def absent(frame: FrameMeasurement) -> Sign | None:
    if not usable(frame.quality):
        return UNKNOWN
    if frame.faces:
        return CLEAR
    if not frame.scanned:
        return NOT_LOOKED
    return seen(_BLURRED_EMPTY if frame.quality.blurred else _SURELY_EMPTY)


def extra_person(frame: FrameMeasurement) -> Sign | None:
    if not usable(frame.quality):
        return UNKNOWN
    if len(frame.faces) > 1:
        second = sorted((face.score for face in frame.faces), reverse=True)[1]
        return seen(_certainty(second))
    return CLEAR if frame.scanned else NOT_LOOKED


def _certainty(detector_score: float) -> float:
    """dlib's score, about 0 at its threshold and over 1 for a clear face, as a confidence from 0.6 to nearly 1."""
    return 0.5 + 0.5 / (1 + exp(-4 * detector_score - 0.4))


class Recognition:
    """Signs of another person. A track keeps the identity it was last given until it is measured again."""

    def __init__(self) -> None:
        self._track: int | None = None
        self._sign = UNKNOWN

    def other_person(self, frame: FrameMeasurement) -> Sign:
        face = main_face(frame)
        if face is None or not usable(frame.quality):
            return UNKNOWN
        if face.identity is not None:
            self._track, self._sign = face.track, _sign_of(face.identity)
        elif face.track != self._track:
            return UNKNOWN
        return self._sign

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"track": self._track, "sign": asdict(self._sign)}

    def restore(self, state: dict[str, Any]) -> None:
        self._track = state["track"]
        self._sign = Sign(**state["sign"])


def _sign_of(identity: Identity) -> Sign:
    """Unsure never counts as different."""
    if identity.sameness is Sameness.UNSURE:
        return IN_DOUBT
    if identity.sameness is Sameness.SAME:
        return CLEAR
    distance = 0.6 if identity.distance is None else identity.distance
    return seen(1 - 0.5 * exp(-15 * max(0.0, distance - 0.55)))


def still_photograph(frame: FrameMeasurement, signs: LivenessSigns) -> Sign | None:
    if frame.liveness is None or not usable(frame.quality):
        return NOT_LOOKED
    if frame.liveness >= signs.photograph_below:
        return CLEAR
    return seen(1 - frame.liveness)
