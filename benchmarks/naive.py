"""What one would write today: `face_recognition` on every frame. The other side of each comparison."""

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path
from typing import Any

from benchmarks.scenes import Pixels


def face_recognition() -> Any:
    """The package. It asks for `pkg_resources`, which setuptools no longer has, so that gets a stand-in."""
    if "pkg_resources" not in sys.modules:
        shim: Any = types.ModuleType("pkg_resources")
        shim.resource_filename = lambda package, path: str(Path(_folder(package), path))
        sys.modules["pkg_resources"] = shim
    import face_recognition

    return face_recognition


def measure(frame: Pixels) -> list[tuple[int, int, int, int]]:
    """Places, landmarks and embeddings of all faces; detection is not repeated. Returns (top, right, bottom, left)."""
    library = face_recognition()
    places: list[tuple[int, int, int, int]] = library.face_locations(frame)
    if places:
        library.face_landmarks(frame, places)
        library.face_encodings(frame, places)
    return places


def _folder(package: str) -> str:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{package} is not installed: pip install {package.replace('_', '-')}")
    return spec.submodule_search_locations[0]
