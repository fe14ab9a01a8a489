"""Incidents as rows: kept in step with the analysis, decided by people, weighed by what people left standing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contract.condition import WARNINGS
from proctor_engine import clock
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import Configuration
from proctor_engine.incidents import Incident
from proctor_engine.incidents.rules import is_scored
from proctor_engine.scoring import Score, score
from proctor_engine.store.model import Decision, ExamSession, IncidentRow

ANALYSED = 9999
"""The highest number that the analysis of a session may reach; people's marks are numbered from the next on."""
MARKABLE: frozenset[str] = frozenset(
    warning.key for warning in WARNINGS if not warning.technical and warning.key != "warning_cheater"
)
"""What a person may say that they saw. A sum of signs and faults of equipment are no sight."""


def synchronise(db: Session, session_id: str, found: Iterable[Incident]) -> None:
    """Writes what the analysis knows; people's decisions stay as they are."""
    for incident in found:
        row = db.get(IncidentRow, (session_id, incident.number))
        if row is None:
            row = IncidentRow(session_id=session_id, number=incident.number)
            db.add(row)
        row.type, row.rule, row.detail = incident.type, incident.rule, incident.detail
        row.start, row.end, row.open = incident.start, incident.end, incident.open
        row.confidence, row.scored = incident.confidence, incident.scored
        row.evidence = list(incident.evidence)


def of_session(db: Session, session_id: str) -> list[IncidentRow]:
    query = select(IncidentRow).where(IncidentRow.session_id == session_id)
    return list(db.scalars(query.order_by(IncidentRow.start, IncidentRow.number)))


def analysed(db: Session, session_id: str) -> list[Incident]:
    """What the analysis has found: without people's marks, and whole as it was seen, whatever people say of it."""
    rows = of_session(db, session_id)
    return [replace(as_value(row), confidence=row.confidence) for row in rows if row.number <= ANALYSED]


def decide(db: Session, session: ExamSession, number: int, decision: Decision, who: str) -> IncidentRow:
    """Raises `KeyError` for an incident that the session does not have."""
    row = db.get(IncidentRow, (session.id, number))
    if row is None:
        raise KeyError(number)
    row.decision = decision
    row.decided_by, row.decided_at = (who, clock.now()) if decision is not Decision.UNDECIDED else (None, None)
    return row


def mark(db: Session, session: ExamSession, sighting: Incident, who: str) -> IncidentRow:
    """An incident that a person saw, or the service itself: numbered apart from those of the analysis.

    Raises `ValueError` for what is none of `MARKABLE`, and for what the exam's rules allow.
    """
    if sighting.type not in MARKABLE or ExamCondition.from_module(session.exam).silences(sighting.type):
        raise ValueError("type: nothing that can be marked in this exam")
    highest = db.scalar(select(func.max(IncidentRow.number)).where(IncidentRow.session_id == session.id)) or 0
    row = IncidentRow(session_id=session.id, number=max(highest, ANALYSED) + 1)
    row.type, row.rule, row.detail = sighting.type, sighting.rule, sighting.detail
    row.start, row.end, row.open = sighting.start, sighting.end, False
    row.confidence, row.scored = sighting.confidence, is_scored(sighting.type, sighting.rule)
    row.evidence = list(sighting.evidence)
    row.decision, row.decided_by, row.decided_at = Decision.CONFIRMED, who, clock.now()
    db.add(row)
    db.flush()
    return row


def weigh(rows: Iterable[IncidentRow], session: ExamSession, configuration: Configuration) -> Score:
    """The score of what was not dismissed. A confirmed incident counts whole: a person was sure."""
    standing = [as_value(row) for row in rows if row.decision is not Decision.DISMISSED]
    return score(standing, ExamCondition.from_module(session.exam), configuration.scoring)


def as_value(row: IncidentRow) -> Incident:
    return Incident(
        number=row.number,
        type=row.type,
        rule=row.rule,
        start=row.start,
        end=row.end,
        open=row.open,
        confidence=1.0 if row.decision is Decision.CONFIRMED else row.confidence,
        scored=row.scored,
        evidence=tuple(row.evidence),
        detail=row.detail,
    )
