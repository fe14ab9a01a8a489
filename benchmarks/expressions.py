"""What a photographed face does when it is not still: turns, glances, shuts its eyes, speaks.

Each function bends the pixels of one photograph around its 68 points. The bent face is no film of a person, and its
points come from the model that the engine measures with: these figures say what the engine makes of such movements,
recordings of people say more.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from math import atan2, cos, degrees, pi, radians, sin, sqrt

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
from proctor_engine.vision.mouth import mouth_opening

Grid = NDArray[np.float32]

_EYES = (EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT)
_CHIN = 8
_HEAD = np.array([1.35, 1.75])
"""Half the head's width and height, in halves of the face's width."""
_ROOM = 0.2, 0.25
"""Of the face's width, beside it and above, that a photograph of a whole head has."""
_ASKEW = 0.2
"""By how much the nose may stand nearer to one eye, as a share of the distance between them."""
_TILTED = 12.0
"""Degrees."""
_NARROW = 0.14
"""Height of an eye over its width under which a glance cannot be told from a squint."""
_SHOUTS = 0.35
_DRUM = 257
"""Points of a row, and rows, for which the turn is worked out."""


@lru_cache(maxsize=512)
def _points_of(photograph: Photograph) -> Points:
    return dlib_landmarks(cv2.cvtColor(photograph.pixels, cv2.COLOR_RGB2GRAY), photograph.face)


def looks_ahead(photograph: Photograph) -> bool:
    """Whether somebody would see this person look elsewhere: the head is whole in the picture, upright and looks into
    the camera with open eyes and a mouth that does not shout."""
    points, face, across = _points_of(photograph), photograph.face, width(photograph.face)
    aside, above = _ROOM[0] * across, _ROOM[1] * across
    height, length = photograph.pixels.shape[:2]
    if face.left < aside or face.right > length - aside or face.top < above or face.bottom > height:
        return False
    eyes = [points[eye] for eye in _EYES]
    open_wide = [float(np.ptp(eye[:, 1])) / float(np.ptp(eye[:, 0])) for eye in eyes]
    far, near = (
        abs(float(np.dot(eye.mean(axis=0) - points[NOSE_TIP], [cos(_tilt(points)), sin(_tilt(points))])))
        for eye in eyes
    )
    ahead = abs(far - near) < _ASKEW * (far + near)
    return (
        ahead and abs(degrees(_tilt(points))) < _TILTED and min(open_wide) > _NARROW and mouth_opening(points) < _SHOUTS
    )


