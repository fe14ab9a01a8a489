"""The demo's camera: a clip composed at run time from photographs that ship inside dependencies.

A student sits at a desk, leaves, comes back, is joined by a second person, is replaced by her, and covers the lens:
five incidents, each at a time we know. Nothing moves like a film, but nothing stands still either: people sway, and
every frame has a sensor's noise.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import pi, sin
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

Pixels = NDArray[np.uint8]

WIDTH, HEIGHT = 640, 480
FRAMES_PER_SECOND = 10
SAMPLE_RATE = 16_000
SLIDE = 0.6
"""Seconds in which somebody comes into the picture or leaves it."""


@dataclass(frozen=True)
class Act:
    """What the camera sees for some seconds; `warning` is the incident that this is, if it is one."""

    seconds: float
    people: tuple[str, ...] = ()
    covered: bool = False
    warning: str | None = None


PLAN: tuple[Act, ...] = (
    Act(8, ("student",)),
    Act(6, (), warning="warning_no_user_in_frame"),
    Act(6, ("student",)),
    Act(8, ("student", "visitor"), warning="warning_extra_user_in_frame"),
    Act(6, ("student",)),
    Act(9, ("stranger",), warning="warning_substitution_user"),
    Act(6, ("student",)),
    Act(5, ("student",), covered=True, warning="warning_camera_no_picture"),
    Act(5, ("student",)),
    Act(6, (), warning="warning_no_user_in_frame"),
    Act(5, ("student",)),
)


@dataclass(frozen=True)
class Label:
    """An incident that the clip contains, in seconds since its start."""

    warning: str
    start: float
    end: float


def duration(plan: tuple[Act, ...] = PLAN) -> float:
    """Seconds."""
    return sum(act.seconds for act in plan)


def labels(plan: tuple[Act, ...] = PLAN) -> list[Label]:
    """The plan's incidents. Somebody who slides in or out does so in the middle of the change."""
    found, start = [], 0.0
    for act in plan:
        if act.warning:
            found.append(Label(act.warning, start, start + act.seconds))
        start += act.seconds
    return found


@dataclass(frozen=True)
class _Place:
    """Where somebody sits: the photograph, its height in the picture and the middle of its lower edge, in pixels.

    `narrowed` takes from its width. dlib finds the only two people we have unusually alike; this sets them apart.
    """

    photograph: str
    height: int
    x: int
    hidden_x: int
    narrowed: float = 1.0


_PLACES = {
    "student": _Place("astronaut", 440, 380, 960),
    "visitor": _Place("hopper", 300, 90, -220, 0.86),
    "stranger": _Place("hopper", 440, 320, -320, 0.86),
}


_OUTLINES = {
    "astronaut": (
        *((22, 430), (28, 330), (45, 250), (108, 215), (118, 175), (170, 150), (150, 100), (160, 50), (200, 20)),
        *((245, 12), (285, 38), (304, 90), (290, 128), (262, 150), (305, 210), (350, 270), (362, 350), (290, 430)),
    ),
    "hopper": (
        *((18, 560), (38, 400), (180, 340), (190, 295), (152, 215), (146, 130), (175, 60), (210, 30), (265, 20)),
        *((320, 34), (354, 85), (372, 130), (378, 200), (350, 280), (342, 322), (482, 385), (511, 440), (511, 560)),
    ),
}
"""The people's rough outlines in the photographs, in pixels."""


