"""`proctor-engine bench`: what this machine can watch. The comparisons are in benchmarks/."""

from __future__ import annotations

import io
import json
import time
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WARM_UP = 5
_FRAMES = 60
_QUALITY = 85


@click.command()
@click.argument("video", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print an object instead of sentences.")
def bench(video: Path | None, as_json: bool) -> None:
    """Measure processor time at one frame a second, on VIDEO or on a photograph that sways."""
    import numpy as np

    from proctor_engine.analysis import SessionAnalysis
    from proctor_engine.condition import ExamCondition
    from proctor_engine.configuration import default_configuration

    analysis = SessionAnalysis(default_configuration(), ExamCondition())
    frames = _frames_of(video) if video else _swaying()
    spent = []
    for second, jpeg in enumerate(frames):
        start = time.process_time()
        analysis.feed_frame(jpeg, float(second))
        spent.append(time.process_time() - start)
    measured = 1000 * float(np.mean(spent[_WARM_UP:] or spent))
    noise = np.random.default_rng(1).normal(0, 300, 16_000 * 30).astype("<i2")
    analysis.feed_audio(noise[:16_000].tobytes(), 0.0)
    start = time.process_time()
    analysis.feed_audio(noise[16_000:].tobytes(), 1.0)
    sound = 1000 * (time.process_time() - start) / 29
    candidates = int(1000 / (measured + sound))
    if as_json:
        result = {
            "frames": len(spent),
            "frame_ms": round(measured, 2),
            "sound_ms_per_second": round(sound, 2),
            "candidates_per_core": candidates,
        }
        click.echo(json.dumps(result))
        return
    click.echo(f"{measured:.1f} ms of one core a frame (decoding included, {len(spent)} frames, a second apart)")
    click.echo(f"{sound:.1f} ms a second of sound")
    click.echo(f"about {candidates} candidates a core at one frame a second, before network and storage")


def _frames_of(video: Path) -> list[bytes]:
    from proctor_engine.configuration import default_configuration
    from proctor_engine.media import Frame, open_source

    settings = default_configuration().media.model_copy(update={"frames_per_second": 1.0})
    source = open_source(video, settings)
    frames = (item for item in source.stream() if isinstance(item, Frame))
    return [_encoded(frame.pixels) for frame in islice(frames, _FRAMES)]


def _swaying() -> list[bytes]:
    """The portrait that comes with matplotlib, at a webcam's size, moved a little from frame to frame."""
    import cv2
    import numpy as np
    from PIL import Image

    stored = files("matplotlib").joinpath("mpl-data/sample_data/grace_hopper.jpg").read_bytes()
    portrait = np.asarray(Image.open(io.BytesIO(stored)).convert("RGB"), np.uint8)
    rng = np.random.default_rng(1)
    frames = []
    for number in range(_FRAMES):
        turn = cv2.getRotationMatrix2D((256, 220), 3 * np.sin(number / 3), 0.75)
        turn[:, 2] += (64 + 6 * np.sin(number / 2), 20 + 4 * np.cos(number / 5))
        moved = cv2.warpAffine(portrait, turn, (640, 480), borderValue=(150, 148, 140))
        frames.append(_encoded(np.clip(moved + rng.normal(0, 3, moved.shape), 0, 255).astype(np.uint8)))
    return frames


def _encoded(pixels: NDArray[np.uint8]) -> bytes:
    import cv2

    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
