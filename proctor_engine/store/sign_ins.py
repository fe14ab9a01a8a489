"""Sign-ins that were ended. A browser carries its own, signed, so that only an end need be remembered: by the sign-in's
random number, or, for all of a person's, by a digest of who it is. Both go when the sign-in would have ended anyway."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.store.model import UsedToken

LASTS = timedelta(hours=12)
"""However often it is used."""


def stands(number: str, who: str, since: datetime) -> ColumnElement[bool]:
    """For queries: whether a sign-in that has not lasted too long was ended, by itself or with all of this person's."""
    everywhere = and_(UsedToken.token_id == _of_all(who), UsedToken.expires_at >= since + LASTS)
    return ~select(UsedToken.token_id).where(or_(UsedToken.token_id == _of_one(number), everywhere)).exists()


def end(db: Session, number: str) -> None:
    db.merge(UsedToken(token_id=_of_one(number), expires_at=clock.now() + LASTS))


def end_all(db: Session, who: str) -> None:
    """Whatever was opened until now."""
    db.merge(UsedToken(token_id=_of_all(who), expires_at=clock.now() + LASTS))


def _of_one(number: str) -> str:
    return f"sign-in {number}"


def _of_all(who: str) -> str:
    return f"person {hashlib.sha256(who.encode()).hexdigest()[:48]}"
