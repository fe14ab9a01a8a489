"""One candidate's frames in, one measurement a frame out."""

from __future__ import annotations

from dataclasses import replace

from proctor_engine.measurements import Face, FrameMeasurement, Identity
from proctor_engine.vision import identity, scanning, state
from proctor_engine.vision.boxes import scaled
from proctor_engine.vision.calibration import calibrate, relative_gaze, relative_opening, relative_pose
from proctor_engine.vision.doubt import doubt
from proctor_engine.vision.embedding import embed_chips, face_chip
from proctor_engine.vision.eyes import eye_opening, gaze
from proctor_engine.vision.frame import Frame
from proctor_engine.vision.images import Gray, Pixels
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
        return self._measure(Frame.of_pixels(frame, self._settings.detection.longest_side, _name(time)), time)

    def measure_jpeg(self, data: bytes, time: float) -> FrameMeasurement:
        """As `measure`, from a camera's JPEG: quicker than decoding it first, since most frames need no colour.

        Raises:
            ImageError: the bytes are no JPEG within the limits.
        """
        return self._measure(Frame.of_jpeg(data, self._settings.detection.longest_side, _name(time)), time)

    def _measure(self, frame: Frame, time: float) -> FrameMeasurement:
        quality = measure_quality(frame.gray, time, self._state.quality, self._settings.quality)
        sightings, scanned = self._find(frame, time)
        main = choose_main(sightings, time, self._state.tracking, self._settings.detection.patience)
        faces = tuple(
            self._main_face(frame, sighting, time) if sighting is main else _plain_face(sighting)
            for sighting in sightings
        )
        faces = tuple(replace(face, box=scaled(face.box, 1 / frame.scale)) for face in faces)
        return FrameMeasurement(time=time, quality=quality, faces=faces, scanned=scanned)

    def _find(self, frame: Frame, time: float) -> tuple[list[Sighting], bool]:
        """The faces of this frame, and whether all of it was searched for new ones."""
        settings, tracking = self._settings.detection, self._state.tracking
        sightings = follow(frame, time, tracking, settings)
        lost = not any(sighting.track.number == tracking.main for sighting in sightings)
        known = [sighting.track.box for sighting in sightings]
        found, scanned = scanning.scan(frame, time, known, lost, self._state.scan, settings)
        return sightings + start(found, time, tracking), scanned

    def _main_face(self, frame: Frame, sighting: Sighting, time: float) -> Face:
        face = _plain_face(sighting)
        likeness_now = None
        if self._settings.landmarks:
            points = dlib_landmarks(frame.gray, sighting.track.box)
            face = self._features(face, frame, points, time)
            likeness_now = portrait(frame.gray, points)
        return replace(face, identity=self._identity(frame, face, likeness_now, time))

    def _features(self, face: Face, frame: Frame, points: Points, time: float) -> Face:
        """What the landmarks tell. Pose, gaze and eyes are told once the person's rest is known."""
        face = replace(face, mouth_opening=mouth_opening(points))
        pose = head_pose(points, frame.size)
        if pose is None:
            return face
        place, opening = gaze(frame.gray, points), eye_opening(points)
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

    def _identity(self, frame: Frame, face: Face, likeness_now: Gray | None, time: float) -> Identity | None:
        """`face` has its box in pixels of `frame`."""
        if self._reference is None:
            return None
        settings, seen = self._settings.identity, self._state.identity
        if not identity.is_due(face.track, likeness_now, time, seen, settings):
            return seen.last
        chip = face_chip(frame.colour, face.box)
        distance = self._reference.distance(embed_chips([chip], self._settings.backend)[0])
        return identity.decide(face.track, likeness_now, time, distance, doubt(chip, face, settings), seen, settings)


def _name(time: float) -> str:
    return f"frame at {time:.3f} s"


def _plain_face(sighting: Sighting) -> Face:
    return Face(box=sighting.track.box, score=sighting.score, track=sighting.track.number)
