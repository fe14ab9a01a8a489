"""One candidate's frames in, one measurement a frame out."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from proctor_engine.measurements import Face, FrameMeasurement, Identity
from proctor_engine.vision import identity, scanning, state
from proctor_engine.vision.boxes import scaled
from proctor_engine.vision.calibration import calibrate, relative_gaze, relative_opening, relative_pose
from proctor_engine.vision.doubt import doubt
from proctor_engine.vision.embedding import embed_chips, face_chip
from proctor_engine.vision.eyes import eye_opening, gaze
from proctor_engine.vision.images import Gray, Pixels, check_pixels
from proctor_engine.vision.landmarks import Points, dlib_landmarks
from proctor_engine.vision.likeness import portrait
from proctor_engine.vision.mouth import mouth_opening
from proctor_engine.vision.pose import head_pose
from proctor_engine.vision.quality import measure_quality
from proctor_engine.vision.reference import Reference
from proctor_engine.vision.settings import VisionSettings
from proctor_engine.vision.state import PipelineState
from proctor_engine.vision.tracking import Sighting, choose_main, follow, start


class FramePipeline:
    """Measures the frames of one session in the order of their times.

    Everything it remembers is in `state()`: a pipeline restored from it gives the same measurements, to the bit, as
    the one that it was taken from. Without a reference nothing is said about identity.
    """

    def __init__(self, settings: VisionSettings, reference: Reference | None = None) -> None:
        self._settings = settings
        self._reference = reference
        self._state = PipelineState()

    @classmethod
    def restore(cls, settings: VisionSettings, reference: Reference | None, saved: bytes) -> FramePipeline:
        """Raises ValueError where `saved` is not what `state()` returned."""
        pipeline = cls(settings, reference)
        pipeline._state = state.load(saved)
        return pipeline

    def state(self) -> bytes:
        return state.dump(self._state)

    def measure(self, frame: Pixels, time: float) -> FrameMeasurement:
        """`frame` (height, width, 3) uint8 RGB, `time` in seconds since the session's start, never decreasing.

        Raises:
            ImageError: the array is no such frame.
        """
        check_pixels(frame, f"frame at {time:.3f} s")
        working, scale = self._working(frame)
        gray: Gray = np.asarray(cv2.cvtColor(working, cv2.COLOR_RGB2GRAY), np.uint8)
        quality = measure_quality(gray, time, self._state.quality, self._settings.quality)
        sightings, scanned = self._find(working, gray, time)
        main = choose_main(sightings, time, self._state.tracking, self._settings.detection.patience)
        faces = tuple(
            self._main_face(working, gray, sighting, time) if sighting is main else _plain_face(sighting)
            for sighting in sightings
        )
        faces = tuple(replace(face, box=scaled(face.box, 1 / scale)) for face in faces)
        return FrameMeasurement(time=time, quality=quality, faces=faces, scanned=scanned)

    def _working(self, frame: Pixels) -> tuple[Pixels, float]:
        """The frame at the size that all stages work on, and how much smaller it is."""
        scale = self._settings.detection.longest_side / max(frame.shape[:2])
        if scale >= 1:
            return frame, 1.0
        size = round(frame.shape[1] * scale), round(frame.shape[0] * scale)
        return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8), scale

    def _find(self, frame: Pixels, gray: Gray, time: float) -> tuple[list[Sighting], bool]:
        """The faces of this frame, and whether all of it was searched for new ones."""
        settings, tracking = self._settings.detection, self._state.tracking
        sightings = follow(frame, gray, time, tracking, settings)
        lost = not any(sighting.track.number == tracking.main for sighting in sightings)
        due = scanning.is_due(time, lost, self._state.scan, settings)
        if due:
            known = [sighting.track.box for sighting in sightings]
            found = scanning.scan(frame, gray, time, known, lost, self._state.scan, settings)
            sightings += start(found, time, tracking)
        return sightings, due

    def _main_face(self, frame: Pixels, gray: Gray, sighting: Sighting, time: float) -> Face:
        face = _plain_face(sighting)
        likeness_now = None
        if self._settings.landmarks:
            points = dlib_landmarks(gray, sighting.track.box)
            face = self._features(face, gray, points, time)
            likeness_now = portrait(gray, points)
        return replace(face, identity=self._identity(frame, face, likeness_now, time))

    def _features(self, face: Face, gray: Gray, points: Points, time: float) -> Face:
        """What the landmarks tell. Pose, gaze and eyes are told once the person's rest is known."""
        face = replace(face, mouth_opening=mouth_opening(points))
        pose = head_pose(points, (gray.shape[1], gray.shape[0]))
        if pose is None:
            return face
        place, opening = gaze(gray, points), eye_opening(points)
        known = self._state.calibration
        if place is not None:
            calibrate(pose, place, opening, time, known, self._settings.calibration)
        if known.rest is None:
            return face
        return replace(
            face,
            pose=relative_pose(pose, known.rest),
            gaze=relative_gaze(place, known.rest) if place else None,
            eye_opening=relative_opening(opening, known.rest),
        )

    def _identity(self, frame: Pixels, face: Face, likeness_now: Gray | None, time: float) -> Identity | None:
        """`face` has its box in pixels of `frame`."""
        if self._reference is None:
            return None
        settings, seen = self._settings.identity, self._state.identity
        if not identity.is_due(face.track, likeness_now, time, seen, settings):
            return seen.last
        chip = face_chip(frame, face.box)
        distance = self._reference.distance(embed_chips([chip], self._settings.backend)[0])
        return identity.decide(face.track, likeness_now, time, distance, doubt(chip, face, settings), seen, settings)


def _plain_face(sighting: Sighting) -> Face:
    return Face(box=sighting.track.box, score=sighting.score, track=sighting.track.number)
