"""What a photographed face does when it is not still: turns, glances, shuts its eyes, speaks.

Each function bends the pixels of one photograph around its 68 points. The bent face is no film of a person, and its
points come from the model that the engine measures with: these figures say what the engine makes of such movements,
recordings of people say more.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from math import cos, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.scenes import Photograph, Pixels
from proctor_engine.vision.boxes import centre, width
from proctor_engine.vision.landmarks import (
    EYE_IN_IMAGE_LEFT,
    EYE_IN_IMAGE_RIGHT,
    INNER_LIPS,
    NOSE_TIP,
    Points,
    dlib_landmarks,
)

Grid = NDArray[np.float32]

_EYES = (EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT)
_CHIN = 8


@lru_cache(maxsize=64)
def _points_of(photograph: Photograph) -> Points:
    return dlib_landmarks(cv2.cvtColor(photograph.pixels, cv2.COLOR_RGB2GRAY), photograph.face)


def turned(photograph: Photograph, yaw: float, pitch: float = 0.0) -> Photograph:
    """The head turned by degrees, an ellipsoid with a nose: yaw to the person's left, pitch up."""
    x, y = _grid(photograph.pixels)
    middle, half = centre(photograph.face), width(photograph.face) / 2
    nose = (_points_of(photograph)[NOSE_TIP] - middle) / (1.35 * half, 1.75 * half)
    across, down = (x - middle[0]) / (1.35 * half), (y - middle[1]) / (1.75 * half)
    inside = np.clip((1 - across**2 - down**2) / 0.35, 0, 1)
    a, b = radians(yaw), radians(pitch)
    # Where each point of the turned head was before, found step by step: its depth depends on where it was.
    before, above = across, down
    for _ in range(8):
        depth = np.sqrt(np.clip(1 - before**2 - above**2, 0.04, None))
        depth += 0.35 * np.exp(-((before - nose[0]) ** 2 + (above - nose[1]) ** 2) / 0.06)
        before = (across - sin(a) * depth) / cos(a)
        above = (down + sin(b) * depth) / cos(b)
    return _bent(
        photograph,
        x + inside * (before - across) * 1.35 * half,
        y + inside * (above - down) * 1.75 * half,
    )


def glancing(photograph: Photograph, aside: float, up: float = 0.0) -> Photograph:
    """Irises moved by these shares of the eye's width (to the person's left) and height."""
    pixels = photograph.pixels.copy()
    for eye in _EYES:
        _move_iris(pixels, _points_of(photograph)[eye], aside, up)
    return replace(photograph, pixels=pixels)


def blinking(photograph: Photograph, shut: float = 1.0) -> Photograph:
    """Upper lids lowered, 0 open to 1 shut: the skin above the eye drawn over it, lashes below."""
    x, y = _grid(photograph.pixels)
    new_y, lashes = y.copy(), np.zeros_like(y)
    for eye in _EYES:
        corners = _points_of(photograph)[eye]
        span = corners[3, 0] - corners[0, 0]
        upper = np.interp(x[0], corners[:4, 0], corners[:4, 1])
        lower = np.interp(x[0], corners[[0, 5, 4, 3], 0], corners[[0, 5, 4, 3], 1])
        margin = 0.1 * span
        columns = (x[0] > corners[0, 0] - margin) & (x[0] < corners[3, 0] + margin)
        brow = upper - 0.45 * span
        lid = upper + shut * (lower - upper) * 0.95
        share = np.clip((y - brow) / np.maximum(lid - brow, 1), 0, 1)
        covered = columns[None, :] & (y > brow) & (y < lid)
        new_y = np.where(covered, brow + share * (upper - brow), new_y)
        lashes += columns[None, :] * np.exp(-(((y - lid) / (0.045 * span)) ** 2)) * shut
    bent = _bent(photograph, x, new_y)
    return replace(bent, pixels=np.asarray(bent.pixels * (1 - 0.65 * np.clip(lashes, 0, 1)[..., None]), np.uint8))


def speaking(photograph: Photograph, opening: float) -> Photograph:
    """The jaw lowered until the inner lips are `opening` mouth widths apart, dark between them."""
    points = _points_of(photograph)
    lips = points[INNER_LIPS]
    left, right = lips[0, 0], lips[4, 0]
    x, y = _grid(photograph.pixels)
    along = np.clip((x - left) / (right - left), 0, 1)
    line = np.interp(x[0], lips[:5, 0], (lips[[0, 1, 2, 3, 4], 1] + lips[[0, 7, 6, 5, 4], 1]) / 2)
    gap = opening * (right - left) * np.sin(np.pi * along) ** 0.7
    bottom = points[_CHIN, 1] + 0.5 * (points[_CHIN, 1] - lips[6, 1])
    below = np.clip((bottom - y) / np.maximum(bottom - line, 1), 0, 1)
    bent = _bent(photograph, x, np.where(y > line, y - gap * below, y))
    hollow = ((y > line) & (y < line + gap)).astype(np.float32)
    soft = cv2.GaussianBlur(hollow, (0, 0), max(0.8, 0.02 * (right - left)))[..., None]
    return replace(bent, pixels=np.asarray(bent.pixels * (1 - soft) + soft * np.array([60, 22, 24]), np.uint8))


def _move_iris(pixels: Pixels, eye: Points, aside: float, up: float) -> None:
    across = float(eye[3, 0] - eye[0, 0])
    height = float(np.ptp(eye[:, 1]))
    opening = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillPoly(opening, [np.round(eye).astype(np.int32)], 255)
    middle = eye.mean(axis=0)
    iris = np.zeros_like(opening)
    cv2.circle(iris, (round(middle[0]), round(middle[1])), max(2, round(0.24 * across)), 255, -1)
    white = cv2.inpaint(pixels, cv2.dilate(iris & opening, np.ones((3, 3), np.uint8)), 3, cv2.INPAINT_TELEA)
    # The person's left is the picture's right.
    shift = np.array([[1, 0, aside * across], [0, 1, -up * height]], np.float32)
    size = pixels.shape[1], pixels.shape[0]
    moved, where = cv2.warpAffine(pixels, shift, size), cv2.warpAffine(iris, shift, size)
    soft = cv2.GaussianBlur((where & opening).astype(np.float32) / 255, (0, 0), 0.8)[..., None]
    lids = cv2.GaussianBlur(opening.astype(np.float32) / 255, (0, 0), 0.8)[..., None]
    eyeball = white * (1 - soft) + moved * soft
    pixels[:] = np.asarray(pixels * (1 - lids) + eyeball * lids, np.uint8)


def _grid(pixels: Pixels) -> tuple[Grid, Grid]:
    down, across = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]].astype(np.float32)
    return across, down


def _bent(photograph: Photograph, x: NDArray[np.floating], y: NDArray[np.floating]) -> Photograph:
    pixels = cv2.remap(
        photograph.pixels, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return replace(photograph, pixels=np.asarray(pixels, np.uint8))
