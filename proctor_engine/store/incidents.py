"""Incidents as rows: kept in step with the analysis, decided by people, weighed by what people left standing."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import Configuration
from proctor_engine.incidents import Incident
from proctor_engine.scoring import Score, score
from proctor_engine.store.model import Decision, ExamSession, IncidentRow


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


def decide(db: Session, session: ExamSession, number: int, decision: Decision, who: str) -> IncidentRow:
    """Raises `KeyError` for an incident that the session does not have."""
    row = db.get(IncidentRow, (session.id, number))
    if row is None:
        raise KeyError(number)
    row.decision = decision
    row.decided_by, row.decided_at = (who, clock.now()) if decision is not Decision.UNDECIDED else (None, None)
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
