"""The demo's clip, composed once, and values that tests of the engine build on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from demo import clip
from proctor_engine.configuration import Configuration, default_configuration

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def configuration() -> Configuration:
    return default_configuration()


@pytest.fixture(scope="session")
def demo_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "exam.mp4"
    clip.write_clip(path)
    return path


@pytest.fixture(scope="session")
def profile_picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("profile") / "student.jpg"
    path.write_bytes(clip.profile_picture())
    return path
