"""From the last analysed chunk to a review on its way: the machine proposes, a person concludes."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from contract.condition import Mode
from proctor_engine.service import Service
from proctor_engine.store import incidents, reviews, sessions
from proctor_engine.store.model import AnalysisState, Evidence, ExamSession, State

AUTOMATIC = "automatic"


def propose(db: Session, service: Service, row: ExamSession) -> None:
    """Ends the analysis with a proposal; only an administrator's setting, for exams of mode `auto`, goes further."""
    db.flush()
    weighed = incidents.weigh(incidents.of_session(db, row.id), row, service.configuration)
    row.score, row.proposal = weighed.value, weighed.conclusion.value
    sessions.move(row, State.PROPOSED)
    row.pending_since = None
    row.evidence_until, row.record_until = sessions.end_dates(
        row.ended_at or row.created_at, service.settings.retention
    )
    db.execute(update(Evidence).where(Evidence.session_id == row.id).values(delete_after=row.evidence_until))
    if not service.settings.retention.keep_template and (state := db.get(AnalysisState, row.id)):
        db.delete(state)
    if service.settings.automatic and sessions.exam_of(row).mode is Mode.AUTO:
        reviews.conclude(db, service.configuration, row, AUTOMATIC, weighed.conclusion.value, "")
