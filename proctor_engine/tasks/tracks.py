"""What the review page draws beside the incidents: a few numbers of each second."""

from __future__ import annotations

from typing import Any

from proctor_engine.measurements import AudioMeasurement, FrameMeasurement


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
