"""Why a look at a face is not good enough to call it somebody else's."""

from __future__ import annotations

import cv2

from proctor_engine.measurements import Face, HeadPose
from proctor_engine.vision.boxes import width
from proctor_engine.vision.images import Pixels
from proctor_engine.vision.settings import IdentitySettings


def doubt(
    chip: Pixels,
    face: Face,
    distance: float,
    settings: IdentitySettings,
    pose: HeadPose | None = None,
    *,
    upright: bool = True,
) -> str | None:
    """A reason in a few words, None for a good look. `chip` is the upright face, (150, 150, 3) RGB.

    A turned or half hidden head grows unlike itself, but only up to a `distance`.
    `pose` is the head's against the camera. That of `face` is against the candidate's rest, which another person does
    not share: turned away is who is so by both.
    Where nothing tells that the chip is `upright`, as of heads that lie by 70 degrees, it shows nobody at any distance.
    """
    if width(face.box) < settings.smallest:
        return f"the face is only {width(face.box)} pixels wide"
    gray = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY)
    inner = gray[30:120, 30:120]
    if inner.mean() < settings.darkest:
        return "the face is too dark"
    if cv2.meanStdDev(cv2.Laplacian(inner, cv2.CV_16S, ksize=1))[1][0, 0] ** 2 < settings.sharpest_needed:
        return "the face is too blurred"
    turned = face.pose is not None and min(_turn(face.pose), _turn(pose or face.pose)) > settings.most_turned
    if turned and distance < settings.unlike_turned:
        return "the head is turned away"
    if not upright:
        return "the face may lie aside"
    if face.score < settings.lowest_score and distance < settings.unlike_hidden:
        return "the face may be half hidden"
    return None


def _turn(pose: HeadPose) -> float:
    """Degrees, to a side, up, down or lying aside: five landmarks do not set every face upright."""
    return max(abs(pose.yaw), abs(pose.pitch), abs(pose.roll))
