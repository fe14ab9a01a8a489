"""How loud a block of sound is."""

from __future__ import annotations

from math import log10

import numpy as np
from numpy.typing import NDArray

FLOOR = -100.0
"""dBFS given for silence; 16 bits reach down to -96."""
_DIGITAL_SILENCE = 1
"""A muted source gives zeros; some drivers dither the last bit."""


def rms_level(samples: NDArray[np.int16]) -> float:
    """RMS in dBFS: 0 for a full-scale square wave, `FLOOR` at least."""
    if not len(samples):
        return FLOOR
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) / 32768
    return max(FLOOR, round(20 * log10(rms), 2)) if rms > 0 else FLOOR


def is_muted(samples: NDArray[np.int16]) -> bool:
    """Whether this is digital silence, which no live microphone gives."""
    return bool(np.all(np.abs(samples.astype(np.int32)) <= _DIGITAL_SILENCE))
