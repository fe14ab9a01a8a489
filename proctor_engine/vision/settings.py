"""Every number of the vision stages, with its unit. The defaults are the measured ones (docs/benchmarks.md)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Backend = Literal["onnx", "dlib"]
LandmarkModel = Literal["forest", "mesh", "none"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class QualitySettings(_Section):
    """When the picture as a whole is of no use."""

    dark_below: float = Field(default=28.0, ge=0, le=255, description="Mean luma 0..255 under which a frame is dark,")
    dark_contrast: float = Field(
        default=8.0,
        ge=0,
        le=128,
        description="unless its standard deviation over the picture is this: then faces would be found in it.",
    )
    covered_below: float = Field(
        default=6.0,
        ge=0,
        le=128,
        description="Standard deviation of the luma over a well lit picture under which the lens is covered.",
    )
    blurred_below: float = Field(
        default=12.0, ge=0, description="Variance of the Laplacian at half size under which a frame is blurred."
    )
    frozen_after: float = Field(
        default=3.0,
        gt=0,
        description="Seconds without any change, not even the sensor's noise, that make a frozen feed.",
    )


class DetectionSettings(_Section):
    """Where faces are searched, how often and how hard. Pixels are of the working frame."""

    longest_side: int = Field(
        default=640, ge=160, le=1920, description="Pixels of the working frame: larger frames are reduced to it."
    )
    smallest: int = Field(
        default=60,
        ge=40,
        le=400,
        description="Width in pixels of the smallest face that a scan must find in a frame of `longest_side`; in "
        "smaller frames fewer, down to `opinion_smallest`.",
    )
    scan_threshold: float = Field(default=-0.1, ge=-1, le=2, description="HOG score that makes a face in a scan.")
    track_threshold: float = Field(default=-0.2, ge=-1, le=2, description="HOG score that keeps a face that was there.")
    sure: float = Field(
        default=0.5, ge=-1, le=2, description="HOG score under which a new face must be confirmed by the MMOD network."
    )
    scan_every: float = Field(default=4.0, ge=0, description="Seconds between searches of what changed.")
    search_every: float = Field(default=0.5, ge=0, description="The same while the candidate is not seen.")
    opinion_every: float = Field(
        default=3.0, ge=0, description="Seconds between thorough searches while the candidate is not seen."
    )
    sweep_every: float = Field(
        default=60.0, ge=0, description="Seconds between thorough searches of the whole frame, changed or not."
    )
    opinion_smallest: int = Field(
        default=40, ge=40, le=400, description="Width in pixels of the smallest face that a thorough search finds."
    )
    survey_threshold: float = Field(
        default=-1.5, description="Blaze's score, log odds, that makes something worth a closer look."
    )
    survey_sure: float = Field(
        default=0.5, description="Blaze's score that makes a face which neither HOG nor MMOD confirms."
    )
    keep: float = Field(default=4.0, gt=0, description="Seconds for which an unseen face is expected where it was.")
    hidden_for: float = Field(
        default=30.0,
        ge=0,
        description="Seconds for which a face counts as seen whose upper half is recognised, as behind a hand.",
    )
    patience: float = Field(
        default=1.5,
        ge=0,
        description="Seconds without the candidate after which another face is taken for the main one.",
    )


class IdentitySettings(_Section):
    """When the face is the candidate's. Distances are between dlib's embeddings; see the ROC in docs/benchmarks.md."""

    same_below: float = Field(default=0.60, gt=0, le=1.5, description="Distance under which a face is the same.")
    different_above: float = Field(
        default=0.65, gt=0, le=1.5, description="Mean distance of a few looks over which a face is different."
    )
    looks: int = Field(default=3, ge=2, le=20, description="Good looks in a row that must differ to say different.")
    doubtful_above: float = Field(
        default=0.63, gt=0, le=1.5, description="Mean distance of many looks over which a face is different."
    )
    many_looks: int = Field(default=15, ge=2, le=100, description="How many looks are many.")
    check_every: float = Field(default=10.0, ge=0, description="Seconds between looks at a face known to be the same.")
    recheck_every: float = Field(
        default=1.0, ge=0, description="Seconds between looks at a face that is not, or that no longer looks as it did."
    )
    settled_every: float = Field(
        default=5.0, ge=0, description="Seconds between looks once a few have not shown the same face."
    )
    altered_below: float = Field(
        default=0.8, ge=-1, le=1, description="Correlation with the last look under which a face looks altered."
    )
    learn_below: float = Field(
        default=0.57, ge=0, le=1.5, description="Distance to the photographs under which a look teaches the template."
    )
    mean_nearer: float = Field(
        default=0.05, ge=0, le=1.5, description="By how much the template, a mean of looks, is nearer to everybody."
    )
    template_from: int = Field(default=3, ge=1, description="Looks that make the day's template.")
    template_of: int = Field(default=30, ge=1, description="Looks after which each new one weighs no less.")
    smallest: int = Field(default=36, ge=20, description="Width in pixels of the smallest face worth comparing.")
    sharpest_needed: float = Field(
        default=4.0, ge=0, description="Variance of the Laplacian over the upright face under which it is too blurred."
    )
    darkest: float = Field(default=10.0, ge=0, le=255, description="Mean luma of the face under which it is too dark.")
    most_turned: float = Field(
        default=30.0, gt=0, le=90, description="Degrees of yaw, pitch or roll over which a face is turned too far."
    )
    unlike_turned: float = Field(
        default=0.85, gt=0, le=1.5, description="Distance from which even a head turned so far is another person's."
    )
    lowest_score: float = Field(
        default=0.0, ge=-1, le=2, description="Detector score under which a face may be half hidden."
    )
    unlike_hidden: float = Field(
        default=0.75, gt=0, le=1.5, description="Distance from which even such a face is another person's."
    )


class CalibrationSettings(_Section):
    """How the person's own rest is learnt."""

    fewest: int = Field(default=3, ge=1, description="Frames with a face before pose and gaze are told at all.")
    samples: int = Field(default=20, ge=1, le=500, description="Frames with a face whose median is the rest.")
    follow_over: float = Field(default=300.0, gt=0, description="Seconds over which the rest follows a new posture.")
    follow_within: float = Field(
        default=12.0, gt=0, le=45, description="Degrees from the rest within which the posture counts as a new rest."
    )


