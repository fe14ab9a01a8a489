"""The place as it was when somebody was last seen there: a plain wall behind an empty chair is no covered lens, and a
dim room that somebody has left no darkness.

One picture alone does not tell them apart. What does is whether it shows the place that was seen before.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.vision.arrays import StoredPicture
from proctor_engine.vision.images import Gray
from proctor_engine.vision.likeness import likeness

_COLUMNS, _ROWS = 16, 12
_SHADE, _SHADE_PER_LUMA = 3.0, 0.1
"""Luma by which a part of the same place differs when its light changes: a constant, and a share of the brightness."""
_ENOUGH = 0.6
"""Share of the parts beside the person that must be as they were."""
_SAME_SHAPES = 0.9
"""Correlation of the parts from which a dimmer picture shows the same place,"""
_SHAPED, _LIGHT = 0.8, 10.0
"""if its parts differ by this standard deviation of luma, and are so bright in the mean: else grain would decide."""
_DIMMED = 0.7
"""Share of the remembered brightness under which a light has gone out, or is covered: that is no daylight to follow."""
_PATIENCE = 60
"""Dimmer pictures in a row after which the last one is remembered instead: who goes on without the lamp is followed. A
mixture of both would show a place that never was."""
_LEAST = 12
"""Parts beside the person that make a judgement; where there are fewer all of the picture is compared."""


@dataclass
class SurroundingsState:
    """`picture` is small, of the last frame with anybody in it; `left` and `right` are the people's edges in it, in
    its columns. `dimmer` is how many were dimmer since."""

    picture: StoredPicture | None = None
    left: int = 0
    right: int = 0
    dimmer: int = 0


def same_place(half: Gray, faces: list[Box], state: SurroundingsState, *, teaches: bool) -> bool:
    """Whether the picture shows the place in which somebody was last seen: one with a face in it does.

    `half` is the frame at half its size, `faces` are in pixels of the frame. `teaches` says that it is light enough to
    be remembered. Updates `state`.
    """
    small = np.asarray(cv2.resize(half, (_COLUMNS, _ROWS), interpolation=cv2.INTER_AREA), np.uint8)
    if faces and teaches:
        scale = _COLUMNS / (2 * half.shape[1])
        margins = [(face.right - face.left) // 2 for face in faces]
        state.left = round(min(face.left - margin for face, margin in zip(faces, margins, strict=True)) * scale)
        state.right = round(max(face.right + margin for face, margin in zip(faces, margins, strict=True)) * scale)
        _remember(small, state)
    if faces or state.picture is None:
        return bool(faces)
    alike = _alike(state.picture, small)
    beside = np.ones(_COLUMNS, bool)
    beside[max(0, state.left) : max(0, state.right)] = False
    if beside.sum() * _ROWS < _LEAST:
        beside[:] = True
    same = bool(alike[:, beside].mean() >= _ENOUGH) or _shaped_alike(state.picture[:, beside], small[:, beside])
    if same and teaches:  # and so it follows the daylight
        _remember(small, state)
    return same


def _shaped_alike(before: Gray, now: Gray) -> bool:
    """Whether the light alone has changed: no hand on a lens, and no dark, draws the room's shapes."""
    if now.std() < _SHAPED or now.mean() < _LIGHT or not before.any():
        return False
    return likeness(np.ascontiguousarray(before), np.ascontiguousarray(now)) >= _SAME_SHAPES


def _remember(now: Gray, state: SurroundingsState) -> None:
    """Updates `state`."""
    if state.picture is not None and now.mean() < _DIMMED * state.picture.mean() and state.dimmer < _PATIENCE:
        state.dimmer += 1
    else:
        state.picture, state.dimmer = now, 0


def _alike(before: Gray, now: Gray) -> NDArray[np.bool_]:
    old = before.astype(np.float32)
    return np.asarray(np.abs(old - now) <= _SHADE + _SHADE_PER_LUMA * old)
