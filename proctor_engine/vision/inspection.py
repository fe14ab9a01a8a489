"""What is wrong with a picture that somebody took of themselves, in terms of what they can mend."""

from __future__ import annotations

from enum import Enum

import cv2
import numpy as np

from proctor_engine.measurements import Box
from proctor_engine.vision.blaze import survey
from proctor_engine.vision.boxes import width
from proctor_engine.vision.detection import detect_reference
from proctor_engine.vision.images import Gray, Pixels
from proctor_engine.vision.landmarks import forest_landmarks
from proctor_engine.vision.pose import head_pose

SURE = 0.3
"""Score of dlib's detector that folds in clothes and wallpaper do not reach."""
_DARK = 45
"""Mean luma, 0..255, of a face or a whole picture, below which its light is the fault."""
_TURNED = 25.0
"""Degrees of yaw from which likeness fades. Of pitch nothing is said: a camera below the screen looks up at us all."""
_SMALLEST = 48
"""Pixels."""


class Fault(str, Enum):
    DARK = "dark"
    NO_FACE = "no_face"
    TURNED = "turned"
    COVERED = "covered"


def fault(pixels: Pixels) -> Fault | None:
    """`pixels` (height, width, 3) RGB of one person; None for a clear look at a face from the front.

    dlib's detector wants a whole face from the front. The other one sees half of it too: what only that one sees is
    turned away or covered.
    """
    gray: Gray = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    whole = [found for found in detect_reference(pixels) if found.score >= SURE]
    seen = whole or survey(pixels, _SMALLEST, 0.0)
    if not seen:
        return Fault.DARK if gray.mean() < _DARK else Fault.NO_FACE
    box = max(seen, key=lambda found: width(found.box)).box
    if _luma(gray, box) < _DARK:
        return Fault.DARK
    pose = head_pose(forest_landmarks(gray, box), (gray.shape[1], gray.shape[0]))
    if pose is not None and abs(pose.yaw) > _TURNED:
        return Fault.TURNED
    return None if whole else Fault.COVERED


def _luma(gray: Gray, box: Box) -> float:
    inside = gray[max(0, box.top) : max(0, box.bottom), max(0, box.left) : max(0, box.right)]
    return float(inside.mean()) if inside.size else float(gray.mean())
