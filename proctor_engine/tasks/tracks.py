"""What the review page draws beside the incidents: a few numbers of each analysed frame."""

from __future__ import annotations

from typing import Any

from proctor_engine.measurements import FrameMeasurement


def track(measurement: FrameMeasurement) -> dict[str, Any]:
    """Rounded, and without anything that could recognise a person again."""
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