@cache
def _cutout(name: str) -> Pixels:
    """(height, width, 4): a person without what is behind her."""
    photograph = _photograph(name)
    outline = np.zeros(photograph.shape[:2], np.uint8)
    cv2.fillPoly(outline, [np.array(_OUTLINES[name], np.int32)], 1)
    mask = np.full(outline.shape, cv2.GC_BGD, np.uint8)
    mask[cv2.dilate(outline, np.ones((21, 21), np.uint8)) == 1] = cv2.GC_PR_BGD
    mask[outline == 1] = cv2.GC_PR_FGD
    mask[cv2.erode(outline, np.ones((31, 31), np.uint8)) == 1] = cv2.GC_FGD
    cv2.setRNGSeed(1)
    cv2.grabCut(photograph, mask, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
    person = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8) * 255
    opened = cv2.morphologyEx(person, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    return np.dstack([photograph, cv2.GaussianBlur(opened, (0, 0), 1.2)]).astype(np.uint8)


def _photograph(name: str) -> Pixels:
    if name == "astronaut":
        return np.ascontiguousarray(_astronaut()[:430])
    stored = files("matplotlib").joinpath("mpl-data/sample_data/grace_hopper.jpg").read_bytes()
    photograph = Image.open(io.BytesIO(stored)).convert("RGB")
    return np.ascontiguousarray(np.asarray(photograph, np.uint8)[:560])


def _astronaut() -> Pixels:
    """(512, 512, 3)."""
    return np.asarray(Image.open(io.BytesIO(files("skimage").joinpath("data/astronaut.png").read_bytes())), np.uint8)


@cache
def _room() -> NDArray[np.float32]:
    """(height, width, 3): a wall, a window's light, a shelf and a door frame."""
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    light = 150 + 60 * np.exp(-((across - 520) ** 2 + (down - 90) ** 2) / 50_000) - 0.08 * down
    room = np.dstack([light * 1.02, light * 0.98, light * 0.90])
    for x, width, colour in ((60, 26, (120, 70, 60)), (90, 18, (60, 90, 120)), (112, 30, (150, 140, 90))):
        room[150:250, x : x + width] = colour
    room[250:262, 30:190] = (110, 85, 60)
    room[:, 600:612] = (95, 80, 65)
    return np.asarray(cv2.GaussianBlur(room, (0, 0), 1.2), np.float32)


def frames(plan: tuple[Act, ...] = PLAN, rate: int = FRAMES_PER_SECOND, seed: int = 7) -> Iterator[Pixels]:
    """RGB frames of shape (480, 640, 3), `rate` a second."""
    noise = np.random.default_rng(seed).normal(0, 3, (8, HEIGHT, WIDTH, 3)).astype(np.float32)
    starts = np.cumsum([0.0, *(act.seconds for act in plan)])
    for number in range(round(duration(plan) * rate)):
        time = number / rate
        current = int(np.searchsorted(starts, time, side="right")) - 1
        if plan[current].covered:
            picture = np.full((HEIGHT, WIDTH, 3), (28, 16, 14), np.float32)
        else:
            picture = _scene(plan, starts, time)
        picture += noise[number % len(noise)]
        yield np.clip(picture, 0, 255).astype(np.uint8)


def _scene(plan: tuple[Act, ...], starts: NDArray[np.float64], time: float) -> NDArray[np.float32]:
    picture = _room() * (1 + 0.01 * sin(time * 0.7))
    for number, (person, place) in enumerate(_PLACES.items()):
        share = _presence(person, plan, starts, time)
        if share > 0:
            sway = 5 * sin(2 * pi * time / 7 + number) + 2 * sin(2 * pi * time / 2.3)
            x = place.hidden_x + (place.x - place.hidden_x) * share + sway
            _paste(picture, place, x, 2 * sin(2 * pi * time / 4.1 + number), 1.5 * sin(2 * pi * time / 9 + number))
    return picture


def _presence(person: str, plan: tuple[Act, ...], starts: NDArray[np.float64], time: float) -> float:
    """0 out of the picture, 1 in place, between them while sliding. A change is halfway when the act begins."""
    half = SLIDE / 2
    for (before, after), change in zip(pairwise(plan), starts[1:], strict=False):
        was, will = person in before.people, person in after.people
        if was != will and abs(time - change) < half:
            done = float(time - change + half) / SLIDE
            return done if will else 1 - done
    current = int(np.searchsorted(starts, time, side="right")) - 1
    return float(person in plan[current].people)


def _paste(picture: NDArray[np.float32], place: _Place, x: float, y: float, degrees: float) -> None:
    person = _cutout(place.photograph)
    scale = place.height / person.shape[0]
    turn = cv2.getRotationMatrix2D((person.shape[1] / 2, person.shape[0]), degrees, scale)
    turn[0] *= place.narrowed
    turn[:, 2] += (x - place.narrowed * person.shape[1] / 2, HEIGHT + 6 + y - person.shape[0])
    moved = cv2.warpAffine(person, turn, (WIDTH, HEIGHT), flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    alpha = moved[..., 3:].astype(np.float32) / 255
    picture *= 1 - alpha
    picture += alpha * moved[..., :3]


def profile_picture() -> bytes:
    """A JPEG of the student as an institution would have it: another crop, in other light, and smaller."""
    portrait = Image.fromarray(_astronaut()).crop((60, 0, 400, 340)).resize((300, 300))
    lighter = ImageEnhance.Color(ImageEnhance.Brightness(portrait).enhance(1.12)).enhance(0.9)
    stored = io.BytesIO()
    lighter.save(stored, "JPEG", quality=85)
    return stored.getvalue()


def room_noise(plan: tuple[Act, ...] = PLAN, seed: int = 7) -> NDArray[np.int16]:
    """What the microphone hears, 16 kHz mono: a quiet room at about -60 dBFS, and nobody speaks."""
    samples = round(duration(plan) * SAMPLE_RATE)
    return np.asarray(np.random.default_rng(seed).normal(0, 32, samples).round(), np.int16)


def write_clip(path: Path, plan: tuple[Act, ...] = PLAN, rate: int = FRAMES_PER_SECOND) -> None:
    """A film with sound (H.264 and AAC) as a recorded exam would be; the name should end in .mp4."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=rate, options={"crf": "23", "preset": "veryfast", "threads": "1"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        for number, pixels in enumerate(frames(plan, rate)):
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        sound = av.AudioFrame.from_ndarray(room_noise(plan)[None, :], "s16", "mono")
        sound.sample_rate, sound.pts, sound.time_base = SAMPLE_RATE, 0, Fraction(1, SAMPLE_RATE)
        container.mux(audio.encode(sound))
        container.mux(audio.encode(None))


def write_fake_camera(path: Path, plan: tuple[Act, ...] = PLAN, rate: int = FRAMES_PER_SECOND) -> None:
    """What Chromium's `--use-file-for-fake-video-capture` reads: by its name, `.mjpeg` (small) or `.y4m` (exact)."""
    if path.suffix == ".y4m":
        with path.open("wb") as file:
            file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{rate}:1 Ip A1:1 C420jpeg\n".encode())
            for pixels in frames(plan, rate):
                file.write(b"FRAME\n" + cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV_I420).tobytes())
    else:
        with path.open("wb") as file:
            for pixels in frames(plan, rate):
                file.write(encode_jpeg(pixels))


def write_fake_microphone(path: Path, plan: tuple[Act, ...] = PLAN) -> None:
    """What Chromium's `--use-file-for-fake-audio-capture` reads: a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(room_noise(plan).astype("<i2").tobytes())


def encode_jpeg(pixels: Pixels, quality: int = 85) -> bytes:
    """A camera frame as a browser would send it."""
    return cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])[
        1
    ].tobytes()
