"""Taking work: some sessions that wait, each for one worker, with the chunks that come next."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session, lazyload, load_only

from proctor_engine import clock
from proctor_engine.settings import Limits
from proctor_engine.store import sessions
from proctor_engine.store.chunks import waiting_seconds
from proctor_engine.store.model import AnalysisState, Chunk, ExamSession, State
from proctor_engine.tasks.step import Step, Stored, Waiting

LEASE = timedelta(seconds=20)
OWN_FIRST = timedelta(seconds=2)
"""For so long a session waits for the worker that has its analysis at hand, before any other takes it up."""
SESSIONS_PER_TURN = 8
CHUNKS_PER_SESSION = 12
"""Both bound what a killed worker costs, and how long a turn keeps the other sessions waiting."""

_ONLY_WHAT_STEPS_NEED = (
    lazyload(ExamSession.person),
    load_only(
        ExamSession.generation,
        ExamSession.next_sequence,
        ExamSession.state,
        ExamSession.started_at,
        ExamSession.ended_at,
        ExamSession.analysed_seconds,
        ExamSession.settled_seconds,
        ExamSession.pending_since,
    ),
)


def claim(db: Session, analyst: str, limits: Limits, only: str | None = None) -> list[Step]:
    """Leases the sessions that have waited longest, or the one that is asked for."""
    at = clock.now()
    wanted = ExamSession.id == only if only else _turn_of(analyst, at)
    query = select(ExamSession).where(ExamSession.pending_since.is_not(None), _free(at), wanted)
    query = query.order_by(ExamSession.pending_since).limit(SESSIONS_PER_TURN).options(*_ONLY_WHAT_STEPS_NEED)
    rows = db.scalars(query.with_for_update(skip_locked=True, of=ExamSession)).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    lease = update(ExamSession).where(ExamSession.id.in_(ids)).values(busy_until=at + LEASE, analyst=analyst)
    db.execute(lease.execution_options(synchronize_session=False))
    waiting = _next_chunks(db, ids)
    return [step for row in rows if (step := _step(db, row, waiting[row.id], limits, at)) is not None]


def anything_waits(db: Session, analyst: str) -> bool:
    at = clock.now()
    query = select(ExamSession.id).where(ExamSession.pending_since.is_not(None), _free(at), _turn_of(analyst, at))
    return db.scalar(query.limit(1)) is not None


def longest_wait(db: Session, *, only_free: bool = False) -> float:
    """Seconds for which some session has waited, or one that no worker has taken; 0 where none does."""
    at = clock.now()
    query = select(func.min(ExamSession.pending_since)).where(ExamSession.pending_since.is_not(None))
    since = db.scalar(query.where(_free(at)) if only_free else query)
    return max(0.001, (at - since).total_seconds()) if since else 0.0


def stored(db: Session, session_ids: list[str]) -> dict[str, Stored]:
    query = select(
        ExamSession.id,
        ExamSession.exam,
        AnalysisState.reference,
        AnalysisState.progress,
        AnalysisState.objects,
    ).outerjoin(AnalysisState, AnalysisState.session_id == ExamSession.id)
    rows = db.execute(query.where(ExamSession.id.in_(session_ids)))
    return {row.id: Stored(row.exam, row.reference, row.progress, dict(row.objects or {})) for row in rows}


def queue_length(db: Session) -> int:
    """Chunks that wait: the signal to start or stop workers by."""
    query = select(func.count()).select_from(Chunk).join(ExamSession, ExamSession.id == Chunk.session_id)
    waits = and_(ExamSession.pending_since.is_not(None), Chunk.sequence >= ExamSession.next_sequence)
    return db.scalar(query.where(waits)) or 0


def _free(at: datetime) -> ColumnElement[bool]:
    return or_(ExamSession.busy_until.is_(None), ExamSession.busy_until < at)


def _turn_of(analyst: str, at: datetime) -> ColumnElement[bool]:
    return or_(
        ExamSession.analyst.is_(None),
        ExamSession.analyst == analyst,
        ExamSession.pending_since < at - OWN_FIRST,
    )


def _next_chunks(db: Session, ids: list[str]) -> dict[str, list[Waiting]]:
    near = and_(
        Chunk.sequence >= ExamSession.next_sequence, Chunk.sequence < ExamSession.next_sequence + CHUNKS_PER_SESSION
    )
    query = _chunks().join(ExamSession, ExamSession.id == Chunk.session_id)
    found: dict[str, list[Waiting]] = defaultdict(list)
    for row in db.execute(query.where(ExamSession.id.in_(ids), near).order_by(Chunk.session_id, Chunk.sequence)):
        found[row.session_id].append(Waiting(*row))
    return found


def _step(db: Session, row: ExamSession, near: list[Waiting], limits: Limits, at: datetime) -> Step | None:
    """None where the next chunk is missing and worth waiting for."""
    step = Step(
        session_id=row.id,
        generation=row.generation,
        next_sequence=row.next_sequence,
        over=row.state is State.FINISHED,
        elapsed=sessions.seconds_since_start(row),
        analysed_seconds=row.analysed_seconds,
        settled_seconds=row.settled_seconds,
        waited=waiting_seconds(row),
        chunks=_contiguous(near, row.next_sequence),
    )
    if not step.chunks and (first := _first_after_gap(db, row)) is not None:
        if not step.over and _is_recent(db, first, at, timedelta(seconds=limits.gap_seconds)):
            # It waits for the network, not for us: no reason to thin out.
            row.busy_until, row.pending_since = at + timedelta(seconds=1), at
            return None
        step.missing, step.waited = first.sequence - row.next_sequence, 0.0
        step.chunks = [first]
    if step.over:
        reached = step.chunks[-1].sequence + 1 if step.chunks else row.next_sequence
        beyond = select(Chunk.sequence).where(Chunk.session_id == row.id, Chunk.sequence >= reached)
        step.last = db.scalar(beyond.limit(1)) is None
    return step


def _first_after_gap(db: Session, row: ExamSession) -> Waiting | None:
    query = _chunks().where(Chunk.session_id == row.id, Chunk.sequence >= row.next_sequence)
    found = db.execute(query.order_by(Chunk.sequence).limit(1)).first()
    return Waiting(*found) if found else None


def _is_recent(db: Session, chunk: Waiting, at: datetime, patience: timedelta) -> bool:
    """A chunk from the future came before somebody set the clock back: its patience begins anew."""
    if chunk.received_at > at:
        this = (Chunk.session_id == chunk.session_id, Chunk.sequence == chunk.sequence)
        db.execute(update(Chunk).where(*this).values(received_at=at))
        return True
    return at - chunk.received_at < patience


def _chunks() -> Any:
    """In the order of `Waiting`'s fields."""
    return select(
        Chunk.session_id, Chunk.sequence, Chunk.kind, Chunk.time, Chunk.received_at, Chunk.evidence_key, Chunk.content
    )


def _contiguous(waiting: list[Waiting], first: int) -> list[Waiting]:
    """The chunks from `first` on, up to the first one that is missing."""
    run: list[Waiting] = []
    for chunk in waiting:
        if chunk.sequence != first + len(run):
            break
        run.append(chunk)
    return run
