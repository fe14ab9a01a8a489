"""Whether the face in the candidate's place is the candidate's: signs of another person, and whose gaze to trust."""

from __future__ import annotations

from dataclasses import asdict
from math import exp
from typing import Any

from proctor_engine.configuration import GazeSigns
from proctor_engine.incidents.faces import main_face, usable
from proctor_engine.incidents.sign import CLEAR, IN_DOUBT, UNKNOWN, Sign, seen
from proctor_engine.measurements import Face, FrameMeasurement, Identity, Sameness


class Recognition:
    """Remembers, for the face that is followed, what was last said about it.

    A known face that turns by `gaze.yaw` degrees grows unlike itself: up to `gaze.unlike` it is not called another's.
    """

    def __init__(self, gaze: GazeSigns) -> None:
        self._gaze = gaze
        self._track: int | None = None
        self._sign = UNKNOWN
        self._known_track: int | None = None
        """The track that was the candidate's when last recognised."""

    def look(self, frame: FrameMeasurement) -> tuple[Sign, Face | None]:
        """The sign of another person, and the face if its pose and gaze may be held against the candidate's rest."""
        face = main_face(frame)
        if face is None or not usable(frame):
            return UNKNOWN, None
        if face.identity is None:
            return (self._sign if face.track == self._track else UNKNOWN), face
        if face.track == self._known_track and self._turns_away(face, face.identity):
            return IN_DOUBT, face
        self._track, self._sign = face.track, _sign_of(face.identity)
        if face.identity.sameness is Sameness.SAME:
            self._known_track = face.track
        elif face.identity.sameness is Sameness.DIFFERENT or not self._is_like(face.identity):
            self._known_track = None
        return self._sign, face if face.track == self._known_track else None

    def _turns_away(self, face: Face, identity: Identity) -> bool:
        turned = face.pose is not None and abs(face.pose.yaw) >= self._gaze.yaw
        return turned and self._is_like(identity)

    def _is_like(self, identity: Identity) -> bool:
        return identity.distance is None or identity.distance < self._gaze.unlike

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"track": self._track, "sign": asdict(self._sign), "known_track": self._known_track}

    def restore(self, state: dict[str, Any]) -> None:
        self._track, self._known_track = state["track"], state["known_track"]
        self._sign = Sign(**state["sign"])


def _sign_of(identity: Identity) -> Sign:
    """Unsure never counts as different."""
    if identity.sameness is Sameness.UNSURE:
        return IN_DOUBT
    if identity.sameness is Sameness.SAME:
        return CLEAR
    distance = 0.6 if identity.distance is None else identity.distance
    return seen(1 - 0.5 * exp(-15 * max(0.0, distance - 0.55)))
