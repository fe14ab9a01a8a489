"""Everything a pipeline remembers between frames, as data that can be stored and taken up by another worker."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from proctor_engine.vision.calibration import CalibrationState
from proctor_engine.vision.emotion import EmotionState
from proctor_engine.vision.identity import IdentityState
from proctor_engine.vision.liveness import LivenessState
from proctor_engine.vision.scanning import ScanState
from proctor_engine.vision.stillness import StillnessState
from proctor_engine.vision.surroundings import SurroundingsState
from proctor_engine.vision.template import TemplateState
from proctor_engine.vision.tracking import TrackingState

VERSION = 3


@dataclass
class PipelineState:
    version: int = VERSION
    size: tuple[int, int] | None = None
    """(width, height) of the last working frame: places mean nothing on one of another size."""
    stillness: StillnessState = field(default_factory=StillnessState)
    surroundings: SurroundingsState = field(default_factory=SurroundingsState)
    scan: ScanState = field(default_factory=ScanState)
    tracking: TrackingState = field(default_factory=TrackingState)
    calibration: CalibrationState = field(default_factory=CalibrationState)
    emotion: EmotionState = field(default_factory=EmotionState)
    tilt: float = 0.0
    """Degrees clockwise by which the candidate's face lay aside when it was last seen."""
    liveness: LivenessState = field(default_factory=LivenessState)
    identity: IdentityState = field(default_factory=IdentityState)
    template: TemplateState = field(default_factory=TemplateState)


_ADAPTER = TypeAdapter(PipelineState)


def dump(state: PipelineState) -> bytes:
    """JSON: floats keep every bit, so that a resumed pipeline goes on exactly as this one would."""
    return _ADAPTER.dump_json(state)


def load(data: bytes) -> PipelineState:
    """Raises ValueError where the bytes are not a state that this version wrote."""
    try:
        state = _ADAPTER.validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"not a saved pipeline state: {where}: {first['msg']}") from error
    if state.version != VERSION:
        raise ValueError(f"pipeline state of version {state.version}, this engine reads version {VERSION}")
    return state
