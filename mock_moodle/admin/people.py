"""Lists of people to choose from."""

from __future__ import annotations

from sqlalchemy import select

from mock_moodle.site import GUEST_ID, current
from mock_moodle.store.core import User

MOST = 500
"""More do not fit a list that a person reads; the search narrows it."""


def potential_users(without: set[int], search: str = "") -> list[User]:
    """Everybody who can sign in, but for guests and those already chosen."""
    query = select(User).where(User.deleted.is_(False), User.id != GUEST_ID, User.confirmed.is_(True))
    if search:
        query = query.where(
            (User.firstname + " " + User.lastname + " " + User.email).icontains(search, autoescape=True)
        )
    rows = current.session.scalars(query.order_by(User.lastname, User.firstname, User.id).limit(MOST + len(without)))
    return [user for user in rows if user.id not in without][:MOST]
