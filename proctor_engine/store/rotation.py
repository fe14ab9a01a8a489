"""Changing the key of encryption at rest."""

from __future__ import annotations

from sqlalchemy import select

from proctor_engine.settings import Settings
from proctor_engine.store import places
from proctor_engine.store import vault as keys
from proctor_engine.store.database import Database
from proctor_engine.store.evidence import EvidenceStore
from proctor_engine.store.model import AnalysisState, Chunk
from proctor_engine.store.vault import Vault


def rotate(settings: Settings) -> int:
    """Puts a new key first and seals everything anew; returns how many pieces.

    The old keys stay in the file, since processes that run still seal with them, until `forget`.
    """
    keys.add_key(settings.key_file)
    return _reseal(settings)


def forget(settings: Settings) -> int:
    """Seals everything with the newest key once more and drops the others. For when every process was restarted."""
    count = _reseal(settings)
    keys.keep_newest(settings.key_file)
    return count


def _reseal(settings: Settings) -> int:
    vault = Vault.open(settings.key_file)
    count = EvidenceStore(settings.evidence_url, vault).reseal()
    database = Database(settings.database_url)
    with database.begin() as db:
        for state in db.scalars(select(AnalysisState)):
            state.reference = state.reference and vault.reseal(state.reference, places.reference(state.session_id))
            state.progress = state.progress and vault.reseal(state.progress, places.progress(state.session_id))
            count += 1
        for chunk in db.scalars(select(Chunk).where(Chunk.content.is_not(None))):
            where = places.events(chunk.session_id, chunk.sequence)
            chunk.content = chunk.content and vault.reseal(chunk.content, where)
            count += 1
    database.close()
    return count
