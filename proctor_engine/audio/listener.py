"""One candidate's sound in, one measurement a block out."""

from __future__ import annotations

import functools
import json
import logging

import numpy as np
from numpy.typing import NDArray

from proctor_engine.audio.level import is_muted, rms_level
from proctor_engine.audio.voice import CHUNK, SAMPLE_RATE, VoiceState, voice_probability
from proctor_engine.measurements import AudioMeasurement
from proctor_engine.models import ModelError, verify

_log = logging.getLogger(__name__)

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

    def hear(self, pcm: bytes, time: float) -> list[AudioMeasurement]:
        """`pcm` is signed 16-bit little-endian mono at 16 kHz that begins at `time`, in seconds.

        Without the voice model, which is optional, nothing is measured; the log says so once, and how to mend it.
        """
        if not _voice_can_be_told():
            return []
        expected = None if self._time is None else self._time + len(self._waiting) / 2 / SAMPLE_RATE
        if expected is None or abs(time - expected) > _JUMP:
            self._waiting, self._time, self._voice = b"", time, VoiceState()
        heard = self._waiting + pcm
        whole = len(heard) - len(heard) % (2 * BLOCK)
        self._waiting = heard[whole:]
        blocks = np.frombuffer(heard[:whole], "<i2").astype(np.int16).reshape(-1, BLOCK)
        return [self._measure(block) for block in blocks]

    def _measure(self, block: NDArray[np.int16]) -> AudioMeasurement:
        assert self._time is not None  # noqa: S101  # set before the first block
        time, self._time = self._time, self._time + BLOCK / SAMPLE_RATE
        muted = is_muted(block)
        voice = 0.0 if muted else voice_probability(block, self._voice)
        return AudioMeasurement(round(time, 3), BLOCK / SAMPLE_RATE, rms_level(block), voice, muted)

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


@functools.cache
def _voice_can_be_told() -> bool:
    try:
        verify("voice-activity")
    except ModelError as error:
        _log.warning("sound is not analysed: %s", error)
        return False
    return True