class EmotionSettings(_Section):
    """Expressions of the face. See docs/vision.md before turning them on."""

    enabled: bool = Field(default=False, description="Read the expression. It never enters a score.")
    every: float = Field(default=2.0, ge=0, description="Seconds between two readings.")


class LivenessSettings(_Section):
    """How blinks, and their absence, are weighed."""

    shut_below: float = Field(default=0.72, gt=0, lt=1, description="Share of the usual opening that makes a blink.")
    blinks_a_minute: float = Field(
        default=4.0, gt=0, description="Blinks of somebody who blinks seldom, a minute, reading a screen."
    )
    blink_lasts: float = Field(default=0.2, gt=0, description="Seconds for which the eyes are visibly shut.")
    longest_gap: float = Field(default=5.0, gt=0, description="Seconds between frames that still count as watching.")
    blink_counts_for: float = Field(default=120.0, gt=0, description="Seconds for which a blink seen proves life.")
    after_blink: float = Field(default=0.9, gt=0, lt=1, description="The score then: a replayed video blinks too.")
    prior: float = Field(default=0.98, gt=0, lt=1, description="How likely a living person is before any evidence.")
    enough_expected: float = Field(
        default=3.0, gt=0, description="Expected and unseen blinks before their absence is reported as a score."
    )
    model: str = Field(
        default="",
        description="Path of an ONNX file that tells living faces from pictures of them; its score replaces the one "
        "from blinks. Input (1, 3, n, n) RGB from 0 to 1, output the probability of life.",
    )
    model_every: float = Field(default=2.0, ge=0, description="Seconds between two of its answers.")


class ChallengeSettings(_Section):
    """What an active liveness check takes for done."""

    seconds_a_task: float = Field(default=12.0, gt=0, description="Seconds for each task.")
    longest_absence: float = Field(default=2.0, ge=0, description="Seconds for which the face may be lost.")
    turn_over: float = Field(default=18.0, gt=0, le=60, description="Degrees of yaw that make a turn of the head.")
    blinks: int = Field(default=2, ge=1, le=10, description="Blinks that are asked for.")
    shut_below: float = Field(default=0.72, gt=0, lt=1, description="Share of the usual opening with shut eyes.")
    open_above: float = Field(default=0.8, gt=0, le=1, description="Share of the usual opening with open eyes again.")
    read_over: float = Field(default=3.0, gt=0, description="Seconds over which the mouth's movement is judged.")
    mouth_moves: float = Field(
        default=0.05, gt=0, description="Standard deviation of the mouth's opening over which somebody speaks."
    )
    fewest_frames: int = Field(default=5, ge=2, description="Frames in that time that make a judgement.")
    voice_above: float = Field(default=0.5, ge=0, le=1, description="Probability of speech that must go with it.")


class VisionSettings(_Section):
    backend: Backend = Field(
        default="onnx",
        description="Who runs dlib's embedding and forest: we do (onnx), with dlib's own weights, or dlib itself.",
    )
    landmarks: LandmarkModel = Field(
        default="forest",
        description="Who finds the 68 points that head pose, gaze, eyes and mouth need: dlib's forest (not for "
        "commercial use), MediaPipe's mesh (free), or none. See `models` for the licences.",
    )
    quality: QualitySettings = QualitySettings()
    detection: DetectionSettings = DetectionSettings()
    identity: IdentitySettings = IdentitySettings()
    calibration: CalibrationSettings = CalibrationSettings()
    emotion: EmotionSettings = EmotionSettings()
    liveness: LivenessSettings = LivenessSettings()
    challenge: ChallengeSettings = ChallengeSettings()

    @field_validator("landmarks", mode="before")
    @classmethod
    def _yes_or_no(cls, value: Any) -> Any:
        """Before there was a choice of models it said whether there should be any."""
        return {True: "forest", False: "none"}[value] if isinstance(value, bool) else value
