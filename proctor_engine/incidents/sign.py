"""What one moment says about one rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sign:
    """`seen` is None where the moment tells nothing either way; `confidence` (0..1) is that of a sign that is seen.

    `doubt` marks a moment that will turn out to be the beginning if the sign is soon seen. `lasts` are the seconds for
    which a sign that shows late has been there already.
    """

    seen: bool | None
    confidence: float = 1.0
    doubt: bool = False
    lasts: float = 0.0


UNKNOWN = Sign(None)
IN_DOUBT = Sign(None, doubt=True)
NOT_LOOKED = None
"""No sign at all: nobody looked this time, so that the next look speaks for the time since the last."""
CLEAR = Sign(False)


def seen(confidence: float, lasts: float = 0.0) -> Sign:
    return Sign(True, min(1.0, max(0.0, confidence)), lasts=lasts)
