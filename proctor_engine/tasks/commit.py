"""Writing what a turn found: one transaction, and of each session only what nobody else has committed since."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy import Table, bindparam, case, func, insert, select, update
from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.service import Service
from proctor_engine.store import incidents, notices, places
from proctor_engine.store.model import AnalysisState, Chunk, ExamSession, Instant, State, Track
from proctor_engine.store.notices import Notice
from proctor_engine.tasks import conclude, trim
from proctor_engine.tasks.step import Done

log = logging.getLogger(__name__)

_sessions: Table = ExamSession.__table__  # type: ignore[assignment]
_states: Table = AnalysisState.__table__  # type: ignore[assignment]

_WAITING = (
    select(func.min(Chunk.received_at))
    .where(Chunk.session_id == _sessions.c.id, Chunk.sequence >= bindparam("reached"))
    .scalar_subquery()
)
_ADVANCE = (
    update(_sessions)
    .where(_sessions.c.id == bindparam("session"))
    .values(
        generation=_sessions.c.generation + 1,
        busy_until=None,
        next_sequence=bindparam("reached"),
        analysed_seconds=bindparam("seconds"),
        frames_shed=_sessions.c.frames_shed + bindparam("shed"),
        chunks_missing=_sessions.c.chunks_missing + bindparam("missing"),
        # A finished session waits for its last step even where no chunk does.
        pending_since=case((_sessions.c.state == State.FINISHED, bindparam("at", type_=Instant)), else_=_WAITING),
    )
)
_CARRY = (
    update(_states)
    .where(_states.c.session_id == bindparam("session"))
    .values(progress=bindparam("sealed"), objects=bindparam("seen", type_=_states.c.objects.type))
)


def write(service: Service, results: Sequence[Done]) -> list[Done]:
    """Returns those that were committed; a step that another worker was quicker with is void."""
    if not results:
        return []
    with service.database.begin() as db:
        standing = _standing(db, results)
        if standing:
            _advance(db, standing)
            _carry(db, service, standing)
            for result in standing:
                _record(db, service, result)
    for result in standing:
        result.carried.is_stored, result.carried.renewed = True, False
        result.carried.written = {incident.number: incident for incident in result.carried.analysis.incidents()}
    return standing


def _standing(db: Session, results: Sequence[Done]) -> list[Done]:
    """Locks the sessions, in one order for all workers."""
    ids = [result.step.session_id for result in results]
    query = select(ExamSession.id, ExamSession.generation).where(ExamSession.id.in_(ids)).order_by(ExamSession.id)
    present = {row.id: row.generation for row in db.execute(query.with_for_update(of=ExamSession))}
    standing = [result for result in results if present.get(result.step.session_id) == result.step.generation]
    for void in (result for result in results if result not in standing):
        log.info("step void", extra={"session": void.step.session_id})
    return standing


def _advance(db: Session, results: Sequence[Done]) -> None:
    at = clock.now()
    rows = [
        {
            "session": result.step.session_id,
            "reached": result.reached,
            "seconds": result.analysed_seconds,
            "shed": result.shed,
            "missing": result.step.missing,
            "at": at,
        }
        for result in results
    ]
    db.connection().execute(_ADVANCE, rows)
    tracks = [
        {"session_id": result.step.session_id, "sequence": result.step.next_sequence, "moments": moments}
        for result in results
        if (moments := result.tracks.moments())
    ]
    if tracks:
        db.execute(insert(Track), tracks)


def _carry(db: Session, service: Service, results: Sequence[Done]) -> None:
    """Leaves each analysis where any worker can take it up."""
    fresh = [
        {"session_id": result.step.session_id, "objects": {}} for result in results if not result.carried.is_stored
    ]
    if fresh:
        db.execute(insert(AnalysisState), fresh)
    rows = [
        {
            "session": result.step.session_id,
            "sealed": service.vault.seal(result.carried.analysis.dump(), places.progress(result.step.session_id)),
            "seen": result.carried.objects,
        }
        for result in results
    ]
    db.connection().execute(_CARRY, rows)


def _record(db: Session, service: Service, result: Done) -> None:
    """What is only written where it has changed."""
    step, analysis = result.step, result.carried.analysis
    changed, settles = result.changed(), trim.is_due(result)
    if not (changed or settles or step.missing or result.carried.renewed):
        return
    row = db.get_one(ExamSession, step.session_id)
    if result.carried.renewed:
        notices.record(db, row, Notice.ANALYSIS_RENEWED, time=step.analysed_seconds)
    if changed:
        incidents.synchronise(db, row.id, changed)
        db.flush()
        row.score = incidents.weigh(incidents.of_session(db, row.id), row, service.configuration).value
    if step.missing:
        row.gaps = [*row.gaps, [step.next_sequence, step.next_sequence + step.missing - 1]]
    if settles:
        trim.keep(db, row, analysis.incidents(), service.settings, everything=step.last)
    if step.last:
        conclude.propose(db, service, row)
