"""How likely a living person is watched, from blinks alone, and with how little certainty.

A photograph never blinks. A person blinks several times a minute, but a camera at one frame a second sees one blink in
five, and a quiet reader may not blink for half a minute. So each second without a blink weighs by how many were to be
expected, a blink proves life for a while, and for the first minutes nothing is said. A replayed video blinks too: only
a challenge (`challenge`) tells that. A feed that stands perfectly still is `Quality.frozen`, which is certain.

Whoever has a network that tells living faces from pictures of them names its file: its answer then stands instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from proctor_engine.measurements import Box
from proctor_engine.models import ModelError, Session, open_file
from proctor_engine.vision.boxes import grown
from proctor_engine.vision.frame import Frame
from proctor_engine.vision.settings import LivenessSettings

_MARGIN = 0.35
"""Of the face's width, on each side: the edge of a sheet or a screen shows near the face."""


@dataclass
class LivenessState:
    """`expected` is the number of blinks that a living person would have shown since the last one seen.

    `judged` is what a network last said, where there is one, and `judged_at` when (seconds).
    """

    last: float | None = None
    last_blink: float | None = None
    expected: float = 0.0
    judged: float | None = None
    judged_at: float | None = None


def live(opening: float | None, time: float, state: LivenessState, settings: LivenessSettings) -> float | None:
    """0..1, None while the evidence is thin. `opening` is the eyes' share of their usual one. Updates `state`."""
    since = 0.0 if state.last is None else time - state.last
    state.last = time
    if opening is None:
        return None
    if opening < settings.shut_below:
        state.last_blink, state.expected = time, 0.0
    elif 0 < since <= settings.longest_gap:
        # Seen are those blinks during which a frame falls, the others between two frames are lost.
        state.expected += settings.blinks_a_minute / 60 * min(since, settings.blink_lasts)
    if state.last_blink is not None and time - state.last_blink <= settings.blink_counts_for:
        return settings.after_blink
    odds = settings.prior / (1 - settings.prior) * math.exp(-state.expected)
    return odds / (1 + odds) if state.expected >= settings.enough_expected else None


def judge(frame: Frame, box: Box, time: float, state: LivenessState, settings: LivenessSettings) -> float | None:
    """The network's probability of life, 0..1, as of its last answer. `box` in pixels of the frame. Updates `state`."""
    if state.judged_at is None or time - state.judged_at >= settings.model_every:
        around = grown(box, _MARGIN, frame.size)
        part = frame.colour[around.top : around.bottom, around.left : around.right]
        if part.size:
            network, side = open_network(settings.model)
            square = cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
            answer = network.run(square.transpose(2, 0, 1)[None])
            state.judged, state.judged_at = min(1.0, max(0.0, float(answer.ravel()[-1]))), time
    return state.judged


def open_network(path: str) -> tuple[Session, int]:
    """The network and the side of its input in pixels.

    Raises:
        ModelError: there is no such file, or the network in it takes something else.
    """
    network = open_file(Path(path))
    shape = network.shape
    if len(shape) != 4 or shape[1] != 3 or not isinstance(shape[2], int) or shape[2] != shape[3]:
        raise ModelError(f"{path}: takes {shape} instead of (1, 3, n, n): export it for square colour pictures")
    return network, shape[2]
