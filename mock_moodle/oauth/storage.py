"""What the provider keeps: codes, tokens, consents."""

from __future__ import annotations

from sqlalchemy import delete, select

from mock_moodle.oauth.models import AccessToken, AuthorizationCode, ConsentedScope, OAuthClient, RefreshToken
from mock_moodle.oauth.scopes import LOGIN_ONLY
from mock_moodle.site import current
from mock_moodle.store.collation import same
from mock_moodle.store.core import User

CODE_SECONDS = 30
ACCESS_TOKEN_SECONDS = 3600
REFRESH_TOKEN_SECONDS = 14 * 86400


def find_client(client_id: str) -> OAuthClient | None:
    return current.session.scalar(select(OAuthClient).where(same(OAuthClient.client_id, client_id)))


def find_code(code: str) -> AuthorizationCode | None:
    return current.session.scalar(select(AuthorizationCode).where(same(AuthorizationCode.authorization_code, code)))


def find_access_token(token: str) -> AccessToken | None:
    return current.session.scalar(select(AccessToken).where(same(AccessToken.access_token, token)))


def find_refresh_token(token: str) -> RefreshToken | None:
    return current.session.scalar(select(RefreshToken).where(same(RefreshToken.refresh_token, token)))


def find_user(userid: int | None) -> User | None:
    return current.session.get(User, userid) if userid else None


def has_consented(client_id: str, userid: int, scope: str) -> bool:
    return current.session.scalar(_consent(client_id, userid, scope)) is not None


def remember_consent(client_id: str, userid: int, scope: str) -> None:
    if not has_consented(client_id, userid, scope):
        current.session.add(ConsentedScope(client_id=client_id, user_id=userid, scope=scope or LOGIN_ONLY))


def _consent(client_id: str, userid: int, scope: str):  # type: ignore[no-untyped-def]
    return select(ConsentedScope.id).where(
        same(ConsentedScope.client_id, client_id),
        ConsentedScope.user_id == userid,
        same(ConsentedScope.scope, scope or LOGIN_ONLY),
    )


def save_tokens(client_id: str, userid: int | None, scope: str | None, access: str, refresh: str | None) -> None:
    now = current.clock.time()
    current.session.add(
        AccessToken(
            access_token=access,
            client_id=client_id,
            user_id=userid,
            scope=scope,
            expires=now + ACCESS_TOKEN_SECONDS,
        )
    )
    if refresh:
        current.session.add(
            RefreshToken(
                refresh_token=refresh,
                client_id=client_id,
                user_id=userid,
                scope=scope,
                expires=now + REFRESH_TOKEN_SECONDS,
            )
        )


def delete_expired() -> None:
    """The plugin's scheduled task; the mock runs it whenever a token is asked for."""
    now = current.clock.time()
    for table in (AccessToken, AuthorizationCode, RefreshToken):
        current.session.execute(delete(table).where(table.expires < now))
