"""What the 68 points of one face tell, before it is compared with the person's rest."""

from __future__ import annotations

from dataclasses import dataclass

from proctor_engine.measurements import Box, Gaze, HeadPose
from proctor_engine.vision.eyes import eye_opening, gaze
from proctor_engine.vision.frame import Frame
from proctor_engine.vision.images import Gray
from proctor_engine.vision.landmarks import LandmarkFinder
from proctor_engine.vision.likeness import portrait
from proctor_engine.vision.mouth import mouth_opening
from proctor_engine.vision.pose import head_pose


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """`pose` is None where no head fits the points, `gaze` where no iris can be seen."""

    pose: HeadPose | None
    gaze: Gaze | None
    eye_opening: float
    mouth_opening: float
    portrait: Gray


def extract(frame: Frame, box: Box, find: LandmarkFinder) -> Features:
    """`box` in pixels of the frame."""
    points = find(frame.gray, box)
    return Features(
        pose=head_pose(points, frame.size),
        gaze=gaze(frame.gray, points),
        eye_opening=eye_opening(points),
        mouth_opening=mouth_opening(points),
        portrait=portrait(frame.gray, points),
    )
