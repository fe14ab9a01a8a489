"""How much of a session could be watched at all: without it, "nothing found" says little."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from proctor_engine.incidents.faces import usable
from proctor_engine.measurements import AudioMeasurement, FrameMeasurement, Sameness

_DIGITS = 3


@dataclass(slots=True)
class Coverage:
    """Counts frames, and seconds of sound."""

    frames: int = 0
    clear: int = 0
    with_face: int = 0
    recognised: int = 0
    sound_seconds: float = 0.0
    heard_seconds: float = 0.0

    def see(self, frame: FrameMeasurement) -> None:
        self.frames += 1
        self.clear += usable(frame)
        self.with_face += bool(frame.faces)
        self.recognised += any(face.identity and face.identity.sameness is Sameness.SAME for face in frame.faces)

    def hear(self, block: AudioMeasurement) -> None:
        self.sound_seconds = round(self.sound_seconds + block.duration, _DIGITS)
        self.heard_seconds = round(self.heard_seconds + (0 if block.muted else block.duration), _DIGITS)

    def shares(self) -> dict[str, float | None]:
        """Shares, 0..1, of the frames with a usable picture, a face and the candidate's face, and of the sound that was
        not muted; None where there was no frame or no sound."""
        return {
            "picture": _share(self.clear, self.frames),
            "face": _share(self.with_face, self.frames),
            "recognised": _share(self.recognised, self.frames),
            "sound": _share(self.heard_seconds, self.sound_seconds),
        }

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, _DIGITS) if whole else None
