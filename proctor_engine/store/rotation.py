"""Changing the key of encryption at rest."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from proctor_engine.settings import Settings
from proctor_engine.store import places
from proctor_engine.store import vault as keys
from proctor_engine.store.database import Database
from proctor_engine.store.evidence import EvidenceStore
from proctor_engine.store.model import AnalysisState, Chunk
from proctor_engine.store.vault import Vault


def rotate(settings: Settings) -> int:
    """Puts a new key first and seals everything anew; returns how many pieces. Exams may run meanwhile.

    The old keys stay in the file until `forget`: another machine may have to be given the new one first.
    """
    keys.add_key(settings.key_file)
    return _reseal(settings)


def forget(settings: Settings) -> int:
    """Seals everything with the newest key once more and drops the others. For when every machine has the new one."""
    count = _reseal(settings)
    keys.keep_newest(settings.key_file)
    return count


def _reseal(settings: Settings) -> int:
    vault = Vault.open(settings.key_file)
    count = EvidenceStore(settings.evidence_url, vault).reseal()
    database = Database(settings.database_url)
    with database.read() as db:
        ids = list(db.scalars(select(AnalysisState.session_id).union(select(Chunk.session_id))))
    for session_id in ids:
        # Locked, and one session at a time: a worker that saves what it has just found must neither wait nor be undone.
        with database.begin() as db:
            count += _reseal_session(db, vault, session_id)
    database.close()
    return count


def _reseal_session(db: Session, vault: Vault, session_id: str) -> int:
    count = 0
    for state in db.scalars(select(AnalysisState).where(AnalysisState.session_id == session_id).with_for_update()):
        state.reference = state.reference and vault.reseal(state.reference, places.reference(session_id))
        state.progress = state.progress and vault.reseal(state.progress, places.progress(session_id))
        count += 1
    events = select(Chunk).where(Chunk.session_id == session_id, Chunk.content.is_not(None))
    for chunk in db.scalars(events.with_for_update()):
        chunk.content = chunk.content and vault.reseal(chunk.content, places.events(session_id, chunk.sequence))
        count += 1
    return count
