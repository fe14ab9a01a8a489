"""One candidate's frames in, one measurement a frame out."""

from __future__ import annotations

from dataclasses import replace

from proctor_engine.measurements import Face, FrameMeasurement, Identity
from proctor_engine.vision import identity, scanning, state, template
from proctor_engine.vision.blaze import tilt
from proctor_engine.vision.boxes import scaled
from proctor_engine.vision.calibration import calibrate, relative, turned_by, usual_eyes
from proctor_engine.vision.doubt import doubt
from proctor_engine.vision.embedding import Embedding, embed_chips, face_chip, mended_chip
from proctor_engine.vision.emotion import read_emotion
from proctor_engine.vision.features import Features, extract, turn_of_head
from proctor_engine.vision.frame import Frame
from proctor_engine.vision.images import Pixels
from proctor_engine.vision.landmarks import finder, mesh_landmarks
from proctor_engine.vision.liveness import judge, live
from proctor_engine.vision.quality import measure_quality
from proctor_engine.vision.reference import Reference
from proctor_engine.vision.settings import VisionSettings
from proctor_engine.vision.state import PipelineState
from proctor_engine.vision.stillness import still_for
from proctor_engine.vision.tracking import Sighting, TrackingState, choose_main, follow, start
from proctor_engine.vision.upright import is_upright


class FramePipeline:
    """Measures the frames of one session in the order of their times.

    Everything it remembers is in `state()`: a pipeline restored from it gives the same measurements, to the bit, as
    the one that it was taken from. Without a reference nothing is said about identity.
    """

    def __init__(self, settings: VisionSettings, reference: Reference | None = None) -> None:
        self._settings = settings
        self._reference = reference
        self._state = PipelineState()
        self._find_landmarks = finder(settings.landmarks, settings.backend)

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
        sightings, scanned = self._find(frame, time)
        still = still_for(frame, bool(sightings), time, self._state.stillness)
        boxes = [sighting.track.box for sighting in sightings]
        quality = measure_quality(frame, boxes, still, self._state.surroundings, self._settings.quality)
        main = choose_main(sightings, time, self._state.tracking, self._settings.detection.patience)
        faces = tuple(
            self._main_face(frame, sighting, time, frozen=still > 0) if sighting is main else _plain_face(sighting)
            for sighting in sightings
        )
        faces = tuple(replace(face, box=scaled(face.box, 1 / frame.scale)) for face in faces)
        opening = next((face.eye_opening for face in faces if face.eye_opening is not None), None)
        alive = live(opening, time, self._state.liveness, self._settings.liveness)
        if self._settings.liveness.model:
            alive = judge(frame, main.track.box, time, self._state.liveness, self._settings.liveness) if main else None
        return FrameMeasurement(time=time, quality=quality, faces=faces, scanned=scanned, liveness=alive)

    def _find(self, frame: Frame, time: float) -> tuple[list[Sighting], bool]:
        """The faces of this frame, and whether all of it was searched for new ones."""
        if frame.size != self._state.size:
            self._state.size, self._state.scan = frame.size, scanning.ScanState()
            self._state.tracking = TrackingState(next_number=self._state.tracking.next_number)
        settings, tracking = self._settings.detection, self._state.tracking
        sightings = follow(frame, time, tracking, settings)
        lost = not any(sighting.track.number == tracking.main for sighting in sightings)
        known = [sighting.track.box for sighting in sightings]
        found, scanned = scanning.scan(frame, time, known, lost, self._state.scan, settings)
        return sightings + start(frame, found, time, tracking), scanned

    def _main_face(self, frame: Frame, sighting: Sighting, time: float, *, frozen: bool) -> Face:
        if sighting.hidden:
            return self._hidden_face(frame, sighting)
        mood = read_emotion(frame, sighting.track.box, time, self._state.emotion, self._settings.emotion)
        face = replace(_plain_face(sighting), emotion=mood)
        if self._settings.landmarks == "none":
            return replace(face, identity=self._identity(frame, face, None, time))
        known = self._state.calibration
        find = self._find_landmarks if sighting.exact else mesh_landmarks
        features = extract(frame, sighting.track.box, find, usual_eyes(known), self._state.tilt)
        self._state.tilt = features.tilt
        told = relative(features, known.rest)
        face = replace(face, mouth_opening=features.mouth_opening, pose=told.pose)
        face = replace(face, identity=self._identity(frame, face, features, time))
        if identity.is_stranger(self._state.identity):  # the rest is the candidate's, not this person's
            return replace(face, pose=None)
        if not frozen:
            calibrate(features, time, known, self._settings.calibration)
        return replace(face, gaze=told.gaze, eye_opening=told.eye_opening)

    def _hidden_face(self, frame: Frame, sighting: Sighting) -> Face:
        """Of a face that no detector sees only the head's turn is told: the mesh sees it past a hand too."""
        face, rest = _plain_face(sighting), self._state.calibration.rest
        if self._settings.landmarks == "none" or rest is None or identity.is_stranger(self._state.identity):
            return face
        pose = turn_of_head(frame, sighting.track.box, mesh_landmarks)
        return replace(face, pose=turned_by(pose, rest)) if pose else face

    def _identity(self, frame: Frame, face: Face, features: Features | None, time: float) -> Identity | None:
        """`face` has its box in pixels of `frame`."""
        if self._reference is None:
            return None
        portrait, pose = (features.portrait, features.pose) if features else (None, None)
        settings, seen = self._settings.identity, self._state.identity
        if not identity.is_due(face.track, portrait, time, seen, settings):
            return seen.last
        chip = face_chip(frame.colour, face.box)
        embedding, distance = self._nearest(self._reference, [chip])
        upright = True
        if distance > settings.same_below:
            seen_tilt = tilt(frame.colour, face.box)
            upright = seen_tilt is not None or is_upright(chip)
            mended = mended_chip(frame.colour, face.box, seen_tilt)
            if mended is not None:
                embedding, distance = self._nearest(self._reference, [chip, mended])
        doubtful = doubt(chip, face, distance, settings, pose, upright=upright)
        if doubtful is None:
            template.learn(embedding, self._reference, self._state.template, settings)
        return identity.decide(face.track, portrait, time, distance, doubtful, seen, settings)

    def _nearest(self, reference: Reference, chips: list[Pixels]) -> tuple[Embedding, float]:
        """The embedding most like the candidate, and its distance."""
        embeddings = embed_chips(chips, self._settings.backend)
        return template.nearest(list(embeddings), reference, self._state.template, self._settings.identity)


def _name(time: float) -> str:
    return f"frame at {time:.3f} s"


def _plain_face(sighting: Sighting) -> Face:
    return Face(box=sighting.track.box, score=sighting.score, track=sighting.track.number)
