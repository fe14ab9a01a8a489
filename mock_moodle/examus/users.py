"""Whom a service asks about."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, select

from mock_moodle.site import current
from mock_moodle.store import copy_of
from mock_moodle.store.core import User


def first_user(are: Callable[..., tuple[ColumnElement[bool], ...]], *asked: str | None) -> User | None:
    """The first of those who `are(*asked)`, to read; looked up again when users change."""

    def read() -> User | None:
        found = current.session.scalars(select(User).where(*are(*asked)).order_by(User.id)).first()
        return copy_of(found) if found else None

    return current.cached((User.__tablename__,), ("first user", are, asked), read)
