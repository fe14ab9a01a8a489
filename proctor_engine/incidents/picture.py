"""Signs that the camera shows nothing: one at most at a time, the plainest first."""

from __future__ import annotations

from proctor_engine.incidents.sign import CLEAR, UNKNOWN, Sign, seen
from proctor_engine.measurements import FrameMeasurement

RULES = ("camera_frozen", "camera_covered", "camera_dark")


def lost_picture(frame: FrameMeasurement) -> dict[str, Sign]:
    """A sign for each of `RULES`."""
    quality = frame.quality
    cause = None
    if quality.frozen:
        cause = "camera_frozen"
    elif quality.covered:
        cause = "camera_covered"
    elif quality.dark:
        cause = "camera_dark"
    signs = {rule: seen(1.0, quality.still_for) if rule == cause else CLEAR for rule in RULES}
    if cause == "camera_dark" and frame.faces:
        # Dark as it is, somebody can be seen.
        signs[cause] = UNKNOWN
    return signs
