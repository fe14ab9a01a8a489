"""Objects in a frame, by a detector that the institution brings: an ONNX file in YOLO's layout and its classes.

What none finds is not looked for, and staff's pages and `/health/ready` say so. Beside `model.onnx` lies `model.toml`:

    size = 640                       # of the square input, in pixels
    layout = "yolov8"                # of the output, see `Layout`
    [classes.67]                     # the class's number in the model's output
    warning = "warning_phone"
    confidence = 0.5                 # below it nothing was seen

The model takes float32 (1, 3, size, size), RGB, 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import tomlkit
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from tomlkit.exceptions import TOMLKitError

from contract.condition import WARNINGS, Source
from proctor_engine.errors import ConfigurationError
from proctor_engine.incidents import BrowserEvent

GRAY = 114
"""What YOLO's training fills the rest of the square with."""
OPENS_AFTER = 2
"""Sightings; one frame alone never makes an incident."""
CLOSES_AFTER = 5.0
"""Seconds without a sighting."""
DETECTABLE = frozenset(warning.key for warning in WARNINGS if warning.source is Source.DETECTOR)


class Layout(str, Enum):
    """What a model gives; where an object is does not matter here."""

    YOLOV8 = "yolov8"
    """(1, 4 + classes, boxes), as YOLOv8, v9, 11 and 12: a box, then a score a class."""
    YOLOV5 = "yolov5"
    """(1, boxes, 5 + classes), as YOLOv5 and v7: a box, whether anything is there at all, then a share a class."""
    YOLOV10 = "yolov10"
    """(1, boxes, 6), as YOLOv10 and 26: corners, a score and the class's number."""

    def scores(self, output: NDArray[np.float32]) -> NDArray[np.float32]:
        """(classes, boxes) of a model's (rows, columns)."""
        if self is Layout.YOLOV8:
            return output[4:]
        if self is Layout.YOLOV5:
            return np.asarray((output[:, 5:] * output[:, 4:5]).T)
        numbers = output[:, 5].astype(int)
        scores = np.zeros((numbers.max(initial=0) + 1, len(output)), np.float32)
        scores[numbers, np.arange(len(output))] = output[:, 4]
        return scores

    def fits(self, shape: tuple[int, ...], classes: int) -> bool:
        """Whether an output of this shape can be read so, with classes numbered up to `classes` - 1."""
        if len(shape) != 3 or shape[0] != 1:
            return False
        if self is Layout.YOLOV8:
            return shape[1] >= 4 + classes
        return shape[2] >= 5 + classes if self is Layout.YOLOV5 else shape[2] == 6


class ObjectClass(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    warning: str
    confidence: float = Field(default=0.5, ge=0, le=1)

    @field_validator("warning")
    @classmethod
    def _detectable(cls, value: str) -> str:
        if value not in DETECTABLE:
            raise ValueError(f"{value} is none of {', '.join(sorted(DETECTABLE))}")
        return value


class ObjectModel(BaseModel):
    """The `.toml` beside the model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int = Field(default=640, ge=32, le=2048)
    layout: Layout = Layout.YOLOV8
    classes: dict[int, ObjectClass]


@dataclass(frozen=True)
class Sighting:
    warning: str
    confidence: float


class ObjectDetector:
    def __init__(self, model: Path) -> None:
        """Raises ConfigurationError for files that are missing or do not fit."""
        self._model = _read(model.with_suffix(".toml"))
        try:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1  # Workers are processes, one a core.
            self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no other base
            raise ConfigurationError(f"{model}: not an ONNX model that can be run") from error
        self._input = self._session.get_inputs()[0].name
        self._must_fit(model)

    def look(self, picture: NDArray[np.uint8]) -> list[Sighting]:
        """The strongest sighting of each warning in an RGB picture (height, width, 3)."""
        scores = self._model.layout.scores(self._run(picture)[0])
        best: dict[str, float] = {}
        for number, kind in self._model.classes.items():
            if number < len(scores) and (score := float(scores[number].max(initial=0))) >= kind.confidence:
                best[kind.warning] = max(score, best.get(kind.warning, 0))
        return [Sighting(warning, score) for warning, score in sorted(best.items())]

    def _run(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        output: Any = self._session.run(None, {self._input: self._square(picture)})[0]
        return np.asarray(output)

    def _must_fit(self, model: Path) -> None:
        """A model of another size or layout would run and see nothing, or nonsense."""
        size, layout = self._model.size, self._model.layout
        try:
            shape = self._run(np.zeros((16, 16, 3), np.uint8)).shape
        except Exception as error:  # onnxruntime's errors share no other base
            wants = self._session.get_inputs()[0].shape
            raise ConfigurationError(f"{model}: takes {wants}, not (1, 3, {size}, {size}): set size") from error
        if not layout.fits(shape, max(self._model.classes, default=0) + 1):
            others = ", ".join(other.value for other in Layout if other is not layout)
            raise ConfigurationError(
                f"{model}: gives {shape}, which is not {layout.value} with these classes: set layout to one of {others}"
            )

    def _square(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Scaled into the model's square, the rest gray."""
        size = self._model.size
        scale = size / max(picture.shape[:2])
        height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
        square = np.full((size, size, 3), GRAY, np.uint8)
        square[:height, :width] = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(square.transpose(2, 0, 1)[None] / 255, np.float32)


def follow(state: dict[str, Any], sightings: list[Sighting], time: float) -> list[BrowserEvent]:
    """Turns sightings into reports that open and close. `state` is plain JSON and carries from frame to frame."""
    events = []
    for seen in sightings:
        known = state.setdefault(seen.warning, {"start": time, "last": time, "count": 0, "open": False})
        known["count"] += 1
        known["last"] = time
        if not known["open"] and known["count"] >= OPENS_AFTER:
            known["open"] = True
            events.append(BrowserEvent(seen.warning, known["start"], detail=f"seen with {seen.confidence:.0%}"))
    for warning in [key for key, known in state.items() if time - known["last"] > CLOSES_AFTER]:
        known = state.pop(warning)
        if known["open"]:
            events.append(BrowserEvent(warning, known["start"], known["last"]))
    return events


def check(model: Path | None) -> None:
    """For a start: raises ConfigurationError where a detector is named and cannot be used."""
    if model is not None:
        ObjectDetector(model)


@cache
def looked_for(model: Path | None) -> frozenset[str]:
    """The warnings that this detector can raise, by its description; none without one."""
    classes = _read(model.with_suffix(".toml")).classes if model else {}
    return frozenset(kind.warning for kind in classes.values())


@cache
def open_detector(model: Path) -> ObjectDetector:
    """One a process."""
    return ObjectDetector(model)


def _read(file: Path) -> ObjectModel:
    try:
        return ObjectModel.model_validate(tomlkit.parse(file.read_text("utf-8")).unwrap())
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from error
    except TOMLKitError as error:
        raise ConfigurationError(f"{file}: not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise ConfigurationError(f"{file}: {field}: {first['msg'].removeprefix('Value error, ')}") from error
