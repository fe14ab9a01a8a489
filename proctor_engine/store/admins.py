"""The local administrator: for first set-up, before Moodle's own access rules are in place."""

from __future__ import annotations

import hashlib

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from proctor_engine.store.model import LocalAdmin

_NOBODY = generate_password_hash("nobody")
"""Checked for an unknown name, so that its answer takes as long as that for a known one."""


def set_password(db: Session, name: str, password: str) -> None:
    db.merge(LocalAdmin(name=name, password_hash=generate_password_hash(password)))


def is_right(db: Session, name: str, password: str) -> bool:
    row = db.get(LocalAdmin, name)
    return check_password_hash(row.password_hash if row else _NOBODY, password) and row is not None


def seal(db: Session, name: str, *conditions: ColumnElement[bool]) -> str | None:
    """What a sign-in remembers of the password's hash: it does not outlive the password."""
    known = db.scalar(select(LocalAdmin.password_hash).where(LocalAdmin.name == name, *conditions))
    return hashlib.sha256(known.encode()).hexdigest()[:16] if known else None
