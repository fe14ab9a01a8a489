"""Which pictures stay: those that show an incident and a few around them. All others go once they are analysed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, tuple_, update
from sqlalchemy.orm import Session

from proctor_engine.incidents import Incident
from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.store.model import Chunk, Evidence, ExamSession, Kind, Purpose
from proctor_engine.tasks.step import Done

SETTLED = 30.0
"""Seconds after which no new incident will reach back to a frame."""
EVERY = 10.0
"""Seconds of a session between two looks at what is settled: most steps need not look."""
AROUND = 2.0
"""Seconds before and after an incident that a reviewer wants to see."""
LONG = 10.0
"""Within a long incident, one frame each so many seconds is enough."""
BATCH = 500


def is_due(done: Done) -> bool:
    return done.step.last or done.analysed_seconds - SETTLED - done.step.settled_seconds >= EVERY


def keep(db: Session, row: ExamSession, found: Iterable[Incident], settings: Settings, *, everything: bool) -> None:
    """Promotes pictures to evidence and marks the rest for `discard`; `everything` at the session's end."""
    until = row.analysed_seconds if everything else row.analysed_seconds - SETTLED
    query = select(Chunk).where(Chunk.session_id == row.id, Chunk.sequence < row.next_sequence, ~Chunk.discard)
    if not everything:
        query = query.where(Chunk.time < until)
    chunks = list(db.scalars(query.order_by(Chunk.time)))
    frames = [chunk for chunk in chunks if chunk.kind is Kind.FRAME]
    stay = frames if settings.keep_frames else [frames[index] for index in sorted(_shown(frames, found))]
    stay += [chunk for chunk in chunks if chunk.kind is Kind.SCREEN]
    if stay:
        db.execute(insert(Evidence), [_evidence(row, chunk) for chunk in stay])
        _delete(db, row.id, [chunk.sequence for chunk in stay])
    going = {chunk.sequence for chunk in chunks} - {chunk.sequence for chunk in stay}
    these = (Chunk.session_id == row.id, Chunk.sequence.in_(going))
    db.execute(update(Chunk).where(*these).values(discard=True))
    row.settled_seconds = until


def discard(service: Service, session_ids: Sequence[str] | None = None) -> None:
    """Deletes what `keep` gave up, files before rows. Repeating it after a crash is harmless.

    Without ids also what a worker left that died in between.
    """
    query = select(Chunk.session_id, Chunk.sequence, Chunk.evidence_key).where(Chunk.discard).limit(BATCH)
    if session_ids is not None:
        query = query.where(Chunk.session_id.in_(session_ids))
    while True:
        with service.database.read() as db:
            chunks = db.execute(query).all()
        if not chunks:
            return
        for chunk in chunks:
            if chunk.evidence_key:
                service.evidence.delete(chunk.evidence_key)
        these = tuple_(Chunk.session_id, Chunk.sequence).in_([(chunk.session_id, chunk.sequence) for chunk in chunks])
        with service.database.begin() as db:
            db.execute(delete(Chunk).where(these))
        if len(chunks) < BATCH:
            return


def _evidence(row: ExamSession, chunk: Chunk) -> dict[str, Any]:
    screen = chunk.kind is Kind.SCREEN
    return {
        "session_id": row.id,
        "key": chunk.evidence_key,
        "kind": "screen" if screen else "frame",
        "purpose": Purpose.SURROUNDINGS if screen else Purpose.INCIDENT,
        "time": chunk.time,
        "delete_after": row.evidence_until,
    }


def _delete(db: Session, session_id: str, sequences: Sequence[int]) -> None:
    db.execute(delete(Chunk).where(Chunk.session_id == session_id, Chunk.sequence.in_(sequences)))


def _shown(frames: Sequence[Chunk], found: Iterable[Incident]) -> set[int]:
    """Indices of the frames that incidents need: their evidence, their edges, and samples of long ones."""
    shown: set[int] = set()
    if not frames:
        return shown
    first, last = frames[0].time - AROUND, frames[-1].time + AROUND
    for incident in found:
        wanted = [*incident.evidence, incident.start, incident.end, incident.start - AROUND, incident.end + AROUND]
        wanted += [incident.start + step * LONG for step in range(1, int((incident.end - incident.start) / LONG) + 1)]
        for time in wanted:
            if first <= time <= last:
                nearest = min(range(len(frames)), key=lambda index: abs(frames[index].time - time))
                if abs(frames[nearest].time - time) <= AROUND:
                    shown.add(nearest)
    return shown
