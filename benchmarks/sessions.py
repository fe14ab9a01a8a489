"""Labelled sessions: half an exam in which everything happens that a proctor looks for, at times that are known.

People come from `benchmarks.scenes`, movements from `benchmarks.expressions`, sound from `benchmarks.voices`. Between
incidents the candidate sits, sways, blinks and reads, holds a hand before the mouth, tilts the head, and the light
changes: what must not be reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sin

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import voices
from benchmarks.expressions import blinking, glancing, looks_ahead, speaking, turned
from benchmarks.scenes import SIZE, Photograph, Pixels, as_jpeg, backgrounds, grainy, place, sitting

KINDS = (
    "absent",
    "extra",
    "behind",
    "substituted",
    "dark",
    "covered",
    "frozen",
    "head_turned",
    "glancing",
    "talking",
    "eyes_closed",
    "photograph",
)
WARNINGS = {
    "absent": "warning_no_user_in_frame",
    "extra": "warning_extra_user_in_frame",
    "behind": "warning_extra_user_in_frame",
    "substituted": "warning_substitution_user",
    "dark": "warning_camera_no_picture",
    "covered": "warning_camera_no_picture",
    "frozen": "warning_camera_no_picture",
    "head_turned": "warning_avert_eyes",
    "glancing": "warning_avert_eyes",
    "talking": "warning_talk",
    "eyes_closed": "warning_avert_eyes",
    "photograph": "warning_substitution_user",
}
_FACE = 165.0
"""Width in pixels of the candidate's face."""
_SECOND_FACE = {"extra": 80.0, "behind": 60.0}
"""The same of a second person's."""
_BLINKING = 0.05
"""Share of the time in which the eyes are shut."""
_TROUBLE_EVERY = 20.0
_TROUBLE_LASTS = 4.0
"""Seconds, at strength 1."""
_TILT = 18.0
"""Degrees, at strength 1."""
_DIMMEST = 0.4
"""Share of the light that is always left."""
_PHASES = 24
"""Pictures of one movement that are bent once and shown again."""


@dataclass(frozen=True)
class Label:
    """Something that happens from `start` to `end`, in seconds."""

    kind: str
    start: float
    end: float

    @property
    def warning(self) -> str:
        return WARNINGS[self.kind]


@dataclass(frozen=True)
class Nuisance:
    """What makes a camera's picture hard: 1 is a mediocre webcam in a mediocre room, 0 neither noise nor movement."""

    strength: float = 1.0
    rate: float = 2.0
    """Frames a second."""
    dropped: float = 0.03
    """Share of the frames that never arrive."""


@dataclass(frozen=True, eq=False)
class Session:
    candidate: Photograph
    profile: Photograph
    """Another photograph of the candidate where there is one, else the same."""
    others: tuple[Photograph, ...]
    labels: tuple[Label, ...]
    duration: float
    nuisance: Nuisance
    seed: int

    def frames(self) -> Iterator[tuple[float, bytes]]:
        """Times in seconds and JPEGs of 640x480."""
        return _Film(self).frames()

    def sound(self) -> bytes:
        """The room, a voice while somebody talks, keys in between; 16 kHz, 16 bits, mono."""
        rng = np.random.default_rng(self.seed + 1)
        sound = voices.room(self.duration, rng)
        for label in self.labels:
            start, end = (round(time * voices.SAMPLE_RATE) for time in (label.start, label.end))
            if label.kind == "talking":
                sound[start:end] += voices.voice((end - start) / voices.SAMPLE_RATE, rng)
            elif label.kind == "absent":
                sound[start:end] += voices.typing((end - start) / voices.SAMPLE_RATE, rng)
        return voices.as_pcm(sound)


def compose(photographs: list[Photograph], seed: int, nuisance: Nuisance, kinds: tuple[str, ...] = KINDS) -> Session:
    """A session in which each of `kinds` happens once, in random order; none makes a clean session as long.

    The candidate is somebody whose photograph looks ahead, where there is one: bent, others would look nowhere.
    """
    rng = np.random.default_rng(seed)
    people = _first_of_each(photographs)
    candidates = [photograph for photograph in people if looks_ahead(photograph)] or people
    candidate = candidates[int(rng.integers(len(candidates)))]
    profile = [other for other in photographs if other.person == candidate.person][-1]
    others = [people[number] for number in rng.permutation(len(people)) if people[number].person != candidate.person]
    time, labels = float(rng.uniform(15, 25)), []
    for kind in rng.permutation(list(kinds)):
        length = float(rng.uniform(7, 14)) if kind != "photograph" else 25.0
        labels.append(Label(str(kind), round(time, 2), round(time + length, 2)))
        time += length + float(rng.uniform(12, 22))
    if not kinds:
        time = 300.0
    return Session(candidate, profile, tuple(others), tuple(labels), round(time, 2), nuisance, seed)


