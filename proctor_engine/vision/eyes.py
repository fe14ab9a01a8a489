"""Eyes: how far open, and where the iris stands.

MediaPipe's iris network tells both, and takes a millisecond an eye. Most of the time somebody's eyes look as they
usually do; then nothing needs to be asked, and a small picture of them tells so. Small eyes behind glasses seldom
look so: of those one is asked, and the other only if that one is not at rest, for eyes move together.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor_engine.models import open_session
from proctor_engine.vision.images import Gray
from proctor_engine.vision.landmarks import EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT, Points
from proctor_engine.vision.likeness import likeness

_NARROWEST = 8.0
"""Pixels of an eye between its corners under which nothing is seen in it."""
_RIGHT, _LEFT = 0, 1
"""The person's own eyes, in the order in which everything here has them."""
_STILL = 0.07
"""Half eye widths, and share of the usual opening, within which eyes are at rest."""
_ASIDE = 0.75
"""Width of one eye over that of the other under which the head is turned so far that only the wider one tells."""

_SIDE = 64
"""Pixels of the network's picture both ways."""
_MARGIN = 2.3
"""Its side in widths of the eye."""
_LIDS = 71
_OUTER, _INNER = 0, 8
_LOWER, _UPPER = slice(1, 8), slice(9, 16)
"""Where the answer has the corners and lids of a right eye; after all points of the lids comes the iris' centre."""

_ACROSS, _DOWN = 24, 8
_DRAWN = 2
"""Pixels of the small picture of one eye, and how many times larger it is drawn first."""
_FILLS = 0.8
"""Share of its width that the eye fills."""
_AS_USUAL = 0.82
"""Correlation from which eyes look as usual. Of 100 frames at rest 95 are over 0.93, in real clips glancing or
shut eyes stay under 0.79; most bent photographs too."""


class Eyes(NamedTuple):
    """The mean of both. `x` is the iris' place to the person's left, `y` upwards, both in half eye widths from the
    middle between the corners; `opening` is the height between the lids over the width: about 0.27 open, 0.12 shut."""

    x: float
    y: float
    opening: float
    apart: tuple[float, float, float] | None = None
    """By how much the right eye's own three lie over these; None where one eye alone was seen."""


class UsualEyes(NamedTuple):
    """How somebody's eyes are at rest; `picture` by `portrait_of_eyes`."""

    picture: Gray
    rest: Eyes

    def alike(self, picture: Gray) -> tuple[float, float]:
        """Correlation, -1..1, of the right and the left eye with the usual ones."""
        halves = slice(0, _ACROSS), slice(_ACROSS, None)
        right, left = (likeness(picture[:, half], self.picture[:, half]) for half in halves)
        return right, left

    def are_seen(self, picture: Gray) -> bool:
        """Whether both eyes look as usual."""
        return min(self.alike(picture)) >= _AS_USUAL


def read_eyes(gray: Gray, points: Points, usual: UsualEyes | None = None) -> Eyes | None:
    """None where they are too small. `gray` (height, width), an upright face in it."""
    eyes = points[EYE_IN_IMAGE_LEFT], points[EYE_IN_IMAGE_RIGHT]
    widths = [math.dist(eye[0], eye[3]) for eye in eyes]
    if max(widths) < _NARROWEST:
        return None
    shown = [side for side in (_RIGHT, _LEFT) if widths[side] >= _ASIDE * max(widths)]
    if len(shown) == 1:
        return Eyes(*_look(gray, eyes[shown[0]], mirrored=shown[0] == _LEFT).tolist())
    seen: dict[int, NDArray[np.float64]] = {}
    if usual is not None and usual.rest.apart is not None:
        right, left = usual.alike(portrait_of_eyes(gray, points))
        first = _LEFT if left < right else _RIGHT  # the one in which something is more likely to be seen
        seen[first] = _look(gray, eyes[first], mirrored=first == _LEFT)
        apart = np.array(usual.rest.apart)
        both = Eyes(*(seen[first] + (apart if first == _LEFT else -apart)).tolist())
        if at_rest(both, usual.rest):
            return both
    for side in shown:
        if side not in seen:
            seen[side] = _look(gray, eyes[side], mirrored=side == _LEFT)
    mean = (seen[_RIGHT] + seen[_LEFT]) / 2
    x, y, opening = mean.tolist()
    over = (seen[_RIGHT] - mean).tolist()
    return Eyes(x, y, opening, (over[0], over[1], over[2]))


def at_rest(eyes: Eyes, rest: Eyes) -> bool:
    aside = max(abs(eyes.x - rest.x), abs(eyes.y - rest.y))
    return max(aside, abs(eyes.opening - rest.opening) / max(rest.opening, _STILL)) < _STILL


def portrait_of_eyes(gray: Gray, points: Points) -> Gray:
    """Both eyes side by side, small, (8, 48)."""
    size = _DRAWN * _ACROSS, _DRAWN * _DOWN
    drawn = [
        _drawn(gray, points[eye], size, _FILLS * _DRAWN * _ACROSS) for eye in (EYE_IN_IMAGE_LEFT, EYE_IN_IMAGE_RIGHT)
    ]
    return np.asarray(cv2.resize(np.hstack(drawn), (2 * _ACROSS, _DOWN), interpolation=cv2.INTER_AREA), np.uint8)


def _look(gray: Gray, eye: Points, *, mirrored: bool) -> NDArray[np.float64]:
    """One eye's x, y and opening. The network knows right eyes; a left one is shown to it as a mirror would."""
    picture = _drawn(gray, eye, (_SIDE, _SIDE), _SIDE / _MARGIN)
    if mirrored:
        picture = picture[:, ::-1]
    answer = open_session("iris").run(cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)[None] / np.float32(255))[0]
    points = answer.reshape(-1, 3)[:, :2]
    lids, iris = points[:_LIDS], points[_LIDS]
    along = lids[_INNER] - lids[_OUTER]
    width = max(float(np.hypot(*along)), 1.0)
    along = along / width
    off = iris - (lids[_INNER] + lids[_OUTER]) / 2
    x = float(off @ along) / (width / 2)
    y = float(off[0] * along[1] - off[1] * along[0]) / (width / 2)
    opening = float(np.linalg.norm(lids[_LOWER] - lids[_UPPER], axis=1).mean()) / width
    return np.array([-x if mirrored else x, y, opening])


def _drawn(gray: Gray, eye: Points, size: tuple[int, int], across: float) -> Gray:
    """The eye set level in the middle of a picture of (width, height), its corners `across` pixels apart."""
    x, y = (eye[0] + eye[3]) / 2
    dx, dy = eye[3] - eye[0]
    matrix = cv2.getRotationMatrix2D((x, y), math.degrees(math.atan2(dy, dx)), across / max(math.hypot(dx, dy), 1.0))
    matrix[:, 2] += size[0] / 2 - x, size[1] / 2 - y
    return np.asarray(cv2.warpAffine(gray, matrix, size), np.uint8)
