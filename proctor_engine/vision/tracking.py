"""Which face of this frame is which face of the frame before."""

from __future__ import annotations

from dataclasses import dataclass, field

from proctor_engine.measurements import Box
from proctor_engine.vision.detection import Detection


@dataclass
class Track:
    number: int
    box: Box
    seen: float


@dataclass
class TrackingState:
    tracks: list[Track] = field(default_factory=list)
    next_number: int = 1
    main: int | None = None
    last_scan: float | None = None


def overlap(a: Box, b: Box) -> float:
    """Intersection over union, 0..1."""
    width = min(a.right, b.right) - max(a.left, b.left)
    height = min(a.bottom, b.bottom) - max(a.top, b.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (area(a) + area(b) - shared)


def area(box: Box) -> int:
    return (box.right - box.left) * (box.bottom - box.top)


def assign(found: list[Detection], time: float, state: TrackingState, keep: float) -> list[tuple[Track, float]]:
    """Each detection with its track and score: the overlapping one, else a new one. Updates `state`.

    A track unseen for `keep` seconds is forgotten.
    """
    free = [track for track in state.tracks if time - track.seen <= keep]
    pairs = sorted(
        (
            (overlap(track.box, detection.box), i, j)
            for i, track in enumerate(free)
            for j, detection in enumerate(found)
        ),
        reverse=True,
    )
    chosen: dict[int, Track] = {}
    taken: set[int] = set()
    for shared, i, j in pairs:
        if shared > 0.2 and i not in taken and j not in chosen:
            taken.add(i)
            chosen[j] = free[i]
    result = []
    for j, detection in enumerate(found):
        track = chosen.get(j)
        if track is None:
            track = Track(state.next_number, detection.box, time)
            state.next_number += 1
            free.append(track)
        track.box, track.seen = detection.box, time
        result.append((track, detection.score))
    state.tracks = free
    return result
