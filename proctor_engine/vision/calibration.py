"""What is usual for this person at this desk: where the head rests, how far the eyes are open.

The first seconds give it, as a median that a glance aside does not move. From then on it follows slowly, and only
while the person sits nearly so: who turns away for a minute does not make that the rest.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import cv2
import numpy as np

from proctor_engine.measurements import Gaze, HeadPose
from proctor_engine.vision.arrays import StoredPicture
from proctor_engine.vision.eyes import Eyes, UsualEyes, at_rest
from proctor_engine.vision.features import Features
from proctor_engine.vision.images import Gray
from proctor_engine.vision.settings import CalibrationSettings

_TRUSTED = 6
"""Samples from which the rest is known well enough to say which eyes are at rest."""
_TEACHES = 0.2
"""Weight of a frame in the picture of the eyes at rest."""


@dataclass
class Rest:
    """Pose in degrees, gaze and opening as `eyes.Eyes` has them."""

    yaw: float
    pitch: float
    roll: float
    gaze_x: float
    gaze_y: float
    eye_opening: float


@dataclass
class CalibrationState:
    """`samples` are kept until there are enough of them; `rest` is None until the first few are in.

    `eyes` shows the eyes at rest, and `apart` is how the two then differ (`eyes.Eyes`): frames teach both in which they
    were seen to be so.
    """

    samples: list[Rest] = field(default_factory=list)
    rest: Rest | None = None
    eyes: StoredPicture | None = None
    apart: tuple[float, float, float] | None = None
    last: float | None = None


class Relative(NamedTuple):
    """Features against the rest; None where they could not be seen, or the rest is not known yet."""

    pose: HeadPose | None
    gaze: Gaze | None
    eye_opening: float | None


def calibrate(features: Features, time: float, state: CalibrationState, settings: CalibrationSettings) -> None:
    """Take in one frame of the candidate, from a feed that lives: a frozen one would say the same again and again.

    Updates `state`.
    """
    sample = _sample(features, state.rest)
    if sample is None:
        return
    if len(state.samples) < settings.samples:
        state.samples = [*state.samples, sample]
        if len(state.samples) >= settings.fewest:
            state.rest = _median(state.samples)
    elif state.rest is not None and state.last is not None and _near(sample, state.rest, settings):
        weight = min(1.0, (time - state.last) / settings.follow_over)
        state.rest = _blend(state.rest, sample, weight)
    state.last = time
    if features.eyes is not None and state.rest is not None and len(state.samples) >= _TRUSTED:
        _learn_eyes(features.eyes, features.eyes_portrait, state.rest, state)


def usual_eyes(state: CalibrationState) -> UsualEyes | None:
    """How this person's eyes are at rest, once that is known."""
    if state.eyes is None or state.rest is None:
        return None
    return UsualEyes(state.eyes, _eyes(state.rest, state.apart))


def relative(features: Features, rest: Rest | None) -> Relative:
    """The features as they differ from the rest; the eyes' opening as a share of the usual one."""
    sample = _sample(features, rest)
    if rest is None or features.pose is None:
        return Relative(None, None, None)
    return Relative(
        turned_by(features.pose, rest),
        Gaze(_unit(sample.gaze_x - rest.gaze_x), _unit(sample.gaze_y - rest.gaze_y)) if sample else None,
        sample.eye_opening / rest.eye_opening if sample and rest.eye_opening > 0 else None,
    )


def turned_by(pose: HeadPose, rest: Rest) -> HeadPose:
    """The pose as it differs from the rest."""
    return HeadPose(pose.yaw - rest.yaw, pose.pitch - rest.pitch, pose.roll - rest.roll)


def _sample(features: Features, rest: Rest | None) -> Rest | None:
    """What this frame shows. Eyes that look as usual are at rest."""
    pose, eyes = features.pose, features.eyes
    if pose is not None and eyes is not None:
        return Rest(pose.yaw, pose.pitch, pose.roll, eyes.x, eyes.y, eyes.opening)
    if pose is not None and rest is not None and features.as_usual:
        return replace(rest, yaw=pose.yaw, pitch=pose.pitch, roll=pose.roll)
    return None


def _learn_eyes(eyes: Eyes, portrait: Gray, rest: Rest, state: CalibrationState) -> None:
    """Only eyes that are at rest teach how they look then. Updates `state`."""
    if not at_rest(eyes, _eyes(rest)):
        return
    known = portrait if state.eyes is None else state.eyes
    state.eyes = np.asarray(cv2.addWeighted(known, 1 - _TEACHES, portrait, _TEACHES, 0), np.uint8)
    if eyes.apart is not None:
        before = eyes.apart if state.apart is None else state.apart
        x, y, opening = ((1 - _TEACHES) * old + _TEACHES * new for old, new in zip(before, eyes.apart, strict=True))
        state.apart = x, y, opening


def _eyes(rest: Rest, apart: tuple[float, float, float] | None = None) -> Eyes:
    return Eyes(rest.gaze_x, rest.gaze_y, rest.eye_opening, apart)


def _median(samples: list[Rest]) -> Rest:
    return Rest(
        *(
            statistics.median(getattr(sample, name) for sample in samples)
            for name in ("yaw", "pitch", "roll", "gaze_x", "gaze_y", "eye_opening")
        )
    )


def _near(sample: Rest, rest: Rest, settings: CalibrationSettings) -> bool:
    turned = max(abs(sample.yaw - rest.yaw), abs(sample.pitch - rest.pitch))
    return turned < settings.follow_within and sample.eye_opening > 0.7 * rest.eye_opening


def _blend(rest: Rest, sample: Rest, weight: float) -> Rest:
    return Rest(
        rest.yaw + weight * (sample.yaw - rest.yaw),
        rest.pitch + weight * (sample.pitch - rest.pitch),
        rest.roll + weight * (sample.roll - rest.roll),
        rest.gaze_x + weight * (sample.gaze_x - rest.gaze_x),
        rest.gaze_y + weight * (sample.gaze_y - rest.gaze_y),
        rest.eye_opening + weight * (sample.eye_opening - rest.eye_opening),
    )


def _unit(value: float) -> float:
    return max(-1.0, min(1.0, value))
