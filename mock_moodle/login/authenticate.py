"""User name and password against the site's accounts."""

from __future__ import annotations

import hmac

from sqlalchemy import select

from mock_moodle.site import current
from mock_moodle.store.core import User


def authenticate_user_login(username: str, password: str) -> User | None:
    """None for a wrong pair, and for accounts that cannot sign in; an e-mail address counts where the site allows
    it."""
    session, name = current.session, username.strip().lower()
    user = session.scalar(select(User).where(User.username == name))
    if user is None and current.enabled("authloginviaemail"):
        found = session.scalars(select(User).where(User.email == name).limit(2)).all()
        user = found[0] if len(found) == 1 else None
    if user is None or user.deleted or user.suspended or user.auth == "nologin":
        return None
    return user if hmac.compare_digest(user.password.encode(), password.encode()) else None
