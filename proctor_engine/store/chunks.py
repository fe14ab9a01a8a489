"""Taking in what a browser sends: each chunk once, whatever the network does."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.store import sessions
from proctor_engine.store.evidence import EvidenceStore
from proctor_engine.store.model import Chunk, ExamSession, Kind
from proctor_engine.store.vault import Vault

_SUFFIX = {Kind.FRAME: "jpg", Kind.AUDIO: "pcm"}


class ChunkRefusedError(Exception):
    """A chunk that contradicts our own clock or the session's state; sending it again will not help."""


@dataclass(frozen=True)
class Arrival:
    """One upload. `time` is in seconds since the session's start, `sequence` counts over all kinds from 0."""

    sequence: int
    kind: Kind
    time: float
    content: bytes


@dataclass(frozen=True)
class Receipt:
    duplicate: bool = False
    late: bool = False
    """Others after it were analysed already: it was waited for, and is counted, not analysed."""


def accept(
    db: Session, evidence: EvidenceStore, vault: Vault, row: ExamSession, arrival: Arrival, clock_tolerance: float
) -> Receipt:
    """Stores a chunk; once the transaction commits it is acknowledged and will not be lost.

    `row` must be locked by this transaction. Raises `ChunkRefusedError` for a session that is over and for a time
    that has not come yet: a browser cannot send what it has not seen.
    """
    if row.state not in sessions.LIVE:
        raise ChunkRefusedError(f"the session is {row.state.value}")
    if arrival.time > sessions.seconds_since_start(row) + clock_tolerance:
        raise ChunkRefusedError("time: later than now")
    known = db.scalar(select(Chunk.id).where(Chunk.session_id == row.id, Chunk.sequence == arrival.sequence))
    if known is not None:
        return Receipt(duplicate=True)
    late = arrival.sequence < row.next_sequence
    chunk = Chunk(
        session_id=row.id,
        sequence=arrival.sequence,
        kind=arrival.kind,
        time=arrival.time,
        received_at=clock.now(),
        analysed=late,
    )
    if late:
        row.chunks_late += 1
    elif arrival.kind is Kind.EVENTS:
        chunk.content = vault.seal(arrival.content)
    else:
        chunk.evidence_key = f"{row.id}/{arrival.sequence:08d}.{_SUFFIX[arrival.kind]}"
        evidence.put(chunk.evidence_key, arrival.content)
    db.add(chunk)
    row.seen_at = clock.now()
    row.frames_received += arrival.kind is Kind.FRAME
    row.has_pending = row.has_pending or not late
    return Receipt(late=late)


def next_sequence(db: Session, row: ExamSession) -> int:
    """The number from which a browser that comes back goes on."""
    highest = db.scalar(select(func.max(Chunk.sequence)).where(Chunk.session_id == row.id))
    return 0 if highest is None else highest + 1


def backlog_seconds(row: ExamSession) -> float:
    """How far the analysis is behind the clock; 0 before the start."""
    if row.started_at is None:
        return 0.0
    return max(0.0, sessions.seconds_since_start(row) - row.analysed_seconds)
