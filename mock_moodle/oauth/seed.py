"""OAuth clients in a world file."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from mock_moodle.oauth.models import OAuthClient
from mock_moodle.site import current
from mock_moodle.store.core import User
from mock_moodle.world.parts import Place, Spec, exporter, part


@part("oauth_clients")
def load_clients(clients: list[Spec], place: Place) -> None:
    """`user` is whom `client_credentials` stands for, by username; `redirect_uri` may list several by spaces."""
    for where, client in place.each(clients):
        where.known(client, ("client_id", "client_secret", "redirect_uri", "grant_types", "scope", "user"))
        row = OAuthClient(
            client_id=where.text(client, "client_id"),
            client_secret=where.text(client, "client_secret"),
            redirect_uri=where.optional_text(client, "redirect_uri"),
            grant_types=_words(client, "grant_types", where),
            scope=_words(client, "scope", where),
            user_id=_userid(where.optional_text(client, "user"), where),
        )
        with where.alone():
            current.session.add(row)


def _words(client: Spec, key: str, place: Place) -> str | None:
    value = client.get(key)
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise place.error(key, f"is {value!r}", "write a list of words")
    return " ".join(value)


def _userid(username: str | None, place: Place) -> int | None:
    if username is None:
        return None
    found = current.session.scalar(select(User.id).where(User.username == username))
    if found is None:
        raise place.error("user", f"{username!r} is no user", "name one of the world's users")
    return found


@exporter("oauth_clients")
def export_clients() -> list[dict[str, Any]]:
    session = current.session
    return [
        {
            "client_id": row.client_id,
            "client_secret": row.client_secret,
            "redirect_uri": row.redirect_uri,
            "grant_types": None if row.grant_types is None else row.grant_types.split(),
            "scope": None if row.scope is None else row.scope.split(),
            "user": session.get_one(User, row.user_id).username if row.user_id else None,
        }
        for row in session.scalars(select(OAuthClient).order_by(OAuthClient.id))
    ]
