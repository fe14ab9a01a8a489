"""What a session's analysis finds: intervals of time, each with a type that the plugin knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that went on for a while. Times are seconds since the session's start.

    `number` counts from 1 in the order of opening and never changes. `type` is a key of `contract.condition.WARNINGS`,
    `rule` names what made the incident (see `rules.RULES`). While `open`, `end` is the last time it was seen.
    `confidence` is 0..1; `evidence` are times of frames or sounds that show it, the most telling first. `scored` tells
    whether it may raise the score: technical faults never do.
    """

    number: int
    type: str
    rule: str
    start: float
    end: float
    open: bool
    confidence: float
    scored: bool
    evidence: tuple[float, ...] = ()
    detail: str | None = None

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class BrowserEvent:
    """What the student's browser, a proctor or an object detector reports by itself.

    `type` is a key of `contract.condition.WARNINGS`. `end` is None while it lasts; a later event of the same type and
    start with an `end` closes it. `detail` is shown to the reviewer as it is.
    """

    type: str
    start: float
    end: float | None = None
    detail: str | None = None
