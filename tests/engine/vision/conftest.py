"""Two people whose photographs are free to use, and scenes made of them."""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import matplotlib.cbook
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from proctor_engine.vision import Reference, enrol

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="session")
def astronaut() -> Pixels:
    """Eileen Collins (NASA, public domain), 512x512, the face about 90 pixels wide at (220, 120)."""
    return np.ascontiguousarray(skimage.data.astronaut())


@pytest.fixture(scope="session")
def hopper() -> Pixels:
    """Grace Hopper (US Navy, public domain), 512x600."""
    file = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    return np.ascontiguousarray(cv2.imread(str(file))[:, :, ::-1])


@pytest.fixture(scope="session")
def reference(astronaut: Pixels) -> Reference:
    return enrol([astronaut])


@pytest.fixture(scope="session")
def scene(astronaut: Pixels, hopper: Pixels) -> Callable[..., Pixels]:
    """`scene(("astronaut", x, y, width), …, seed=0)`: 640x480, a grained wall, faces of that width centred there."""
    people = {"astronaut": (astronaut, (220, 122), 92.0), "hopper": (hopper, (245, 180), 170.0)}
    wall = np.full((480, 640, 3), 150, np.float32)
    cv2.rectangle(wall, (430, 40), (610, 200), (105, 120, 130), -1)

    def build(*sitters: tuple[str, int, int, int], seed: int = 0, light: float = 1.0) -> Pixels:
        picture = wall.copy()
        for name, x, y, width in sitters:
            photograph, (face_x, face_y), face_width = people[name]
            scale = width / face_width
            place = np.array([[scale, 0, x - scale * face_x], [0, scale, y - scale * face_y]])
            drawn = cv2.warpAffine(photograph, place, (640, 480), flags=cv2.INTER_AREA)
            shape = np.zeros((480, 640), np.uint8)
            cv2.ellipse(shape, (x, y), (round(0.8 * width), round(1.05 * width)), 0, 0, 360, 255, -1)
            shape = cv2.GaussianBlur(shape, (0, 0), 2)[..., None] / 255.0
            picture = drawn * shape + picture * (1 - shape)
        noise = np.random.default_rng(seed).normal(0, 2, picture.shape)
        return np.clip(picture * light + noise, 0, 255).astype(np.uint8)

    return build


@pytest.fixture(scope="session")
def face_recognition() -> Iterator[Any]:
    """The package whose results ours must equal. It asks for `pkg_resources`, which setuptools no longer has."""
    shim = types.ModuleType("pkg_resources")

    def resource_filename(package: str, path: str) -> str:
        spec = importlib.util.find_spec(package)
        assert spec is not None
        assert spec.submodule_search_locations
        return str(Path(spec.submodule_search_locations[0], path))

    shim.resource_filename = resource_filename  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pkg_resources", shim)
        yield pytest.importorskip("face_recognition")
