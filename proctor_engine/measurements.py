"""What one frame and one block of sound tell, as plain values: the middle of the pipeline.

`vision` and `audio` produce these, `incidents` reads them; neither knows the other. Times are seconds since the
session's start, boxes are pixels of the frame as it arrived, angles are degrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Sameness(str, Enum):
    """Whether the face belongs to the candidate. Unsure is an answer: it never counts as different."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Box:
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Quality:
    """Of the whole picture. `brightness` is the mean luma 0..255, `sharpness` the variance of its Laplacian.

    `still_for` are the seconds for which the feed has shown one picture, 0 while it lives; `frozen` says that they are
    too many.
    """

    brightness: float
    sharpness: float
    dark: bool
    covered: bool
    frozen: bool
    blurred: bool
    still_for: float = 0.0


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Degrees relative to the person's own calibrated rest: yaw to their left, pitch up, roll clockwise positive."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class Gaze:
    """How far the iris has moved from its rest, in half eye widths, -1..1: `x` to the person's left, `y` up."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Identity:
    """`distance` is dlib's embedding distance to the candidate's template; `reason` says why it is unsure."""

    sameness: Sameness
    distance: float | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Face:
    """One face. Only the main face (the candidate's track, else the largest) carries more than box and score."""

    box: Box
    score: float
    track: int
    pose: HeadPose | None = None
    gaze: Gaze | None = None
    eye_opening: float | None = None
    """Height over width of the eyes as a share of the person's own usual one: 1 is open, about 0.4 shut."""
    mouth_opening: float | None = None
    """Mouth aspect ratio, not calibrated: talking shows in its variation, not its level."""
    identity: Identity | None = None
    emotion: tuple[float, ...] | None = None
    """Probabilities in the order of `vision.emotion.EMOTIONS`; None where emotions are off or not due."""


@dataclass(frozen=True, slots=True)
class FrameMeasurement:
    """`scanned` tells whether the whole frame was searched at full resolution, so that no second face means none."""

    time: float
    quality: Quality
    faces: tuple[Face, ...]
    scanned: bool
    liveness: float | None = None
    """How likely a live person is, 0..1; None where nothing can be said, which is most of the time."""


@dataclass(frozen=True, slots=True)
class AudioMeasurement:
    """`level` is the RMS in dBFS, `voice` the probability of speech 0..1; `muted` means digital silence."""

    time: float
    duration: float
    level: float
    voice: float
    muted: bool