def turned(photograph: Photograph, yaw: float) -> Photograph:
    """The head turned by degrees to the person's left, as a drum with a nose: what turns out of sight is hidden by what
    is nearer, and the side that comes into sight, of which the photograph shows little, is drawn out evenly."""
    points = _points_of(photograph)
    x, y = _grid(photograph.pixels)
    middle, half = centre(photograph.face), width(photograph.face) / 2
    tilt = _tilt(points)
    c, s = cos(tilt) / half, sin(tilt) / half
    across = ((x - middle[0]) * c + (y - middle[1]) * s) / _HEAD[0]
    down = ((y - middle[1]) * c - (x - middle[0]) * s) / _HEAD[1]
    nose = (points[NOSE_TIP] - middle) @ np.array([[c, -s], [s, c]]) / _HEAD
    rows = np.linspace(-1, 1, _DRUM)
    before = np.array(
        [_row_before(row, abs(radians(yaw)), np.array([nose[0] if yaw > 0 else -nose[0], nose[1]])) for row in rows]
    )
    if yaw < 0:
        before = -before[:, ::-1]
    column, row = (((side + 1) * (_DRUM - 1) / 2).astype(np.float32) for side in (across, down))
    found = cv2.remap(before.astype(np.float32), column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = (np.abs(across) < 1) & (np.abs(down) < 1)
    moved = np.where(inside, found - across, 0) * _HEAD[0] * half
    return _bent(photograph, x + moved * cos(tilt), y + moved * sin(tilt))


def _row_before(down: float, turn: float, nose: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each of the row's points, -1 to 1, was before the head turned to the right by radians."""
    places = np.linspace(-1, 1, _DRUM)
    half = sqrt(max(1 - down * down, 1e-4))
    was = half * np.sin(np.linspace(-pi / 2, pi / 2, 2 * _DRUM))
    angle = np.arcsin(np.clip(was / half, -1, 1))
    comes = np.clip((angle + pi / 2) / radians(80), 0, 1)
    now = angle + turn * comes * comes * (3 - 2 * comes)
    depth = half + 0.25 * np.exp(-((was - nose[0]) ** 2 + (down - nose[1]) ** 2) / 0.03)
    goes = was + depth * (np.sin(now) - np.sin(angle))
    seen = now <= pi / 2
    found = np.interp(places, np.maximum.accumulate(goes[seen]), was[seen])
    return np.where(np.abs(places) < half, found, places)


def glancing(photograph: Photograph, aside: float) -> Photograph:
    """Eyes that look aside: irises moved by this share of the eye's width to the person's left.

    Eyeballs are painted anew in the photograph's colours: where an iris is in a photograph nobody says, and one that is
    half wiped away looks nowhere.
    """
    pixels = photograph.pixels.copy()
    for eye in _EYES:
        _paint_eyeball(pixels, _points_of(photograph)[eye], aside)
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


def _paint_eyeball(pixels: Pixels, eye: Points, aside: float) -> None:
    """Between the lids: white, shaded by the upper one, and on it an iris with its pupil and the light of a window."""
    along = eye[3] - eye[0]
    across = float(np.hypot(*along))
    opening = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillPoly(opening, [np.round(eye).astype(np.int32)], 255)
    own = pixels[opening > 0].astype(np.float32)
    if not len(own):
        return
    light = own.mean(axis=1)
    white = own[light >= np.percentile(light, 80)].mean(axis=0)
    iris = own[light <= np.percentile(light, 30)].mean(axis=0)
    if white.mean() < 1.8 * iris.mean():  # hardly any white to be seen in the photograph
        iris = 0.55 * white
    middle = (eye[0] + eye[3]) / 2 + aside * along
    x, y = _grid(pixels)
    off = np.hypot(x - middle[0], y - middle[1]) / across
    level = np.clip((y - eye[:, 1].min()) / max(float(np.ptp(eye[:, 1])), 1.0), 0, 1)[..., None]
    painted = white * (0.75 + 0.25 * level)
    edge = 1.2 / across
    for radius, colour in ((0.22, 0.7 * iris), (0.19, iris), (0.09, 0.3 * iris)):
        painted += (colour - painted) * np.clip((radius - off) / edge + 0.5, 0, 1)[..., None]
    glint = np.hypot(x - middle[0] - 0.06 * across, y - middle[1] + 0.06 * across) / across
    painted += (255 - painted) * 0.6 * np.clip((0.035 - glint) / edge + 0.5, 0, 1)[..., None]
    lids = cv2.GaussianBlur(opening.astype(np.float32) / 255, (0, 0), max(0.6, 0.02 * across))[..., None]
    pixels[:] = np.asarray(pixels * (1 - lids) + painted * lids, np.uint8)


def _tilt(points: Points) -> float:
    """Radians by which the line of the eyes is turned clockwise."""
    across, down = points[EYE_IN_IMAGE_RIGHT].mean(axis=0) - points[EYE_IN_IMAGE_LEFT].mean(axis=0)
    return atan2(float(down), float(across))


def _grid(pixels: Pixels) -> tuple[Grid, Grid]:
    down, across = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]].astype(np.float32)
    return across, down


def _bent(photograph: Photograph, x: NDArray[np.floating], y: NDArray[np.floating]) -> Photograph:
    pixels = cv2.remap(
        photograph.pixels, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return replace(photograph, pixels=np.asarray(pixels, np.uint8))
