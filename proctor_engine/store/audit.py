"""Who looked at what and who did what."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.store.model import Audit

VISIT = timedelta(hours=1)
"""For so long what a page asks for belongs to the look that opened it."""


def record(db: Session, actor: str, action: str, session_id: str | None = None, detail: str = "") -> None:
    """`action` is a short verb phrase such as `review.open`; `detail` never holds what was seen."""
    db.add(Audit(at=clock.now(), actor=actor, action=action, session_id=session_id, detail=detail))


def is_recorded(db: Session, actor: str, action: str, session_id: str | None = None, detail: str = "") -> bool:
    """Whether the same was recorded during this visit."""
    query = select(Audit.id).where(Audit.actor == actor, Audit.action == action, Audit.at > clock.now() - VISIT)
    query = query.where(Audit.session_id == session_id, Audit.detail == detail)
    return db.scalar(query.limit(1)) is not None
