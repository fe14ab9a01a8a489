"""Sounds for labelled sessions, made by arithmetic: a room, a hum, key clicks, and something like a voice.

The voice is a train of pulses through the resonances of changing vowels, syllable by syllable. It says nothing, but a
detector of speech takes it for speech most of the time; recordings of people are a harder and better test.
"""

from __future__ import annotations

from math import cos, exp, pi

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
Sound = NDArray[np.float64]
"""Samples of 16 kHz mono sound, full scale at 32768."""

_VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (570, 840, 2410), (530, 1840, 2480), (300, 870, 2240))
"""First three resonances in Hz: a, i, o, e, u."""
_BANDWIDTHS = (80, 100, 140)
_LOUDNESSES = (1.0, 0.6, 0.3)
_SYLLABLE = SAMPLE_RATE * 5 // 32


def room(seconds: float, rng: np.random.Generator, rms: float = 32.0) -> Sound:
    """Noise at about -60 dBFS, as a quiet room's microphone gives it."""
    return rng.normal(0, rms, round(seconds * SAMPLE_RATE))


def hum(seconds: float, rng: np.random.Generator) -> Sound:
    """A loud mains hum over the room."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return 3000 * np.sin(2 * pi * 100 * time) + room(seconds, rng)


def typing(seconds: float, rng: np.random.Generator) -> Sound:
    """Five key clicks a second over the room."""
    sound = room(seconds, rng)
    decay = np.exp(-np.arange(160) / 30)
    for start in range(0, len(sound) - 160, SAMPLE_RATE // 5):
        sound[start : start + 160] += rng.normal(0, 8000, 160) * decay
    return sound


def voice(seconds: float, rng: np.random.Generator, pitch: float = 110.0) -> Sound:
    """Vowels at `pitch` Hz with an intonation, six syllables a second, over the room."""
    length = round(seconds * SAMPLE_RATE)
    melody = pitch * (1 + 0.15 * np.sin(2 * pi * 0.7 * np.arange(length) / SAMPLE_RATE))
    melody *= 1 + 0.03 * rng.normal(0, 1, length).cumsum() / np.sqrt(length)
    pulses = np.diff(np.floor(np.cumsum(melody / SAMPLE_RATE)), prepend=0.0)
    sound = np.zeros(length)
    for start in range(0, length, _SYLLABLE):
        syllable = pulses[start : start + _SYLLABLE]
        vowel = _VOWELS[rng.integers(len(_VOWELS))]
        shaped = sum(
            loudness * _resonate(syllable, frequency, bandwidth)
            for frequency, bandwidth, loudness in zip(vowel, _BANDWIDTHS, _LOUDNESSES, strict=True)
        )
        sound[start : start + _SYLLABLE] = shaped * np.sqrt(np.sin(pi * np.arange(len(syllable)) / len(syllable)))
    return sound / np.abs(sound).max() * 12_000 + room(seconds, rng)


def _resonate(sound: Sound, frequency: float, bandwidth: float) -> Sound:
    """A second-order resonator."""
    radius = exp(-pi * bandwidth / SAMPLE_RATE)
    near, far = 2 * radius * cos(2 * pi * frequency / SAMPLE_RATE), -radius * radius
    resonated = np.zeros_like(sound)
    one = two = 0.0
    for number, sample in enumerate(sound):
        one, two = sample * (1 - radius) + near * one + far * two, one
        resonated[number] = one
    return resonated


def as_pcm(sound: Sound) -> bytes:
    """16-bit little-endian samples."""
    return np.clip(sound.round(), -32768, 32767).astype("<i2").tobytes()
