"""Measurements in, incidents out: intervals of time with hysteresis, merged, each of a type that the plugin knows."""

from proctor_engine.incidents.incident import BrowserEvent, Incident
from proctor_engine.incidents.watch import Watch

__all__ = ["BrowserEvent", "Incident", "Watch"]
