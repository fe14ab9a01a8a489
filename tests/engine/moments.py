"""Measurements as tests need them, without a camera: `frame(3.0, face(yaw=40))`."""

from __future__ import annotations

from typing import Any

from proctor_engine.measurements import (
    AudioMeasurement,
    Box,
    Face,
    FrameMeasurement,
    Gaze,
    HeadPose,
    Identity,
    Quality,
    Sameness,
)

_DISTANCES = {Sameness.SAME: 0.3, Sameness.UNSURE: 0.62, Sameness.DIFFERENT: 0.75}


def quality(*, still_for: float = 0.0, brightness: float = 120.0, **flags: bool) -> Quality:
    frozen = still_for >= 3
    return Quality(
        brightness,
        80.0,
        **{"dark": False, "covered": False, "frozen": frozen, "blurred": False, **flags},
        still_for=still_for,
    )


def face(track: int = 1, *, yaw: float = 0.0, pitch: float = 0.0, same: Sameness | None = None, **more: Any) -> Face:
    return Face(
        box=Box(200, 100, 320, 220),
        score=more.get("score", 1.2),
        track=track,
        pose=HeadPose(yaw, pitch, more.get("roll", 0.0)),
        gaze=more.get("gaze", Gaze(0.0, 0.0)),
        eye_opening=more.get("eyes", 1.0),
        mouth_opening=more.get("mouth", 0.1),
        identity=None if same is None else Identity(same, more.get("distance", _DISTANCES[same])),
    )


def stranger(track: int = 9) -> Face:
    return Face(box=Box(20, 100, 120, 200), score=0.8, track=track)


def frame(
    time: float, *faces: Face, scanned: bool = True, liveness: float | None = None, **flags: Any
) -> FrameMeasurement:
    return FrameMeasurement(time, quality(**flags), tuple(faces), scanned, liveness)


def sound(time: float, voice: float = 0.0, *, level: float = -55.0, muted: bool = False) -> AudioMeasurement:
    return AudioMeasurement(time, 0.5, level, voice, muted)
