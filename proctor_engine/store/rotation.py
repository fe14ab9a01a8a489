"""Changing the key of encryption at rest.

What is sealed is found by its rows, and each is sealed anew while its session is locked: nothing can be added or marked
as gone meanwhile, so that no piece is missed, and none that is deleted in that instant comes back.
"""

from __future__ import annotations

from itertools import islice

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from proctor_engine.settings import Settings
from proctor_engine.store import places
from proctor_engine.store import vault as keys
from proctor_engine.store.database import Database
from proctor_engine.store.evidence import EvidenceStore
from proctor_engine.store.model import AnalysisState, Chunk, Evidence, ExamSession
from proctor_engine.store.vault import Vault

AT_ONCE = 20
"""Pieces that are sealed under one lock: for so long uploads of their session wait."""


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
    evidence = EvidenceStore(settings.evidence_url, vault)
    database = Database(settings.database_url)
    count = 0
    with database.read() as db:
        ids = list(db.scalars(select(ExamSession.id).where(ExamSession.has_evidence)))
    for session_id in ids:
        with database.begin() as db:
            count += _reseal_rows(db, vault, session_id)
            keys = iter(_keys(db, session_id))
        while some := set(islice(keys, AT_ONCE)):
            with database.begin() as db:
                _lock(db, session_id)
                count += sum(evidence.reseal(key) for key in some & set(_keys(db, session_id)))
    database.close()
    return count


def _lock(db: Session, session_id: str) -> None:
    db.execute(select(ExamSession.id).where(ExamSession.id == session_id).with_for_update())


def _keys(db: Session, session_id: str) -> list[str]:
    """Of the files that stay; those of marked chunks may go at any moment."""
    waiting = select(Chunk.evidence_key).where(
        Chunk.session_id == session_id, Chunk.evidence_key.is_not(None), ~Chunk.discard
    )
    return list(db.scalars(union_all(select(Evidence.key).where(Evidence.session_id == session_id), waiting)))


def _reseal_rows(db: Session, vault: Vault, session_id: str) -> int:
    _lock(db, session_id)
    count = 0
    for state in db.scalars(select(AnalysisState).where(AnalysisState.session_id == session_id)):
        state.reference = state.reference and vault.reseal(state.reference, places.reference(session_id))
        state.progress = state.progress and vault.reseal(state.progress, places.progress(session_id))
        count += 1
    events = select(Chunk).where(Chunk.session_id == session_id, Chunk.content.is_not(None))
    for chunk in db.scalars(events):
        chunk.content = chunk.content and vault.reseal(chunk.content, places.events(session_id, chunk.sequence))
        count += 1
    return count
