"""One candidate's sound in, one measurement a block out."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

from proctor_engine.audio.level import is_muted, rms_level
from proctor_engine.audio.voice import CHUNK, SAMPLE_RATE, VoiceState, voice_probability
from proctor_engine.measurements import AudioMeasurement

BLOCK = 15 * CHUNK
"""Samples in a measurement: 0.48 s."""
_JUMP = 0.25
"""Seconds by which the sound may be out of step with what came before; more is a gap, and what waits is dropped."""


class Listener:
    """Measures the sound of one session in the order of time, however it is cut into pieces.

    Everything it remembers is in `state()`.
    """

    def __init__(self) -> None:
        self._waiting = b""
        self._time: float | None = None
        self._voice = VoiceState()

    def hear(self, pcm: bytes, time: float) -> Iterator[AudioMeasurement]:
        """`pcm` is signed 16-bit little-endian mono at 16 kHz that begins at `time`, in seconds.

        Raises ModelError where the voice model is missing.
        """
        expected = None if self._time is None else self._time + len(self._waiting) / 2 / SAMPLE_RATE
        if expected is None or abs(time - expected) > _JUMP:
            self._waiting, self._time, self._voice = b"", time, VoiceState()
        self._waiting += pcm
        return self._measured()

    def _measured(self) -> Iterator[AudioMeasurement]:
        while len(self._waiting) >= 2 * BLOCK and self._time is not None:
            block = np.frombuffer(self._waiting[: 2 * BLOCK], "<i2").astype(np.int16)
            time, self._time = self._time, self._time + BLOCK / SAMPLE_RATE
            self._waiting = self._waiting[2 * BLOCK :]
            muted = is_muted(block)
            voice = 0.0 if muted else voice_probability(block, self._voice)
            yield AudioMeasurement(round(time, 3), BLOCK / SAMPLE_RATE, rms_level(block), voice, muted)

    def state(self) -> bytes:
        return json.dumps(
            {
                "waiting": self._waiting.hex(),
                "time": self._time,
                "memory": self._voice.memory.tobytes().hex(),
                "context": self._voice.context.tobytes().hex(),
            }
        ).encode()

    @classmethod
    def restore(cls, saved: bytes) -> Listener:
        """Raises ValueError where `saved` is not what `state()` returned."""
        state = json.loads(saved)
        listener = cls()
        listener._waiting = bytes.fromhex(state["waiting"])
        listener._time = state["time"]
        listener._voice = VoiceState(
            np.frombuffer(bytes.fromhex(state["memory"]), np.float32).reshape(2, 1, 128).copy(),
            np.frombuffer(bytes.fromhex(state["context"]), np.float32).copy(),
        )
        return listener
