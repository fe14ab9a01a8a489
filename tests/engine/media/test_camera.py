"""A camera, played by a stand-in: this machine may have none."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from proctor_engine.cli import main
from proctor_engine.configuration import Configuration
from proctor_engine.errors import MediaError
from proctor_engine.media import Camera, Frame


class Device:
    """Gives five blue frames, as OpenCV orders colours, and is then unplugged."""

    released = False

    def __init__(self, number: int) -> None:
        self._left = 5 if number == 0 else 0

    def isOpened(self) -> bool:  # noqa: N802  # OpenCV's name
        return self._left > 0

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        self._left -= 1
        if self._left < 0:
            return False, None
        return True, np.full((48, 64, 3), (255, 0, 0), np.uint8)

    def release(self) -> None:
        Device.released = True


@pytest.fixture(autouse=True)
def device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cv2.VideoCapture", Device)
    monkeypatch.setattr(Device, "released", False)


def test_a_camera_gives_frames_until_it_ends_and_is_let_go(configuration: Configuration) -> None:
    media = configuration.media.model_copy(update={"frames_per_second": 60.0})
    frames = [item for item in Camera(0, media).stream() if isinstance(item, Frame)]
    assert 1 <= len(frames) <= 5
    assert [frame.time for frame in frames] == sorted({frame.time for frame in frames})
    assert tuple(frames[0].pixels[0, 0]) == (0, 0, 255)
    assert Device.released


def test_no_camera_is_said(configuration: Configuration) -> None:
    with pytest.raises(MediaError, match="camera 3: cannot be opened"):
        Camera(3, configuration.media)


def test_analyze_watches_a_camera() -> None:
    result = CliRunner().invoke(main, ["analyze", "--camera", "0", "--seconds", "5"])
    assert result.exit_code == 0
    assert "score 0 of 100: Clean" in result.output
