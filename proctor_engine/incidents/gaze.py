"""Signs that the candidate looks elsewhere, or at nothing. `face` is None where it is not surely the candidate's."""

from __future__ import annotations

from proctor_engine.configuration import GazeSigns
from proctor_engine.incidents.sign import CLEAR, UNKNOWN, Sign, seen
from proctor_engine.measurements import Face, HeadPose


def looking_away(face: Face | None, signs: GazeSigns, *, paper_allowed: bool) -> Sign:
    """Head and eyes are added: a head turned aside with the eyes back on the screen looks at the screen.

    Angles are relative to the person's own rest, so that a camera at the side or a phone below the face is no offence.
    Downwards counts only where no scratch paper is allowed.
    """
    if face is None or face.pose is None or _misleads(face.pose, signs):
        return UNKNOWN
    aside = face.pose.yaw / signs.yaw
    pitch = face.pose.pitch
    upwards = pitch / signs.pitch_up if pitch > 0 else pitch / signs.pitch_down
    if face.gaze is not None and _eyes_tell(face, signs):
        aside += face.gaze.x / signs.eyes_aside
        upwards += face.gaze.y / signs.eyes_up
    if paper_allowed:
        upwards = max(0.0, upwards)
    turned = max(abs(aside), abs(upwards))
    if turned >= 1:
        return seen(0.5 + 0.5 * min(1.0, turned - 1))
    return CLEAR if turned < signs.back else UNKNOWN


def _misleads(pose: HeadPose, signs: GazeSigns) -> bool:
    """The points of a face lying aside are found wrongly, and mostly as one that looks up."""
    return abs(pose.roll) >= signs.most_tilted or pose.pitch >= signs.most_up


def _eyes_tell(face: Face, signs: GazeSigns) -> bool:
    return face.eye_opening is None or face.eye_opening >= signs.eyes_usable


def eyes_closed(face: Face | None, signs: GazeSigns) -> Sign:
    """Lids lowered over paper look closed too, so a bowed head tells nothing."""
    if face is None or face.eye_opening is None:
        return UNKNOWN
    if face.eye_opening > signs.eyes_closed:
        return CLEAR if face.eye_opening > signs.eyes_open else UNKNOWN
    if face.pose is not None and face.pose.pitch < -signs.pitch_down / 2:
        return UNKNOWN
    return seen(1 - face.eye_opening / 2)
