"""Whether the picture as a whole can be used: dark, covered, blurred, and with the feed's stillness, frozen."""

from __future__ import annotations

import cv2

from proctor_engine.measurements import Box, Quality
from proctor_engine.vision.frame import Frame
from proctor_engine.vision.settings import QualitySettings
from proctor_engine.vision.surroundings import SurroundingsState, same_place

_GRAIN = 1.5
_EVEN = 0.04
"""Contrast of a covered lens: the sensor's noise, and a share of the light that comes through."""


def measure_quality(
    frame: Frame, faces: list[Box], still_for: float, state: SurroundingsState, settings: QualitySettings
) -> Quality:
    """`frame` with these faces in it, `still_for` the seconds for which the feed has stood still.

    Updates `state`.
    """
    half = frame.half
    mean, deviation = cv2.meanStdDev(half)
    brightness, contrast = float(mean[0, 0]), float(deviation[0, 0])
    edges = cv2.Laplacian(half, cv2.CV_16S, ksize=1)
    sharpness = cv2.norm(edges, cv2.NORM_L2SQR) / edges.size - (cv2.sumElems(edges)[0] / edges.size) ** 2

    dark = brightness < settings.dark_below and contrast < settings.dark_contrast
    known_place = same_place(half, faces, state, teaches=not dark)
    dark = dark and (bool(faces) or not known_place)
    covered = not known_place and contrast < min(settings.covered_below, _GRAIN + _EVEN * brightness)
    # An even picture has no edges whatever the lens does, and a dark one shows noise: neither tells about focus.
    blurred = not dark and not covered and sharpness < settings.blurred_below
    frozen = still_for >= settings.frozen_after
    return Quality(brightness, sharpness, dark, covered, frozen, blurred, still_for)
