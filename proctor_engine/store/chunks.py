"""Taking in what a browser sends: each chunk once, whatever the network does."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.store import gaps, places, sessions
from proctor_engine.store.evidence import EvidenceStore
from proctor_engine.store.model import Chunk, ExamSession, Kind
from proctor_engine.store.vault import Vault

_chunks: Table = Chunk.__table__  # type: ignore[assignment]
_INSERT = {
    "sqlite": sqlite.insert(_chunks).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_chunks).on_conflict_do_nothing(),
}
_SUFFIX = {Kind.FRAME: "jpg", Kind.AUDIO: "pcm", Kind.SCREEN: "screen.jpg"}


class ChunkRefusedError(sessions.ConflictError):
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
        raise ChunkRefusedError("the session is {state}", state=row.state.value)
    sessions.seen(row)
    if arrival.time > sessions.seconds_since_start(row) + clock_tolerance:
        raise ChunkRefusedError("time: later than now")
    if arrival.sequence < row.next_sequence:
        late = gaps.holds(row.gaps, arrival.sequence)
        if late:
            row.gaps, row.chunks_late = gaps.without(row.gaps, arrival.sequence), row.chunks_late + 1
        return Receipt(duplicate=not late, late=late)
    if not _store(db, evidence, vault, row.id, arrival):
        return Receipt(duplicate=True)
    row.frames_received += arrival.kind is Kind.FRAME
    row.pending_since = row.pending_since or clock.now()
    return Receipt()


def next_sequence(db: Session, row: ExamSession) -> int:
    """The number from which a browser that comes back goes on."""
    highest = db.scalar(select(func.max(Chunk.sequence)).where(Chunk.session_id == row.id))
    return max(row.next_sequence, 0 if highest is None else highest + 1)


def waiting_seconds(row: ExamSession) -> float:
    """For how long something of this session has waited to be analysed."""
    return 0.0 if row.pending_since is None else max(0.0, (clock.now() - row.pending_since).total_seconds())


def _store(db: Session, evidence: EvidenceStore, vault: Vault, session_id: str, arrival: Arrival) -> bool:
    """False where a chunk of this number waits already: the first one counts, and its bytes stay."""
    in_row = arrival.kind is Kind.EVENTS
    key = None if in_row else f"{session_id}/{arrival.sequence:08d}.{_SUFFIX[arrival.kind]}"
    chunk = {
        "session_id": session_id,
        "sequence": arrival.sequence,
        "kind": arrival.kind,
        "time": arrival.time,
        "received_at": clock.now(),
        "evidence_key": key,
        "content": vault.seal(arrival.content, places.events(session_id, arrival.sequence)) if in_row else None,
        "discard": False,
    }
    if not db.connection().execute(_INSERT[db.get_bind().dialect.name], chunk).rowcount:
        return False
    if key is not None:
        evidence.put(key, arrival.content)
    return True
