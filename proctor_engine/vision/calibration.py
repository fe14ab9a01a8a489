"""What is usual for this person at this desk: where the head rests, how far the eyes are open.

The first seconds give it, as a median that a glance aside does not move. From then on it follows slowly, and only
while the person sits nearly so: who turns away for a minute does not make that the rest.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import NamedTuple

from proctor_engine.measurements import Gaze, HeadPose
from proctor_engine.vision.features import Features
from proctor_engine.vision.settings import CalibrationSettings


@dataclass
class Rest:
    """Pose in degrees, gaze as `eyes.gaze` gives it, opening as height over width."""

    yaw: float
    pitch: float
    roll: float
    gaze_x: float
    gaze_y: float
    eye_opening: float


@dataclass
class CalibrationState:
    """`samples` are kept until there are enough of them; `rest` is None until the first few are in."""

    samples: list[Rest] = field(default_factory=list)
    rest: Rest | None = None
    last: float | None = None


class Relative(NamedTuple):
    """Features against the rest; None where they could not be seen, or the rest is not known yet."""

    pose: HeadPose | None
    gaze: Gaze | None
    eye_opening: float | None


def calibrate(features: Features, time: float, state: CalibrationState, settings: CalibrationSettings) -> None:
    """Take in one frame of the candidate. Updates `state`."""
    pose, gaze = features.pose, features.gaze
    if pose is None or gaze is None:
        return
    sample = Rest(pose.yaw, pose.pitch, pose.roll, gaze.x, gaze.y, features.eye_opening)
    if len(state.samples) < settings.samples:
        state.samples = [*state.samples, sample]
        if len(state.samples) >= settings.fewest:
            state.rest = _median(state.samples)
    elif state.rest is not None and state.last is not None and _near(sample, state.rest, settings):
        weight = min(1.0, (time - state.last) / settings.follow_over)
        state.rest = _blend(state.rest, sample, weight)
    state.last = time


def relative(features: Features, rest: Rest | None) -> Relative:
    """The features as they differ from the rest; the eyes' opening as a share of the usual one."""
    if rest is None or features.pose is None:
        return Relative(None, None, None)
    pose, gaze = features.pose, features.gaze
    return Relative(
        HeadPose(pose.yaw - rest.yaw, pose.pitch - rest.pitch, pose.roll - rest.roll),
        Gaze(_unit(gaze.x - rest.gaze_x), _unit(gaze.y - rest.gaze_y)) if gaze else None,
        features.eye_opening / rest.eye_opening if rest.eye_opening > 0 else None,
    )


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
