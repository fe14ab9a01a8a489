"""From incidents to a score, explained term by term, and from the score to a proposed conclusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contract.condition import CHEATER_LEVEL, SCORING
from contract.entry import Status
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import ScoringSettings
from proctor_engine.incidents.incident import Incident

HIGHEST = 100


@dataclass(frozen=True, slots=True)
class Term:
    """What one scoring key adds: `points` = `weight` x (incidents x per_incident + minutes x per_minute), at most 100.

    `incidents` and `seconds` are sums over the incidents of this key, each counted by its confidence.
    """

    key: str
    weight: float
    incidents: float
    seconds: float
    per_incident: float
    per_minute: float
    points: float

    def __str__(self) -> str:
        return (
            f"{self.key}: {self.weight:g} x ({self.incidents:g} incidents x {self.per_incident:g}"
            f" + {self.seconds:g} s x {self.per_minute:g} a minute) = {self.points:g}"
        )


@dataclass(frozen=True, slots=True)
class Score:
    """`value` is 0..100, the terms' sum, rounded half up and cut at 100. The thresholds are what it is held against."""

    value: int
    terms: tuple[Term, ...]
    attention: int
    rejected: int

    @property
    def conclusion(self) -> Status:
        """A proposal: a person decides."""
        if self.value >= self.rejected:
            return Status.RULES_VIOLATION
        return Status.SUSPICIOUS if self.value >= self.attention else Status.CLEAN


def score(incidents: Sequence[Incident], condition: ExamCondition, settings: ScoringSettings) -> Score:
    """Weighs what is `scored`. A `cheater_level` of the condition stands in for the `rejected` threshold."""
    terms = []
    for key in SCORING:
        if key.key == CHEATER_LEVEL:
            continue
        counted = [incident for incident in incidents if incident.scored and incident.type in key.weighs]
        if counted:
            terms.append(_term(key.key, counted, condition, settings))
    total = sum(term.points for term in terms)
    rejected = _first(condition.cheater_level, condition.rejected, settings.rejected)
    attention = min(_first(condition.attention, settings.attention), rejected)
    return Score(
        value=min(HIGHEST, int(total + 0.5)),
        terms=tuple(terms),
        attention=attention,
        rejected=rejected,
    )


def _term(key: str, counted: Sequence[Incident], condition: ExamCondition, settings: ScoringSettings) -> Term:
    amount = settings.keys[key]
    chosen = condition.weights.get(key)
    weight = float(amount.weight if chosen is None else chosen)
    incidents = round(sum(incident.confidence for incident in counted), 3)
    seconds = round(sum(incident.confidence * incident.duration for incident in counted), 1)
    points = weight * (incidents * amount.per_incident + seconds / 60 * amount.per_minute)
    return Term(key, weight, incidents, seconds, amount.per_incident, amount.per_minute, round(min(HIGHEST, points), 1))


def _first(*candidates: int | None) -> int:
    return next(candidate for candidate in candidates if candidate is not None)
