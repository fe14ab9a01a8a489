"""Whether somebody speaks: a cheap gate first, a neural network only where the gate lets something through.

WebRTC's detector costs little but takes hum and key clicks for speech; Silero's network does not, at fifty times the
cost. Most of an exam is quiet, so most of it never reaches the network.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import numpy as np
import onnxruntime
import webrtcvad
from numpy.typing import NDArray

from proctor_engine.models.registry import find

SAMPLE_RATE = 16_000
CHUNK = 512
"""Samples that the network hears at a time, 32 ms."""
_CONTEXT = 64
"""Samples before the chunk that it hears again."""

_GATE_FRAME = SAMPLE_RATE * 20 // 1000
_GATE_STRICTNESS = 2
_GATE_SHARE = 0.2
"""Share of a block's 20 ms frames that must pass the gate."""
_SPOKEN_SHARE = 0.7
"""Quantile of the chunks' probabilities that stands for a block: a click is far shorter than a word."""


def passes_gate(block: NDArray[np.int16]) -> bool:
    """Whether WebRTC's detector takes enough of the block for speech. A new detector each time: no hidden state."""
    detector = webrtcvad.Vad(_GATE_STRICTNESS)
    frames = block[: len(block) // _GATE_FRAME * _GATE_FRAME].reshape(-1, _GATE_FRAME)
    passed = sum(detector.is_speech(frame.astype("<i2").tobytes(), SAMPLE_RATE) for frame in frames)
    return bool(passed >= _GATE_SHARE * len(frames))


@dataclass
class VoiceState:
    """What the network remembers from chunk to chunk: (2, 1, 128) and the last 64 samples."""

    memory: NDArray[np.float32] = field(default_factory=lambda: np.zeros((2, 1, 128), np.float32))
    context: NDArray[np.float32] = field(default_factory=lambda: np.zeros(_CONTEXT, np.float32))


def voice_probability(block: NDArray[np.int16], state: VoiceState) -> float:
    """Probability of speech, 0..1, in a block whose length is a multiple of `CHUNK`. Updates `state`."""
    if not passes_gate(block):
        # What the network remembers would be stale when the gate opens again.
        state.memory = np.zeros_like(state.memory)
        state.context = _as_float(block[-_CONTEXT:])
        return 0.0
    samples = _as_float(block)
    probabilities = []
    for chunk in samples.reshape(-1, CHUNK):
        heard = np.concatenate([state.context, chunk])[None, :]
        probability, state.memory = _network().run(
            None, {"input": heard, "state": state.memory, "sr": np.array(SAMPLE_RATE, np.int64)}
        )
        state.context = chunk[-_CONTEXT:]
        probabilities.append(float(probability[0, 0]))
    return round(float(np.quantile(probabilities, _SPOKEN_SHARE)), 4)


def _as_float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """-1..1."""
    return np.divide(samples, 32768, dtype=np.float32)


@functools.cache
def _network() -> onnxruntime.InferenceSession:
    """Raises ModelError where the model's file is missing or damaged."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(find("voice-activity"), options, providers=["CPUExecutionProvider"])
