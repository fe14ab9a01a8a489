"""The expression of a face, in seven classes.

Off unless an institution turns it on, and never part of a score: the network is right on 58 of 100 pictures of its own
test set, and a face is not a feeling (docs/vision.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from proctor_engine.measurements import Box
from proctor_engine.models import open_session
from proctor_engine.vision.boxes import grown
from proctor_engine.vision.frame import Frame
from proctor_engine.vision.settings import EmotionSettings

EMOTIONS = ("angry", "disgusted", "afraid", "happy", "sad", "surprised", "neutral")
"""In the order of the network's output."""

_SIDE = 64
_MARGIN = 0.1


@dataclass
class EmotionState:
    """When the expression was last read, in seconds; None for never."""

    last: float | None = None


def read_emotion(
    frame: Frame, box: Box, time: float, state: EmotionState, settings: EmotionSettings
) -> tuple[float, ...] | None:
    """Probabilities in the order of EMOTIONS, None while it is off or not due. Updates `state`."""
    if not settings.enabled or (state.last is not None and time - state.last < settings.every):
        return None
    around = grown(box, _MARGIN, frame.size)
    part = frame.gray[around.top : around.bottom, around.left : around.right]
    if not part.size:
        return None
    state.last = time
    small = cv2.resize(part, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    scores = open_session("emotion").run((small / 127.5 - 1)[None, None])[0]
    return tuple(float(score) for score in scores)
