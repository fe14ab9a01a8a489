"""Whether the picture as a whole can be used: dark, covered, frozen, blurred."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np

from proctor_engine.measurements import Quality
from proctor_engine.vision.images import Gray
from proctor_engine.vision.settings import QualitySettings

_SAMPLE_STEP = 4
"""The frozen check compares every fourth pixel both ways: noise touches them all, and it is sixteen times less work."""


@dataclass
class QualityState:
    """`digest` is of the last frame's pixels, `unchanged_since` the time of the first frame equal to it."""

    digest: str | None = None
    unchanged_since: float = 0.0


def measure_quality(gray: Gray, time: float, state: QualityState, settings: QualitySettings) -> Quality:
    """`gray` (height, width) uint8. Updates `state`."""
    half = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    mean, deviation = cv2.meanStdDev(half)
    brightness, contrast = float(mean[0, 0]), float(deviation[0, 0])
    sharpness = float(cv2.meanStdDev(cv2.Laplacian(half, cv2.CV_16S, ksize=1))[1][0, 0]) ** 2

    digest = _digest(gray)
    if digest != state.digest:
        state.digest, state.unchanged_since = digest, time
    frozen = time - state.unchanged_since >= settings.frozen_after

    dark = brightness < settings.dark_below
    covered = contrast < settings.covered_below
    # An even picture has no edges whatever the lens does, and a dark one shows noise: neither tells about focus.
    blurred = not dark and not covered and sharpness < settings.blurred_below
    return Quality(brightness, sharpness, dark, covered, frozen, blurred)


def _digest(gray: Gray) -> str:
    sample = np.ascontiguousarray(gray[::_SAMPLE_STEP, ::_SAMPLE_STEP])
    return hashlib.blake2b(sample.data, digest_size=16).hexdigest()
