"""Which way the head is turned."""

from __future__ import annotations

import math

import cv2
import numpy as np

from proctor_engine.measurements import HeadPose
from proctor_engine.vision.landmarks import MOUTH_CORNERS, NOSE_BRIDGE, NOSE_TIP, NOSTRILS, Points

_POINTS = [NOSE_BRIDGE, NOSE_TIP, *NOSTRILS, 36, 39, 42, 45, *MOUTH_CORNERS]
_HEAD = np.array(
    [
        [0.0, -34.0, 12.0],
        [0.0, 0.0, 0.0],
        [-15.0, 12.0, 20.0],
        [15.0, 12.0, 20.0],
        [-45.0, -34.0, 36.0],
        [-18.0, -33.0, 28.0],
        [18.0, -33.0, 28.0],
        [45.0, -34.0, 36.0],
        [-26.0, 32.0, 26.0],
        [26.0, 32.0, 26.0],
    ],
    np.float64,
)
"""An average head in millimetres from the tip of the nose: x to the image's right, y down, z into the head.

The chin and the lips are left out because they move with speech. What a person's own head differs by is a constant,
and the calibration takes it away.
"""


def head_pose(points: Points, size: tuple[int, int]) -> HeadPose | None:
    """Degrees against the line from the head to the camera, before calibration; None where no pose fits.

    Somebody who moves aside and goes on looking at the screen turns towards the camera, and so has the same pose.
    `size` is (width, height).
    """
    focal = float(max(size))  # a webcam's field of view, about 55 degrees
    camera = np.array([[focal, 0, size[0] / 2], [0, focal, size[1] / 2], [0, 0, 1]])
    fits, rotation, place = cv2.solvePnP(_HEAD, points[_POINTS], camera, None, flags=cv2.SOLVEPNP_SQPNP)
    if not fits:
        return None
    matrix = cv2.Rodrigues(rotation)[0]
    forward = -matrix[:, 2]  # out of the face, in camera coordinates: x right, y down, z away from the camera
    x, y, z = place.ravel().tolist()
    yaw = math.degrees(math.atan2(forward[0], -forward[2]) + math.atan2(x, z))
    pitch = math.degrees(math.asin(max(-1.0, min(1.0, -forward[1]))) - math.atan2(y, z))
    roll = math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))
    return HeadPose(yaw, pitch, roll)
