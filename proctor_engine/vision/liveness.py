"""How likely a living person is watched, from blinks alone, and with how little certainty.

A photograph never blinks. A person blinks several times a minute, but a camera at one frame a second sees one blink in
five, and a quiet reader may not blink for half a minute. So each second without a blink weighs by how many were to be
expected, a blink proves life for a while, and for the first minutes nothing is said. A replayed video blinks too: only
a challenge (`challenge`) tells that. A feed that stands perfectly still is `Quality.frozen`, which is certain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from proctor_engine.vision.settings import LivenessSettings


@dataclass
class LivenessState:
    """`expected` is the number of blinks that a living person would have shown since the last one seen."""

    last: float | None = None
    last_blink: float | None = None
    expected: float = 0.0


def live(opening: float | None, time: float, state: LivenessState, settings: LivenessSettings) -> float | None:
    """0..1, None while the evidence is thin. `opening` is the eyes' share of their usual one. Updates `state`."""
    since = 0.0 if state.last is None else time - state.last
    state.last = time
    if opening is None:
        return None
    if opening < settings.shut_below:
        state.last_blink, state.expected = time, 0.0
    elif 0 < since <= settings.longest_gap:
        # Seen are those blinks during which a frame falls, the others between two frames are lost.
        state.expected += settings.blinks_a_minute / 60 * min(since, settings.blink_lasts)
    if state.last_blink is not None and time - state.last_blink <= settings.blink_counts_for:
        return settings.after_blink
    odds = settings.prior / (1 - settings.prior) * math.exp(-state.expected)
    return odds / (1 + odds) if state.expected >= settings.enough_expected else None
