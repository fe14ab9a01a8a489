"""What the review page draws beside the incidents: a few numbers of each second."""

from __future__ import annotations

from typing import Any

from proctor_engine.measurements import AudioMeasurement, FrameMeasurement


class Tracks:
    """The moments of one step, by second: a second has one set of values."""

    def __init__(self) -> None:
        self._moments: dict[int, dict[str, Any]] = {}

    def add(self, measurement: FrameMeasurement | AudioMeasurement) -> None:
        second = int(measurement.time)
        self._moments.setdefault(second, {"time": second}).update(track(measurement))

    def moments(self) -> list[dict[str, Any]]:
        return [self._moments[second] for second in sorted(self._moments)]


def track(measurement: FrameMeasurement | AudioMeasurement) -> dict[str, Any]:
    """Rounded, and without anything that could recognise a person again."""
    if isinstance(measurement, AudioMeasurement):
        return {"voice": round(measurement.voice, 2), "level": round(measurement.level)}
    values: dict[str, Any] = {"faces": len(measurement.faces), "light": round(measurement.quality.brightness)}
    main = next((face for face in measurement.faces if face.pose or face.gaze or face.identity), None)
    if main is not None:
        if main.pose is not None:
            values["yaw"] = round(main.pose.yaw)
        if main.gaze is not None:
            values["gaze"] = round(main.gaze.x, 2)
        if main.identity is not None:
            values["same"] = main.identity.sameness.value
    return values
