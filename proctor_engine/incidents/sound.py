"""Signs that the microphone hears nothing."""

from __future__ import annotations

from proctor_engine.configuration import SoundSigns
from proctor_engine.incidents.sign import CLEAR, Sign, seen
from proctor_engine.measurements import AudioMeasurement

RULES = ("microphone_muted", "microphone_silent")


def lost_sound(block: AudioMeasurement, signs: SoundSigns) -> dict[str, Sign]:
    """A sign for each of `RULES`. A muted microphone gives zeros; a live one in the quietest room does not."""
    silent = not block.muted and block.level < signs.silent_below
    return {
        "microphone_muted": seen(1.0) if block.muted else CLEAR,
        "microphone_silent": seen(1.0) if silent else CLEAR,
    }
