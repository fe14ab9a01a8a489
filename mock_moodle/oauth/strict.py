"""The provider with its holes closed: Authlib's own grants, PKCE and refresh tokens.

PKCE is asked of public clients and honoured for all; scopes are exact and never widened at the token endpoint; a
redirect address that was named must be named again; secrets are compared as text, in constant time; a refresh token
works once.
"""

from __future__ import annotations

import hmac
from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError, grants
from authlib.oauth2.rfc7636 import CodeChallenge

from mock_moodle.oauth import storage
from mock_moodle.oauth.models import AuthorizationCode, OAuthClient, RefreshToken
from mock_moodle.oauth.scopes import is_within
from mock_moodle.oauth.server import Provider
from mock_moodle.site import current
from mock_moodle.store.core import User

CLIENT_AUTHENTICATION = ["client_secret_basic", "client_secret_post", "none"]


class Client:
    """A registered client, in the shape that Authlib asks."""

    def __init__(self, row: OAuthClient) -> None:
        self.row = row
        self.client_id = row.client_id
        self.user_id = row.user_id

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        registered = (self.row.redirect_uri or "").split()
        return registered[0] if len(registered) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """None refuses."""
        if not scope:
            return ""
        return scope if is_within(scope, self.row.scope or "") else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in (self.row.redirect_uri or "").split()

    def check_client_secret(self, client_secret: str) -> bool:
        return hmac.compare_digest(self.row.client_secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        return bool(self.row.client_secret) != (method == "none")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and self.check_grant_type("authorization_code")

    def check_grant_type(self, grant_type: str) -> bool:
        allowed = (self.row.grant_types or "").split()
        return grant_type in allowed or (grant_type == "refresh_token" and "authorization_code" in allowed)


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_AUTHENTICATION

    def generate_authorization_code(self) -> str:
        return current.keys.sha1()

    def save_authorization_code(self, code: str, request: Any) -> None:
        asked = request.payload.data
        current.session.add(
            AuthorizationCode(
                authorization_code=code,
                client_id=request.client.client_id,
                user_id=request.user.id,
                redirect_uri=asked.get("redirect_uri") or None,
                scope=request.scope or None,
                nonce=asked.get("nonce") or None,
                code_challenge=asked.get("code_challenge") or None,
                code_challenge_method=asked.get("code_challenge_method") or None,
                expires=current.clock.time() + storage.CODE_SECONDS,
                auth_time=current.clock.time(),
            )
        )

    def query_authorization_code(self, code: str, client: Client) -> AuthorizationCode | None:
        row = storage.find_code(code)
        if row is None or row.client_id != client.client_id or row.expires < current.clock.time():
            return None
        return row

    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        current.session.delete(authorization_code)

    def authenticate_user(self, authorization_code: AuthorizationCode) -> User | None:
        return _active_user(authorization_code.user_id)

    def create_token_response(self) -> Any:
        requested, granted = self.request.form.get("scope"), self.request.authorization_code.scope or ""
        if requested and not is_within(requested, granted):
            raise InvalidScopeError()
        return super().create_token_response()


class RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_AUTHENTICATION
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken | None:
        row = storage.find_refresh_token(refresh_token)
        return row if row is not None and row.expires >= current.clock.time() else None

    def authenticate_user(self, refresh_token: RefreshToken) -> User | None:
        return _active_user(refresh_token.user_id)

    def revoke_old_credential(self, refresh_token: RefreshToken) -> None:
        current.session.delete(refresh_token)


class ClientCredentialsGrant(grants.ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_AUTHENTICATION[:2]


def _active_user(userid: int | None) -> User | None:
    user = storage.find_user(userid)
    return user if user is not None and not user.deleted and not user.suspended else None


def _find_client(client_id: str) -> Client | None:
    row = storage.find_client(client_id)
    return Client(row) if row is not None else None


def make_token(
    client: Client,
    grant_type: str,  # noqa: ARG001
    user: User | None = None,  # noqa: ARG001
    scope: str | None = None,
    expires_in: int | None = None,
    include_refresh_token: bool = True,
) -> dict[str, Any]:
    token: dict[str, Any] = {
        "access_token": current.keys.sha1(),
        "expires_in": expires_in or storage.ACCESS_TOKEN_SECONDS,
        "token_type": "Bearer",
        "scope": scope or None,
    }
    if include_refresh_token and client.check_grant_type("refresh_token"):
        token["refresh_token"] = current.keys.sha1()
    return token


class StrictProvider(Provider):
    def query_client(self, client_id: str) -> Client | None:
        return _find_client(client_id)


STRICT = StrictProvider()
STRICT.register_token_generator("default", make_token)
STRICT.register_grant(CodeGrant, [CodeChallenge(required=True)])
STRICT.register_grant(RefreshGrant)
STRICT.register_grant(ClientCredentialsGrant)
