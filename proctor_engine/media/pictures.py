"""Single pictures, and folders in which each picture is a frame."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor_engine.configuration import MediaSettings
from proctor_engine.errors import MediaError
from proctor_engine.media.stream import Frame, Sound
from proctor_engine.vision.errors import ImageError
from proctor_engine.vision.images import decode_image

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"})


def read_picture(path: Path) -> NDArray[np.uint8]:
    """RGB of shape (height, width, 3), upright. Raises MediaError naming the file."""
    try:
        return decode_image(path.read_bytes(), str(path))
    except OSError as error:
        raise MediaError(f"{path}: {error.strerror or error}") from error
    except ImageError as error:
        raise MediaError(str(error)) from error


class Pictures:
    """One picture, or a folder's pictures in the order of their names, numbers counted as numbers.

    A folder's frames lie `1 / folder_frames_per_second` seconds apart. A damaged one is counted and left out.
    """

    def __init__(self, path: Path, settings: MediaSettings) -> None:
        self.name = path.name
        self.kind = "folder" if path.is_dir() else "picture"
        self.damaged = 0
        self._settings = settings
        self._paths = sorted(_pictures_in(path), key=_natural) if path.is_dir() else [path]
        if not self._paths:
            raise MediaError(f"{path}: no picture in the folder ({', '.join(sorted(SUFFIXES))})")
        self.duration: float | None = (len(self._paths) - 1) / settings.folder_frames_per_second

    def stream(self) -> Iterator[Frame | Sound]:
        problem: MediaError | None = None
        for number, path in enumerate(self._paths):
            try:
                pixels = read_picture(path)
            except MediaError as error:
                problem = error
                self.damaged += 1
                continue
            time = round(number / self._settings.folder_frames_per_second, 3)
            yield Frame(time, _no_larger(pixels, self._settings.longest_side))
        if problem and self.damaged == len(self._paths):
            raise problem


def _pictures_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()]


def _natural(path: Path) -> list[tuple[int, str]]:
    """frame2 comes before frame10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path.name)]


def _no_larger(pixels: NDArray[np.uint8], longest_side: int) -> NDArray[np.uint8]:
    shrink = longest_side / max(pixels.shape[:2])
    if shrink >= 1:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
