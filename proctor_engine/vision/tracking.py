"""Faces followed from frame to frame: a small search around where each was, so that most frames need no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from proctor_engine.measurements import Box
from proctor_engine.vision.arrays import StoredPicture
from proctor_engine.vision.boxes import area, centre, grown, overlap, resized, width
from proctor_engine.vision.brow import brow, find_brow
from proctor_engine.vision.detection import Detection, detect_known, recognise, shifted
from proctor_engine.vision.frame import Frame
from proctor_engine.vision.settings import DetectionSettings

_HOG_MARGIN = 0.25
_MMOD_MARGIN = 0.5
_WELL_SEEN = 0.3
"""Score from which the face's upper half is worth remembering: no hand is before it yet."""
_SAME_FACE = 0.2
"""Overlap over which two boxes, one a frame after the other, are one face."""


@dataclass
class Track:
    """`box` in pixels of the working frame, where and when (seconds) the face was last seen, and when by a detector.

    `brow` is the face's upper half as a detector last saw it well, when the box was `brow_width` pixels wide.
    """

    number: int
    box: Box
    seen: float
    detected: float = 0.0
    brow: StoredPicture | None = None
    brow_width: int = 0


@dataclass
class TrackingState:
    """`main` is the number of the candidate's track."""

    tracks: list[Track] = field(default_factory=list)
    next_number: int = 1
    main: int | None = None


class Sighting(NamedTuple):
    """A track as seen on this frame, `score` by whichever detector saw it.

    `exact` is as in `Detection`. `hidden` is a face of which only the upper half is recognised: a hand is before it, or
    it is turned away.
    """

    track: Track
    score: float
    exact: bool = True
    hidden: bool = False


def follow(frame: Frame, time: float, state: TrackingState, settings: DetectionSettings) -> list[Sighting]:
    """Look for each track around its last place. Updates `state`; tracks unseen for long are forgotten."""
    state.tracks = [track for track in state.tracks if time - track.seen <= settings.keep]
    sightings: list[Sighting] = []
    for track in sorted(state.tracks, key=lambda track: track.number != state.main):
        found = _near(frame, track.box, settings)
        hidden = found is None
        if hidden and track.number == state.main and time - track.detected <= settings.hidden_for:
            found = _upper_half(frame, track)
        if found is None or any(overlap(found.box, other.track.box) > _SAME_FACE for other in sightings):
            continue
        track.box, track.seen = found.box, time
        if not hidden:
            _remember(frame, track, found.score, time)
        sightings.append(Sighting(track, found.score, found.exact, hidden))
    return sightings


def start(frame: Frame, found: list[Detection], time: float, state: TrackingState) -> list[Sighting]:
    """A track for each detection that belongs to none seen on this frame: a lost one close by, else a new one."""
    sightings = []
    for detection in found:
        lost = [t for t in state.tracks if t.seen < time and _close(t.box, detection.box)]
        if lost:
            track = max(lost, key=lambda t: (t.number == state.main, t.seen))
            track.box, track.seen = detection.box, time
        else:
            track = Track(state.next_number, detection.box, time)
            state.next_number += 1
            state.tracks.append(track)
        _remember(frame, track, detection.score, time)
        sightings.append(Sighting(track, detection.score, detection.exact))
    return sightings


def choose_main(sightings: list[Sighting], time: float, state: TrackingState, patience: float) -> Sighting | None:
    """The candidate's own sighting. After `patience` seconds without it the largest face takes its place."""
    for sighting in sightings:
        if sighting.track.number == state.main:
            return sighting
    absent_since = next((track.seen for track in state.tracks if track.number == state.main), None)
    if not sightings or (absent_since is not None and time - absent_since < patience):
        return None
    largest = max(sightings, key=lambda sighting: area(sighting.track.box))
    state.main = largest.track.number
    return largest


def _near(frame: Frame, box: Box, settings: DetectionSettings) -> Detection | None:
    """HOG around the last place, at the face's own size; MMOD where HOG sees nothing."""
    around = grown(box, _HOG_MARGIN, frame.size)
    if width(around) <= 0 or around.bottom <= around.top:
        return None
    part = np.ascontiguousarray(frame.gray[around.top : around.bottom, around.left : around.right])
    found = [
        shifted(detection, around.left, around.top)
        for detection in detect_known(part, width(box), settings.track_threshold)
    ]
    near = [detection for detection in found if overlap(detection.box, box) > _SAME_FACE]
    if near:
        return near[0]
    around = grown(box, _MMOD_MARGIN, frame.size)
    part = np.ascontiguousarray(frame.colour[around.top : around.bottom, around.left : around.right])
    best = recognise(part, width(box))
    return shifted(best, around.left, around.top) if best else None


def _upper_half(frame: Frame, track: Track) -> Detection | None:
    """The track's own eyes and brows, where detectors see no face; the score is below any of theirs."""
    if track.brow is None:
        return None
    found = find_brow(frame.gray, resized(track.box, track.brow_width), track.brow)
    return Detection(found[0], found[1] - 1, exact=False) if found else None


def _remember(frame: Frame, track: Track, score: float, time: float) -> None:
    track.detected = time
    if score >= _WELL_SEEN:
        track.brow, track.brow_width = brow(frame.gray, track.box), width(track.box)


def _close(a: Box, b: Box) -> bool:
    """Whether a face could have gone from one box to the other within a second or two."""
    (ax, ay), (bx, by) = centre(a), centre(b)
    reach = max(width(a), width(b))
    similar = 0.6 < width(a) / max(width(b), 1) < 1.7
    return similar and abs(ax - bx) < reach and abs(ay - by) < reach
