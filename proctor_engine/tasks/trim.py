"""Which frames stay: those that show an incident and a few around them. All others go once they are analysed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.store import incidents
from proctor_engine.store.model import Chunk, Evidence, ExamSession, IncidentRow, Kind, Purpose

SETTLED = 30.0
"""Seconds after which no new incident will reach back to a frame."""
AROUND = 2.0
"""Seconds before and after an incident that a reviewer wants to see."""
LONG = 10.0
"""Within a long incident, one frame each so many seconds is enough."""


def keep(db: Session, row: ExamSession, settings: Settings, *, everything: bool) -> None:
    """Promotes frames to evidence and marks the rest for `discard`; `everything` at the session's end."""
    query = select(Chunk).where(Chunk.session_id == row.id, Chunk.analysed, Chunk.evidence_key.is_not(None))
    if not everything:
        query = query.where(Chunk.time < row.analysed_seconds - SETTLED)
    chunks = list(db.scalars(query.order_by(Chunk.time)))
    rows = incidents.of_session(db, row.id)
    frames = [chunk for chunk in chunks if chunk.kind is Kind.FRAME]
    shown = set(range(len(frames))) if settings.keep_frames else _shown(frames, rows)
    stays = {frames[index].id for index in shown}
    for chunk in chunks:
        if chunk.id in stays and chunk.evidence_key:
            db.add(
                Evidence(
                    session_id=row.id,
                    key=chunk.evidence_key,
                    kind="frame",
                    purpose=Purpose.INCIDENT,
                    time=chunk.time,
                    delete_after=row.evidence_until,
                )
            )
            chunk.evidence_key = None
        else:
            chunk.discard = True


def discard(service: Service, session_id: str) -> None:
    """Deletes the files that `keep` gave up. Repeating it after a crash is harmless."""
    with service.database.begin() as db:
        chunks = db.scalars(
            select(Chunk).where(Chunk.session_id == session_id, Chunk.discard, Chunk.evidence_key.is_not(None))
        )
        for chunk in chunks:
            service.evidence.delete(chunk.evidence_key or "")
            chunk.evidence_key = None


def _shown(frames: Sequence[Chunk], rows: Iterable[IncidentRow]) -> set[int]:
    """Indices of the frames that incidents need: their evidence, their edges, and samples of long ones."""
    shown: set[int] = set()
    for incident in rows:
        wanted = [*incident.evidence, incident.start, incident.end, incident.start - AROUND, incident.end + AROUND]
        wanted += [incident.start + step * LONG for step in range(1, int((incident.end - incident.start) / LONG) + 1)]
        for time in wanted:
            nearest = min(range(len(frames)), key=lambda index: abs(frames[index].time - time), default=None)
            if nearest is not None and abs(frames[nearest].time - time) <= AROUND:
                shown.add(nearest)
    return shown
