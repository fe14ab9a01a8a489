"""What the 68 points of one face tell, before it is compared with the person's rest."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

from proctor_engine.measurements import Box, HeadPose
from proctor_engine.vision.eyes import Eyes, UsualEyes, portrait_of_eyes, read_eyes
from proctor_engine.vision.frame import Frame
from proctor_engine.vision.images import Gray
from proctor_engine.vision.landmarks import EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT, LandmarkFinder, Points
from proctor_engine.vision.likeness import portrait
from proctor_engine.vision.mouth import mouth_opening
from proctor_engine.vision.pose import head_pose
from proctor_engine.vision.upright import set_upright

_LEVEL = 8.0
"""Degrees of tilt that a face may have and be called upright."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """`pose` is None where no head fits the points, `eyes` where they are too small to tell or look `as_usual`.

    `eyes_portrait` is a small picture of them. `tilt` is the face's in degrees, clockwise.
    """

    pose: HeadPose | None
    eyes: Eyes | None
    as_usual: bool
    eyes_portrait: Gray
    mouth_opening: float
    portrait: Gray
    tilt: float = 0.0


def extract(
    frame: Frame, box: Box, find: LandmarkFinder, usual: UsualEyes | None = None, tilt: float = 0.0
) -> Features:
    """`box` in pixels of the frame. Pose and eyes are those of the head set upright, the roll is what it was tilted.

    `usual` are the person's own eyes at rest, if they are known, and `tilt` is that of the face a frame ago.
    """
    face = _upright(frame.gray, box, find, tilt)
    eyes_portrait = portrait_of_eyes(face.gray, face.points)
    as_usual = usual is not None and usual.are_seen(eyes_portrait)
    return Features(
        pose=_pose(face, frame),
        eyes=None if as_usual else read_eyes(face.gray, face.points, usual),
        as_usual=as_usual,
        eyes_portrait=eyes_portrait,
        mouth_opening=mouth_opening(face.points),
        portrait=portrait(face.gray, face.points),
        tilt=face.tilt + _tilt(face.points),
    )


def turn_of_head(frame: Frame, box: Box, find: LandmarkFinder) -> HeadPose | None:
    """The pose alone, as `extract` has it."""
    return _pose(_upright(frame.gray, box, find), frame)


class _Upright(NamedTuple):
    """`points` in pixels of `gray`, whose `corner` lies there in the frame; `tilt` in degrees was taken away."""

    gray: Gray
    points: Points
    corner: tuple[int, int]
    tilt: float


def _pose(face: _Upright, frame: Frame) -> HeadPose | None:
    pose = head_pose(face.points + face.corner, frame.size)
    return replace(pose, roll=pose.roll + face.tilt) if pose else None


def _upright(gray: Gray, box: Box, find: LandmarkFinder, expected: float = 0.0) -> _Upright:
    """A face that lies aside is set upright and looked at again: the models know few such faces.

    One that is `expected` to lie aside is set upright at once, and looked at again only if it does not.
    """
    if abs(expected) >= _LEVEL:
        face = _turned_back(gray, box, find, expected)
        if abs(_tilt(face.points)) < _LEVEL:
            return face
    points = find(gray, box)
    tilt = _tilt(points)
    return _Upright(gray, points, (0, 0), 0.0) if abs(tilt) < _LEVEL else _turned_back(gray, box, find, tilt)


def _turned_back(gray: Gray, box: Box, find: LandmarkFinder, tilt: float) -> _Upright:
    turned = set_upright(gray, box, tilt)
    return _Upright(turned.image, find(turned.image, turned.box), turned.corner, tilt)


def _tilt(points: Points) -> float:
    """Degrees by which the line of the eyes is turned clockwise."""
    across, down = points[EYE_IN_IMAGE_RIGHT].mean(axis=0) - points[EYE_IN_IMAGE_LEFT].mean(axis=0)
    return math.degrees(math.atan2(down, across))
