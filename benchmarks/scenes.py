"""Camera frames with people in them, made from photographs: what the benchmarks watch.

Two people come with other packages and are in the public domain. `--pictures DIR` adds more: a folder for each person,
photographs with one face in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import cv2
import matplotlib.cbook
import numpy as np
import skimage.data
from numpy.typing import NDArray

from proctor_engine.measurements import Box
from proctor_engine.vision.boxes import centre, width
from proctor_engine.vision.detection import detect_reference

Pixels = NDArray[np.uint8]

SIZE = (640, 480)
_LONGEST_SIDE = 900


@dataclass(frozen=True, eq=False)
class Photograph:
    """One picture of one person; `face` is where dlib's detector sees the only face."""

    person: str
    name: str
    pixels: Pixels
    face: Box


def photographs(folder: Path | None = None, narrowest: int = 70) -> list[Photograph]:
    """The packaged ones, and those of the folder with one face at least `narrowest` pixels wide."""
    found = [
        _photograph("collins", "astronaut.png", skimage.data.astronaut(), narrowest),
        _photograph("hopper", "grace_hopper.jpg", _read(Path(_sample("grace_hopper.jpg"))), narrowest),
    ]
    for file in sorted(folder.glob("*/*")) if folder else ():
        pixels = _read(file)
        if pixels is not None:
            found.append(_photograph(file.parent.name, file.name, pixels, narrowest))
    return [photograph for photograph in found if photograph]


def half(pictures: list[Photograph], *, tuned: bool) -> list[Photograph]:
    """The people on whom numbers may be chosen, or those on whom they are reported, by their names' checksums."""
    return [picture for picture in pictures if (sha256(picture.person.encode()).digest()[0] % 2 == 0) == tuned]


def backgrounds() -> list[Pixels]:
    """Rooms, more or less: even walls, and pictures without a face, 640x480."""
    wall = np.full((480, 640, 3), 150, np.uint8)
    cv2.rectangle(wall, (430, 40), (610, 200), (105, 120, 130), -1)
    shelf = np.full((480, 640, 3), (188, 180, 168), np.uint8)
    rng = np.random.default_rng(7)
    for row in range(3):
        for left in range(30, 610, 24):
            colour = tuple(int(c) for c in rng.integers(40, 220, 3))
            cv2.rectangle(shelf, (left, 20 + row * 150), (left + 18, 140 + row * 150), colour, -1)
    pictures = [skimage.data.coffee(), skimage.data.chelsea(), skimage.data.rocket(), skimage.data.brick()]
    coloured = [cv2.cvtColor(p, cv2.COLOR_GRAY2RGB) if p.ndim == 2 else p for p in pictures]
    return [wall, shelf, *(np.asarray(cv2.resize(p, SIZE, interpolation=cv2.INTER_AREA)) for p in coloured)]


def place(
    photograph: Photograph, background: Pixels, face_width: float, at: tuple[float, float], roll: float = 0.0
) -> Pixels:
    """The person's head and shoulders in front of the background, the face's centre at `at`, turned by degrees."""
    middle, factor = centre(photograph.face), face_width / width(photograph.face)
    matrix = cv2.getRotationMatrix2D(middle, -roll, factor)
    matrix[:, 2] += np.subtract(at, middle)
    source = photograph.pixels
    if factor < 0.5:  # warpAffine takes single pixels: without blur a small copy would be jagged
        source = cv2.GaussianBlur(source, (0, 0), 0.4 / factor)
    drawn = cv2.warpAffine(source, matrix, SIZE, flags=cv2.INTER_LINEAR)
    covered = cv2.warpAffine(np.full(source.shape[:2], 255, np.uint8), matrix, SIZE)
    shape = np.zeros(SIZE[::-1], np.uint8)
    x, y = round(at[0]), round(at[1])
    cv2.ellipse(shape, (x, y), (round(0.85 * face_width), round(1.05 * face_width)), 0, 0, 360, 255, -1)
    shoulders = round(1.3 * face_width)
    cv2.rectangle(shape, (x - shoulders, y + round(0.8 * face_width)), (x + shoulders, SIZE[1]), 255, -1)
    soft = cv2.GaussianBlur(np.minimum(shape, covered), (0, 0), max(1.0, 0.03 * face_width)) / np.float32(255)
    return np.asarray(cv2.blendLinear(drawn, background, soft, 1 - soft), np.uint8)


def sitting(seed: int, frames: int, at: tuple[float, float] = (320.0, 235.0)) -> Iterator[tuple[float, float, float]]:
    """A person's face, a frame a second: where it is and how it is turned (x, y, roll). Restless, not wild."""
    rng = np.random.default_rng(seed)
    x, y, roll = *at, 0.0
    goal = at
    for _ in range(frames):
        if rng.random() < 0.15:
            goal = at[0] + rng.normal(0, 35), at[1] + rng.normal(0, 15)
        x += 0.5 * (goal[0] - x) + rng.normal(0, 2)
        y += 0.5 * (goal[1] - y) + rng.normal(0, 1.5)
        roll = 0.7 * roll + rng.normal(0, 3)
        yield x, y, roll


def camera(frame: Pixels, rng: np.random.Generator, noise: float = 3.0, quality: int = 85) -> bytes:
    """The frame as a webcam sends it: with the sensor's noise (standard deviation in luma), as JPEG."""
    return as_jpeg(grainy(frame, rng, noise), quality)


def grainy(frame: NDArray[np.generic], rng: np.random.Generator, noise: float) -> Pixels:
    """With the sensor's noise; `frame` may be of any type, on the scale of 0 to 255."""
    grain = rng.standard_normal(frame.shape, np.float32)
    return np.clip(frame + noise * grain, 0, 255).astype(np.uint8)


def as_jpeg(frame: Pixels, quality: int = 85) -> bytes:
    return bytes(cv2.imencode(".jpg", frame[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def _sample(name: str) -> str:
    return str(matplotlib.cbook.get_sample_data(name, asfileobj=False))


def _read(file: Path) -> Pixels | None:
    data = cv2.imread(str(file))
    return None if data is None else np.ascontiguousarray(data[:, :, ::-1])


def _photograph(person: str, name: str, pixels: Pixels, narrowest: int) -> Photograph | None:
    factor = _LONGEST_SIDE / max(pixels.shape[:2])
    if factor < 1:
        pixels = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    pixels = np.ascontiguousarray(pixels)
    faces = [face.box for face in detect_reference(pixels) if face.score > 0.3]
    if len(faces) != 1 or width(faces[0]) < narrowest:
        return None
    return Photograph(person, name, pixels, faces[0])
