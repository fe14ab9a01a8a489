"""Whether the face on camera is the candidate's, decided over several looks and never on one."""

from __future__ import annotations

from dataclasses import dataclass, field

from proctor_engine.measurements import Identity, Sameness
from proctor_engine.vision.arrays import StoredPicture
from proctor_engine.vision.images import Gray
from proctor_engine.vision.likeness import likeness
from proctor_engine.vision.settings import IdentitySettings


@dataclass
class IdentityState:
    """`looks` are the last distances of this track, usable ones only; `portraits` show the face as it was at the last
    few looks that all said the same of it, the last one last."""

    track: int | None = None
    looks: list[float] = field(default_factory=list)
    last: Identity | None = None
    last_look: float | None = None
    portraits: list[StoredPicture] = field(default_factory=list)


_PORTRAITS = 4
"""How many ways a face is known to look: straight, tilted, in this light and that."""


def is_due(track: int, portrait: Gray | None, time: float, state: IdentityState, settings: IdentitySettings) -> bool:
    """A new track is looked at at once; a known one when it is time, or when it no longer looks as it did."""
    if track != state.track or state.last_look is None or state.last is None:
        return True
    if portrait is not None and _is_altered(portrait, state, settings):
        every = settings.recheck_every
    elif state.last.sameness is Sameness.SAME:
        every = settings.check_every
    else:
        every = settings.settled_every if len(state.looks) >= settings.looks else settings.recheck_every
    return time - state.last_look >= every


def decide(
    track: int,
    portrait: Gray | None,
    time: float,
    distance: float,
    doubt: str | None,
    state: IdentityState,
    settings: IdentitySettings,
) -> Identity:
    """Take in one look. `doubt` says why the picture is not good enough to call anybody different. Updates `state`.

    A likeness counts whatever the picture: no bad light makes two people alike. A difference needs several good looks
    in a row, and then stands until a likeness is seen.
    """
    if track != state.track:
        state.track, state.looks, state.last = track, [], None
    before, state.last_look = state.last, time
    state.last = _decided(distance, doubt, state, settings)
    known = state.portraits if before is not None and before.sameness is state.last.sameness else []
    state.portraits = [*known, *([] if portrait is None else [portrait])][-_PORTRAITS:]
    return state.last


def is_stranger(state: IdentityState) -> bool:
    """Whether the last good looks did not show the candidate, be it decided or not."""
    return bool(state.looks)


def _is_altered(portrait: Gray, state: IdentityState, settings: IdentitySettings) -> bool:
    """Whether the face looks as at none of the last looks: the last one first, which it mostly resembles."""
    alike = (likeness(portrait, known) >= settings.altered_below for known in reversed(state.portraits))
    return bool(state.portraits) and not any(alike)


def _decided(distance: float, doubt: str | None, state: IdentityState, settings: IdentitySettings) -> Identity:
    if distance <= settings.same_below:
        state.looks = []
        return Identity(Sameness.SAME, distance)
    if state.last is not None and state.last.sameness is Sameness.DIFFERENT:
        return Identity(Sameness.DIFFERENT, distance)
    if doubt is not None:
        return Identity(Sameness.UNSURE, distance, doubt)
    state.looks = [*state.looks, distance][-settings.many_looks :]
    return _over_looks(state.looks, distance, settings)


def _over_looks(looks: list[float], distance: float, settings: IdentitySettings) -> Identity:
    """Two people are seldom nearer than 0.65 and one person seldom farther than 0.6. In between only time tells."""
    if len(looks) < settings.looks:
        return Identity(Sameness.UNSURE, distance, f"unlike so far, look {len(looks)} of {settings.looks}")
    clearly = _mean(looks[-settings.looks :]) > settings.different_above
    steadily = len(looks) >= settings.many_looks and _mean(looks) > settings.doubtful_above
    if clearly or steadily:
        return Identity(Sameness.DIFFERENT, distance)
    return Identity(Sameness.UNSURE, distance, "neither like nor clearly unlike")


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
