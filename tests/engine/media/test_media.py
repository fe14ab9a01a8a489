"""Videos, folders and pictures as one stream; broken ones give an error or what is left of them, never a crash."""

from __future__ import annotations

import io
import itertools
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from proctor_engine.configuration import Configuration, MediaSettings
from proctor_engine.errors import MediaError
from proctor_engine.media import SAMPLE_RATE, Frame, Sound, open_source, read_picture
from proctor_engine.media.video import _SoundTrack


@pytest.fixture(scope="module")
def media(configuration: Configuration) -> MediaSettings:
    return configuration.media


def film(path: Path, *, rate: int = 10, seconds: int = 4, size: tuple[int, int] = (64, 48), sound: bool = True) -> Path:
    """Each frame as bright as its number; 440 Hz at 44.1 kHz in stereo beside it."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=rate)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = container.add_stream("aac", rate=44_100, layout="stereo") if sound else None
        for number in range(rate * seconds):
            pixels = np.full((size[1], size[0], 3), number * 6 % 256, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio:
            wave = 0.5 * np.sin(2 * np.pi * 440 * np.arange(44_100 * seconds) / 44_100)
            block = av.AudioFrame.from_ndarray(np.stack([wave, wave]).astype(np.float32), "fltp", "stereo")
            block.sample_rate, block.pts, block.time_base = 44_100, 0, Fraction(1, 44_100)
            container.mux(audio.encode(block))
            container.mux(audio.encode(None))
    return path


def frames_of(path: Path, media: MediaSettings) -> list[Frame]:
    return [item for item in open_source(path, media).stream() if isinstance(item, Frame)]


@pytest.mark.parametrize("wanted", [0.5, 1, 2, 5, 10])
def test_a_video_is_thinned_to_the_rate_asked_for(tmp_path: Path, media: MediaSettings, wanted: float) -> None:
    path = film(tmp_path / "film.mp4")
    frames = frames_of(path, media.model_copy(update={"frames_per_second": wanted}))
    assert [frame.time for frame in frames] == pytest.approx([number / wanted for number in range(int(4 * wanted))])
    assert frames[0].pixels.shape == (48, 64, 3)


def test_a_slow_video_gives_every_frame(tmp_path: Path, media: MediaSettings) -> None:
    frames = frames_of(film(tmp_path / "slow.mp4", rate=1), media)
    assert [frame.time for frame in frames] == pytest.approx([0, 1, 2, 3])


def test_sound_comes_as_16_khz_mono_without_gaps(tmp_path: Path, media: MediaSettings) -> None:
    sounds = [item for item in open_source(film(tmp_path / "film.mp4"), media).stream() if isinstance(item, Sound)]
    samples = np.concatenate([np.frombuffer(sound.pcm, "<i2") for sound in sounds])
    assert len(samples) / SAMPLE_RATE == pytest.approx(4, abs=0.1)
    assert np.sqrt(np.mean(np.square(samples / 32768.0))) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)
    for before, after in itertools.pairwise(sounds):
        assert after.time == pytest.approx(before.time + len(before.pcm) / 2 / SAMPLE_RATE, abs=0.01)


def test_a_microphone_changed_during_the_exam_is_still_heard() -> None:
    track = _SoundTrack()
    heard = 0
    for rate, layout, number in ((44_100, "stereo", 0), (48_000, "mono", 1)):
        channels = 2 if layout == "stereo" else 1
        block = av.AudioFrame.from_ndarray(np.zeros((channels, rate), np.float32), "fltp", layout)
        block.sample_rate, block.pts, block.time_base = rate, number * rate, Fraction(1, rate)
        heard += sum(len(sound.pcm) // 2 for sound in track.follow(block, 0.0))
    assert heard == pytest.approx(2 * SAMPLE_RATE, rel=0.05)


def test_a_bare_stream_without_times_is_timed_by_its_rate(tmp_path: Path, media: MediaSettings) -> None:
    path = tmp_path / "bare.m4v"
    with av.open(str(path), "w", format="m4v") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        for number in range(50):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number * 5, np.uint8), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    times = [frame.time for frame in frames_of(path, media)]
    assert times == pytest.approx([0, 0.5, 1, 1.5], abs=0.05)
    assert {type(time) for time in times} == {float}  # a fraction cannot be printed before Python 3.12


def test_large_frames_are_shrunk_and_larger_ones_refused(tmp_path: Path, media: MediaSettings) -> None:
    path = film(tmp_path / "film.mp4", size=(320, 160), seconds=1)
    small = media.model_copy(update={"longest_side": 100})
    assert frames_of(path, small)[0].pixels.shape == (50, 100, 3)
    with pytest.raises(MediaError, match="320x160 pixels a frame"):
        open_source(path, media.model_copy(update={"largest_frame": 1000}))


def test_a_frame_that_grows_in_the_middle_of_a_video_is_left_out(tmp_path: Path, media: MediaSettings) -> None:
    path = tmp_path / "film.avi"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mjpeg", rate=1)
        video.width, video.height, video.pix_fmt = 64, 48, "yuvj420p"
        for luma in (40, 120, 200):
            picture = np.full((48, 64, 3), luma, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode(None))
    data = bytearray(path.read_bytes())
    second = data.index(b"\xff\xc0", data.index(b"\xff\xc0") + 2)
    data[second + 5 : second + 9] = (9000).to_bytes(2, "big") * 2
    path.write_bytes(data)
    source = open_source(path, media)
    frames = [item for item in source.stream() if isinstance(item, Frame)]
    assert [frame.pixels.shape for frame in frames] == [(48, 64, 3)] * 2
    assert source.damaged == 1


def test_a_phone_held_upright_gives_an_upright_picture(tmp_path: Path, media: MediaSettings) -> None:
    path = film(tmp_path / "film.mp4", seconds=1, sound=False)
    lying = frames_of(path, media)[0].pixels
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 44
    data[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    upright = frames_of(path, media)[0].pixels
    assert (lying.shape, upright.shape) == ((48, 64, 3), (64, 48, 3))
    assert (upright == np.rot90(lying, -1)).all()


def test_sound_alone_is_no_video(tmp_path: Path, media: MediaSettings) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=16_000, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.int16), "s16", "mono")
        block.sample_rate = 16_000
        container.mux(stream.encode(block))
    with pytest.raises(MediaError, match="no picture track"):
        open_source(path, media)


def test_a_truncated_video_gives_what_is_left(tmp_path: Path, media: MediaSettings) -> None:
    whole = film(tmp_path / "film.mkv").read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole[: len(whole) // 2])
    assert 1 <= len(frames_of(cut, media)) < 8


def test_a_folder_is_read_in_the_order_of_its_numbers(tmp_path: Path, media: MediaSettings) -> None:
    for number in (1, 2, 10):
        Image.new("L", (40, 30), number * 20).save(tmp_path / f"frame{number}.png")
    (tmp_path / "frame3.png").write_bytes(b"damaged")
    (tmp_path / "notes.txt").write_text("not a frame")
    source = open_source(tmp_path, media)
    frames = [item for item in source.stream() if isinstance(item, Frame)]
    assert [(frame.time, int(frame.pixels[0, 0, 0])) for frame in frames] == [(0.0, 20), (1.0, 40), (3.0, 200)]
    assert source.damaged == 1


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [("RGB", "jpg"), ("CMYK", "jpg"), ("L", "png"), ("I;16", "png"), ("RGBA", "png"), ("P", "gif"), ("1", "bmp")],
)
def test_pictures_of_any_colour_model(tmp_path: Path, mode: str, suffix: str) -> None:
    path = tmp_path / f"picture.{suffix}"
    Image.new(mode, (50, 40)).save(path)
    pixels = read_picture(path)
    assert (pixels.shape, pixels.dtype) == ((40, 50, 3), np.uint8)


def test_an_animation_counts_with_its_first_picture_and_a_wrong_suffix_is_no_matter(tmp_path: Path) -> None:
    animated = tmp_path / "animated.jpg"
    red, blue = Image.new("RGB", (40, 40), "red"), Image.new("RGB", (40, 40), "blue")
    red.save(animated, "GIF", save_all=True, append_images=[blue])
    assert tuple(read_picture(animated)[0, 0]) == (255, 0, 0)


def test_a_small_file_that_unfolds_to_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (40_000, 40_000)).save(path)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(MediaError, match=r"bomb\.png: "):
        read_picture(path)


def test_a_tiny_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dot.png"
    Image.new("RGB", (1, 1)).save(path)
    with pytest.raises(MediaError, match=r"dot\.png: 1x1"):
        read_picture(path)


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("originals")
    noisy = np.random.default_rng(1).integers(0, 255, (48, 64, 3)).astype(np.uint8)
    jpeg, png = io.BytesIO(), io.BytesIO()
    Image.fromarray(noisy).save(jpeg, "JPEG")
    Image.fromarray(noisy).save(png, "PNG")
    return {
        "film.mp4": film(folder / "film.mp4", seconds=2).read_bytes(),
        "film.mkv": film(folder / "film.mkv", seconds=2).read_bytes(),
        "picture.jpg": jpeg.getvalue(),
        "picture.png": png.getvalue(),
    }


@given(
    name=st.sampled_from(["film.mp4", "film.mkv", "picture.jpg", "picture.png"]),
    keep=st.floats(0, 1),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=40),
    suffix=st.sampled_from(["", ".mp4", ".jpg", ".gif", ".webm"]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_damaged_files_give_frames_or_an_error(
    originals: dict[str, bytes],
    media: MediaSettings,
    tmp_path: Path,
    name: str,
    keep: float,
    changes: list[tuple[float, int]],
    suffix: str,
) -> None:
    data = bytearray(originals[name][: int(len(originals[name]) * keep)])
    for place, value in changes:
        if data:
            data[int(place * len(data))] = value
    path = tmp_path / (name + suffix)
    path.write_bytes(data)
    items, message = [], f"{path}: nothing said"
    try:
        items = list(itertools.islice(open_source(path, media).stream(), 200))
    except MediaError as error:
        message = str(error)
    assert message.startswith(str(path))
    assert "\n" not in message
    frames = [item.pixels for item in items if isinstance(item, Frame)]
    assert all(pixels.dtype == np.uint8 and max(pixels.shape) <= media.longest_side for pixels in frames)