class _Film:
    """Draws a session frame by frame."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rng = np.random.default_rng(session.seed)
        rooms = backgrounds()
        self._room = rooms[int(self._rng.integers(len(rooms)))]
        self._aside = float(self._rng.choice([-1, 1]))
        self._bent: dict[tuple[str, int], Photograph] = {}
        self._last: Pixels | None = None

    def frames(self) -> Iterator[tuple[float, bytes]]:
        session, nuisance = self._session, self._session.nuisance
        count = int(session.duration * nuisance.rate)
        poses = list(sitting(session.seed, int(session.duration) + 2))
        for number in range(count):
            time = number / nuisance.rate
            kind = next((label.kind for label in session.labels if label.start <= time < label.end), None)
            sent = self._send(self._draw(kind, time, _between(poses, time)), kind, time)
            if self._rng.random() >= nuisance.dropped:
                yield round(time, 3), sent

    def _trouble(self, time: float) -> str | None:
        """Every so often, for a few seconds, something innocent that makes the face hard to see; not at once."""
        number, since = divmod(time, _TROUBLE_EVERY)
        if number == 0 or since >= _TROUBLE_LASTS * self._session.nuisance.strength:
            return None
        return str(np.random.default_rng((self._session.seed, int(number))).choice(["hand", "tilt", "dim"]))

    def _draw(self, kind: str | None, time: float, pose: tuple[float, float, float]) -> Pixels:
        strength = self._session.nuisance.strength
        x, y = 320 + (pose[0] - 320) * strength, 235 + (pose[1] - 235) * strength
        roll = pose[2] * strength
        trouble = self._trouble(time)
        if trouble == "tilt":
            roll += self._aside * _TILT * strength
        if kind == "absent":
            return self._room
        if kind == "photograph":
            return self._held_up(time)
        if kind == "substituted":
            return place(self._session.others[0], self._room, _FACE, (x, y), roll)
        drawn = self._room
        if kind in _SECOND_FACE:
            second = self._session.others[-1]
            drawn = place(
                second, drawn, _SECOND_FACE[kind], (320 - self._aside * 215, 170 + 10 * sin(time)), 4 * sin(time / 2)
            )
        drawn = place(self._candidate(kind, time), drawn, _FACE, (x, y), roll)
        if trouble == "hand" and kind != "talking":
            hand = (round(0.34 * _FACE), round(0.2 * _FACE * min(1.5, strength)))
            cv2.ellipse(drawn, (round(x), round(y + 0.36 * _FACE)), hand, 12, 0, 360, (196, 150, 126), -1, cv2.LINE_AA)
        return drawn

    def _candidate(self, kind: str | None, time: float) -> Photograph:
        person = self._session.candidate
        phase = int(time * 10) % _PHASES
        if kind == "head_turned":
            return self._once(kind, 0, lambda: turned(person, self._aside * 33))
        if kind == "glancing":
            return self._once(kind, 0, lambda: glancing(person, self._aside * 0.25))
        if kind == "eyes_closed":
            return self._once(kind, 0, lambda: blinking(person))
        if kind == "talking":
            opening = float(np.random.default_rng(phase).uniform(0.02, 0.4))
            return self._once(kind, phase, lambda: speaking(person, opening))
        if self._rng.random() < _BLINKING:
            return self._once("blink", 0, lambda: blinking(person))
        slight = (0.0, 8.0, -8.0, 0.0)[int(time / 3) % 4]
        return self._once("reading", int(slight), lambda: turned(person, slight) if slight else person)

    def _once(self, kind: str, phase: int, bend: object) -> Photograph:
        key = kind, phase
        if key not in self._bent:
            assert callable(bend)  # noqa: S101
            self._bent[key] = bend()
        return self._bent[key]

    def _held_up(self, time: float) -> Pixels:
        """A print of the candidate in front of the lens: it moves as a whole, and its edges show."""
        printed = place(self._session.candidate, np.full_like(self._room, 235), 190, (320, 240))[40:440, 120:520]
        turn = cv2.getRotationMatrix2D((200, 200), 4 * sin(time), 1 + 0.03 * sin(time / 1.7))
        turn[:, 2] += (120 + 8 * sin(time * 1.3), 40 + 6 * sin(time * 0.9))
        drawn = self._room.copy()
        cv2.warpAffine(printed, turn, SIZE, drawn, borderMode=cv2.BORDER_TRANSPARENT)
        return drawn

    def _send(self, picture: Pixels, kind: str | None, time: float) -> bytes:
        strength = self._session.nuisance.strength
        if kind == "frozen" and self._last is not None:
            return as_jpeg(self._last)
        light = 1 - 0.12 * strength * (1 + sin(time / 40))
        if self._trouble(time) == "dim":
            light *= max(_DIMMEST, 1 - 0.45 * strength)
        lit = picture * np.float32(light)
        if kind == "dark":
            lit = picture * np.float32(0.05)
        elif kind == "covered":
            lit = np.full_like(picture, (42, 20, 16))
        self._last = grainy(lit, self._rng, 4 * strength)
        return as_jpeg(self._last, int(85 - 25 * min(1.6, strength)))


def _between(poses: list[tuple[float, float, float]], time: float) -> tuple[float, float, float]:
    """Where the person is between two whole seconds."""
    second = int(time)
    near, far = np.array(poses[second]), np.array(poses[second + 1])
    x, y, roll = near + (far - near) * (time - second)
    return float(x), float(y), float(roll)


def _first_of_each(photographs: list[Photograph]) -> list[Photograph]:
    first: dict[str, Photograph] = {}
    for photograph in photographs:
        first.setdefault(photograph.person, photograph)
    return list(first.values())


def reference_of(session: Session) -> NDArray[np.uint8]:
    """The candidate's profile picture, in other light and smaller, (height, width, 3)."""
    smaller = cv2.resize(session.profile.pixels, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    return np.clip(smaller * 0.85 + 12, 0, 255).astype(np.uint8)
