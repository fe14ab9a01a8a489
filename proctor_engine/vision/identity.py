"""Whether the face on camera is the candidate's, decided over several looks and never on one."""

from __future__ import annotations

from dataclasses import dataclass, field

from proctor_engine.measurements import Identity, Sameness
from proctor_engine.vision.settings import IdentitySettings


@dataclass
class IdentityState:
    """`looks` are the recent comparisons of this track as (time, distance), usable ones only."""

    track: int | None = None
    looks: list[tuple[float, float]] = field(default_factory=list)
    last: Identity | None = None
    next_look: float = 0.0


def is_due(track: int, time: float, state: IdentityState) -> bool:
    """A new track is looked at at once, an unsure one again on the next frame, a known one when it is time."""
    return track != state.track or time >= state.next_look


def decide(track: int, time: float, distance: float, state: IdentityState, settings: IdentitySettings) -> Identity:
    """Take in one comparison. Updates `state`."""
    if track != state.track:
        state.track, state.looks = track, []
    state.looks = [*state.looks, (time, distance)][-settings.looks :]
    if distance <= settings.same_below:
        result = Identity(Sameness.SAME, distance)
        state.next_look = time + settings.check_every
    elif len(state.looks) == settings.looks and all(d > settings.same_below for _, d in state.looks):
        result = Identity(Sameness.DIFFERENT, distance)
        state.next_look = time + settings.recheck_every
    else:
        result = Identity(Sameness.UNSURE, distance, "looked at only once or with mixed results so far")
        state.next_look = time + settings.recheck_every
    state.last = result
    return result
