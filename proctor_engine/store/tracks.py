"""The timeline's numbers, a few for each second, as the review page and exports have them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from proctor_engine.store.model import Track


def of_session(db: Session, session_id: str) -> list[dict[str, Any]]:
    """One value set a second, in the order of their `time`."""
    merged: dict[int, dict[str, Any]] = {}
    for moments in db.scalars(select(Track.moments).where(Track.session_id == session_id).order_by(Track.sequence)):
        for moment in moments:
            merged.setdefault(moment["time"], {}).update(moment)
    return [merged[second] for second in sorted(merged)]
