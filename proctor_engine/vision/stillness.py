"""Whether the feed stands still: the same picture again and again.

A sensor's noise makes every picture different, so that a repeated one is a fault. But a video's codec takes the noise
away, draws what stands still again exactly, and refreshes even that now and then. So a picture counts as repeated if
nearly all of its pixels are equal and no part of it has moved, and some that are refreshed in between are forgiven. A
picture without anybody in it proves nothing, since an empty room stands still, unless it is repeated to the last pixel
by a feed that is known for its noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from proctor_engine.vision.arrays import StoredPicture
from proctor_engine.vision.change import CELL
from proctor_engine.vision.frame import Frame
from proctor_engine.vision.images import Gray

_MOVED = 4.0
"""Luma by which a cell of the thumbnail differs where something moved; a refresh by the codec moves them up to 3."""
_REPEATED = 0.8
"""Share of the pixels that are equal in a picture drawn again."""
_NOISY = 0.5
"""Share of equal pixels under which a feed that moves is known for its noise: of still parts codecs repeat more."""
_FOLLOWS = 0.1
"""Weight of the newest picture in what is known about the noise."""
_NEWEST = 0.15
"""Weight of the newest picture when repetitions are counted."""
_OFTEN = 0.35
"""Share of repetitions among the last pictures of a feed that stands still."""


@dataclass
class StillnessState:
    """Of the pictures that are alike: time (seconds) and thumbnail of the first, every eighth pixel of the last, how
    many came after the first, which share of the latest repeated the one before, whether all did to the last pixel, and
    whether anybody was seen in one.

    `equal` is the usual share of equal pixels while something moves.
    """

    since: float = 0.0
    first: StoredPicture | None = None
    last: StoredPicture | None = None
    pictures: int = 0
    repeated: float = 0.0
    exact: bool = True
    inhabited: bool = False
    equal: float | None = None


def still_for(frame: Frame, inhabited: bool, time: float, state: StillnessState) -> float:
    """Seconds for which the feed has surely shown one picture, 0 while it lives.

    `inhabited` tells whether somebody is seen in it. Updates `state`.
    """
    small, sample = frame.thumbnail, np.ascontiguousarray(frame.gray[CELL // 2 :: CELL, CELL // 2 :: CELL])
    before, state.last = state.last, sample
    if state.first is None or before is None or before.shape != sample.shape:
        return _begin(small, inhabited, time, state)
    equal = np.count_nonzero(before == sample) / max(sample.size, 1)
    if small.size and cv2.norm(state.first, small, cv2.NORM_INF) > _MOVED:
        state.equal = equal if state.equal is None else state.equal + _FOLLOWS * (equal - state.equal)
        return _begin(small, inhabited, time, state)
    state.pictures += 1
    state.repeated += ((equal >= _REPEATED) - state.repeated) * max(_NEWEST, 1 / state.pictures)
    state.exact &= equal == 1
    state.inhabited |= inhabited
    noisy = state.equal is not None and state.equal < _NOISY
    proves = state.inhabited or (state.exact and noisy)
    return time - state.since if proves and state.repeated >= _OFTEN else 0.0


def _begin(small: Gray, inhabited: bool, time: float, state: StillnessState) -> float:
    state.since, state.first, state.inhabited = time, small, inhabited
    state.pictures, state.repeated, state.exact = 0, 0.0, True
    return 0.0
