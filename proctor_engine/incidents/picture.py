"""Signs that the camera shows nothing: one at most at a time."""

from __future__ import annotations

from proctor_engine.configuration import PictureSigns
from proctor_engine.incidents.sign import CLEAR, UNKNOWN, Sign, seen
from proctor_engine.measurements import FrameMeasurement

RULES = ("camera_frozen", "camera_covered", "camera_dark")


def lost_picture(frame: FrameMeasurement, settings: PictureSigns) -> dict[str, Sign]:
    """A sign for each of `RULES`."""
    quality = frame.quality
    signs = dict.fromkeys(RULES, CLEAR)
    if quality.frozen:
        signs["camera_frozen"] = seen(1.0, quality.still_for)
    elif quality.covered or quality.dark:
        # Dark as it is, somebody may be seen in it.
        shows_nothing = not frame.faces or quality.brightness < settings.black_below
        signs["camera_covered" if quality.covered else "camera_dark"] = seen(1.0) if shows_nothing else UNKNOWN
    return signs
