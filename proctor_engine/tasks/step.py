"""One step of one session's analysis: what it starts from, what it carries on, what it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from proctor_engine.analysis import SessionAnalysis
from proctor_engine.incidents import Incident
from proctor_engine.store.model import Kind
from proctor_engine.tasks.tracks import Tracks


@dataclass(frozen=True)
class Waiting:
    """A chunk as a worker needs it."""

    session_id: str
    sequence: int
    kind: Kind
    time: float
    received_at: datetime
    evidence_key: str | None
    content: bytes | None


@dataclass
class Step:
    """What comes next of one session, as it stood when it was claimed."""

    session_id: str
    generation: int
    next_sequence: int
    over: bool
    elapsed: float
    """Seconds since the session's start, at its end if it is over."""
    analysed_seconds: float
    settled_seconds: float
    waited: float
    """Seconds for which the first chunk has waited for a worker."""
    chunks: list[Waiting] = field(default_factory=list)
    missing: int = 0
    """Chunks before these that are given up."""
    last: bool = False
    """Nothing can come after these."""


@dataclass(frozen=True)
class Stored:
    """What another worker left: sealed, None where nothing was stored yet."""

    exam: dict[str, Any]
    reference: bytes | None
    progress: bytes | None
    objects: dict[str, Any]


@dataclass
class Carried:
    """A session's analysis as it goes from step to step."""

    analysis: SessionAnalysis
    objects: dict[str, Any]
    """What the object detector has seen lately."""
    written: dict[int, Incident] = field(default_factory=dict)
    """The incidents as the database has them; empty where that is not known."""
    is_stored: bool = False
    renewed: bool = False
    """What an older release had saved could not be taken up; a notice is due."""


@dataclass
class Done:
    """A step's results, not committed yet."""

    step: Step
    carried: Carried
    tracks: Tracks = field(default_factory=Tracks)
    shed: int = 0

    @property
    def reached(self) -> int:
        """The first chunk that is not analysed."""
        return self.step.chunks[-1].sequence + 1 if self.step.chunks else self.step.next_sequence

    @property
    def analysed_seconds(self) -> float:
        return max([self.step.analysed_seconds, *(chunk.time for chunk in self.step.chunks)])

    def changed(self) -> list[Incident]:
        """Incidents that the database does not have like this."""
        found = self.carried.analysis.incidents()
        return [incident for incident in found if self.carried.written.get(incident.number) != incident]
