"""Measurements over time, for the plots of a report."""

from __future__ import annotations

from dataclasses import dataclass, field

from proctor_engine.incidents.faces import main_face
from proctor_engine.measurements import AudioMeasurement, FrameMeasurement

Points = list[tuple[float, float]]
"""Time in seconds, value."""


@dataclass
class Traces:
    """Each list holds only moments at which its value was measured."""

    light: Points = field(default_factory=list)
    """Mean luma, 0..255."""
    faces: Points = field(default_factory=list)
    """How many."""
    distance: Points = field(default_factory=list)
    """Between the face and the candidate's template."""
    turn: Points = field(default_factory=list)
    """Degrees of yaw from the person's own rest."""
    level: Points = field(default_factory=list)
    """Of the sound, dBFS."""
    voice: Points = field(default_factory=list)
    """Probability of speech, 0..1."""

    def see(self, frame: FrameMeasurement) -> None:
        self.light.append((frame.time, frame.quality.brightness))
        self.faces.append((frame.time, float(len(frame.faces))))
        face = main_face(frame)
        if face is None:
            return
        if face.identity is not None and face.identity.distance is not None:
            self.distance.append((frame.time, face.identity.distance))
        if face.pose is not None:
            self.turn.append((frame.time, face.pose.yaw))

    def hear(self, block: AudioMeasurement) -> None:
        self.level.append((block.time, block.level))
        self.voice.append((block.time, block.voice))
