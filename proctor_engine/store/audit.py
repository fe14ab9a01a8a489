"""Who looked at what and who did what."""

from __future__ import annotations

from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.store.model import Audit


def record(db: Session, actor: str, action: str, session_id: str | None = None, detail: str = "") -> None:
    """`action` is a short verb phrase such as `review.open`; `detail` never holds what was seen."""
    db.add(Audit(at=clock.now(), actor=actor, action=action, session_id=session_id, detail=detail))
