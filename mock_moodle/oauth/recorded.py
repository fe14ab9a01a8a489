"""The provider as local_oauth 2.0.1 is: what it checks, in which order, and what it forgets to check.

Known holes, which clients meet in the wild and `strict` closes: PKCE is ignored; a consent to "login" alone buys any
scope at the token endpoint; secrets are compared as PHP's `==` does; refresh tokens are handed out, never taken back.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from authlib.oauth2.rfc6749 import grants

from mock_moodle.caching import SESSION_ANSWER
from mock_moodle.errors import PhpError, array_in_query
from mock_moodle.oauth import storage
from mock_moodle.oauth.errors import NO_STORE, RefusalError, php_urlencode
from mock_moodle.oauth.models import AuthorizationCode, OAuthClient
from mock_moodle.oauth.scopes import is_within
from mock_moodle.site import current

RESPONSE_TYPES = ("code", "token")


class FormGrant(grants.BaseGrant, grants.TokenEndpointMixin):  # type: ignore[misc]
    """Chosen by the form alone, whatever the address says."""

    @classmethod
    def check_token_endpoint(cls, request: Any) -> bool:
        return bool(request.form.get("grant_type") == cls.GRANT_TYPE)


class CodeGrant(FormGrant, grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """Any response type comes here: the library names a wrong one later than Authlib would."""

    @classmethod
    def check_authorization_endpoint(cls, request: Any) -> bool:  # noqa: ARG003
        return True

    @staticmethod
    def validate_no_multiple_request_parameter(request: Any) -> None:
        """PHP takes the last one."""

    def validate_authorization_request(self) -> str:
        asked = self.request.payload.data
        if not asked.get("client_id"):
            raise RefusalError("invalid_client", "No client id supplied")
        client = storage.find_client(asked["client_id"])
        if client is None:
            raise RefusalError("invalid_client", "The client id supplied is invalid")
        redirect_uri = _redirect_uri(client, asked.get("redirect_uri", ""))
        response_type = asked.get("response_type", "")
        if response_type not in RESPONSE_TYPES:
            raise RefusalError("invalid_request", "Invalid or missing response type", redirect_uri=redirect_uri)
        if response_type != "code":
            raise RefusalError(
                "unsupported_response_type", "implicit grant type not supported", redirect_uri=redirect_uri
            )
        if not may_use_grant(client, self.GRANT_TYPE):
            description = "The grant type is unauthorized for this client_id"
            raise RefusalError("unauthorized_client", description, redirect_uri=redirect_uri)
        scope = asked.get("scope", "")
        if scope and not (client.scope and is_within(scope, client.scope)):
            raise RefusalError("invalid_scope", "An unsupported scope was requested", redirect_uri=redirect_uri)
        self.request.client = client
        self.request.scope = scope or None
        return redirect_uri

    def create_authorization_response(self, redirect_uri: str, grant_user: Any) -> tuple[int, str, list[Any]]:
        if grant_user is None:
            description = "The user denied access to your application"
            raise RefusalError("access_denied", description, redirect_uri=redirect_uri)
        asked = self.request.payload.data
        code = current.keys.sha1()
        current.session.add(
            AuthorizationCode(
                authorization_code=code,
                client_id=self.request.client.client_id,
                user_id=grant_user.id,
                redirect_uri=asked.get("redirect_uri") or None,
                scope=self.request.scope,
                expires=current.clock.time() + storage.CODE_SECONDS,
            )
        )
        location = f"{redirect_uri}{'&' if urlsplit(redirect_uri).query else '?'}code={code}"
        if "state" in asked:
            location += f"&state={php_urlencode(asked['state'])}"
        return 302, "", [*SESSION_ANSWER, ("Content-Type", "application/json"), ("Location", location)]

    def validate_token_request(self) -> None:
        form = self.request.form
        client = authenticate(self.request, public_clients=True)
        if not form.get("code"):
            raise RefusalError("invalid_request", 'Missing parameter: "code" is required')
        code = storage.find_code(form["code"])
        if code is None:
            raise RefusalError("invalid_grant", "Authorization code doesn't exist or is invalid for the client")
        if code.redirect_uri and unquote_plus(form.get("redirect_uri", "")) != unquote_plus(code.redirect_uri):
            description = "The redirect URI is missing or do not match"
            raise RefusalError("redirect_uri_mismatch", description, "#section-4.1.3")
        if code.expires < current.clock.time():
            raise RefusalError("invalid_grant", "The authorization code has expired")
        if client is None or code.client_id != credentials(self.request)[0]:
            raise RefusalError("invalid_grant", "authorization_code doesn't exist or is invalid for the client")
        if not may_use_grant(client, self.GRANT_TYPE):
            raise RefusalError("unauthorized_client", "The grant type is unauthorized for this client_id")
        self.request.client = client
        self.request.authorization_code = code
        self.request.scope = _granted_scope(form.get("scope", ""), code.scope, client)

    def create_token_response(self) -> tuple[int, Any, list[Any]]:
        code: AuthorizationCode = self.request.authorization_code
        current.session.delete(code)
        return _token_response(self.request.client.client_id, code.user_id, self.request.scope, with_refresh=True)


class ClientCredentialsGrant(FormGrant, grants.ClientCredentialsGrant):  # type: ignore[misc]
    """A token for the client itself, or for the user whom the administrator named."""

    def validate_token_request(self) -> None:
        client = authenticate(self.request, public_clients=False)
        if client is not None and not may_use_grant(client, self.GRANT_TYPE):
            raise RefusalError("unauthorized_client", "The grant type is unauthorized for this client_id")
        self.request.client = client
        own_scope = client.scope if client else None
        self.request.scope = _granted_scope(self.request.form.get("scope", ""), own_scope, client)

    def create_token_response(self) -> tuple[int, Any, list[Any]]:
        client: OAuthClient | None = self.request.client
        client_id = client.client_id if client else credentials(self.request)[0] or ""
        user_id = client.user_id if client else None
        return _token_response(client_id, user_id, self.request.scope, with_refresh=False)


def check_token_request(request: Any) -> None:
    """What the library looks at before it looks for a grant."""
    if request.method != "POST":
        description = "The request method must be POST when requesting an access token"
        allow = [("Allow", "POST, OPTIONS")]
        raise RefusalError("invalid_request", description, "#section-3.2", status=405, headers=allow)
    _refuse_arrays(request.form)
    grant_type = request.form.get("grant_type")
    if not grant_type:
        raise RefusalError("invalid_request", "The grant type was not specified in the request")
    if grant_type not in (CodeGrant.GRANT_TYPE, ClientCredentialsGrant.GRANT_TYPE):
        raise RefusalError("unsupported_grant_type", f'Grant type "{grant_type}" not supported')


def _refuse_arrays(form: Mapping[str, str]) -> None:
    """`name[]=x`: PHP itself stumbles over them, each at its own place."""
    arrays = {name.partition("[")[0] for name in form if "[" in name}
    if "grant_type" in arrays:
        raise PhpError("TypeError", "Illegal offset type in isset or empty")
    if arrays & {"client_id", "code"}:
        raise array_in_query()
    if "client_secret" in arrays:
        raise RefusalError("invalid_client", "The client credentials are invalid")
    if "scope" in arrays:
        raise PhpError("TypeError", "trim(): Argument #1 ($string) must be of type string, array given")


def credentials(request: Any) -> tuple[str | None, str]:
    """From the Basic header if there is one, else from the form; no name where neither has one."""
    scheme, _, encoded = request._request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        name, colon, secret = b64decode(encoded.encode() + b"==").decode("utf-8", "replace").partition(":")
        if colon:
            return name, secret
    return request.form.get("client_id"), request.form.get("client_secret", "")


def authenticate(request: Any, *, public_clients: bool) -> OAuthClient | None:
    """The client, or None for one that nobody registered and that PHP's comparison let in all the same."""
    client_id, secret = credentials(request)
    if client_id is None:
        raise RefusalError("invalid_client", "Client credentials were not found in the headers or body")
    client = storage.find_client(client_id)
    if not secret:
        if not public_clients:
            raise RefusalError("invalid_client", "client credentials are required")
        if client is None or client.client_secret:
            description = "This client is invalid or must authenticate using a client secret"
            raise RefusalError("invalid_client", description)
    elif not loosely_equal(secret, client.client_secret if client else None):
        raise RefusalError("invalid_client", "The client credentials are invalid")
    return client


def loosely_equal(given: str, stored: str | None) -> bool:
    """PHP's `==`: a missing client's secret is false, which "0" equals; numbers are compared as numbers."""
    if stored is None:
        return given == "0"
    try:
        return given == stored or float(given) == float(stored)
    except ValueError:
        return False


def may_use_grant(client: OAuthClient, grant_type: str) -> bool:
    return client.grant_types is None or grant_type in client.grant_types.split()


def _redirect_uri(client: OAuthClient, supplied: str) -> str:
    registered = client.redirect_uri or ""
    if supplied:
        if urlsplit(supplied).fragment:
            raise RefusalError("invalid_uri", "The redirect URI must not contain a fragment")
        if registered and supplied not in registered.split():
            description = "The redirect URI provided is missing or does not match"
            raise RefusalError("redirect_uri_mismatch", description, "#section-3.1.2")
        return supplied
    if not registered:
        raise RefusalError("invalid_uri", "No redirect URI was supplied or stored")
    if len(registered.split()) > 1:
        description = "A redirect URI must be supplied when multiple redirect URIs are registered"
        raise RefusalError("invalid_uri", description, "#section-3.1.2.3")
    return registered


def _granted_scope(requested: str, available: str | None, client: OAuthClient | None) -> str | None:
    """Within the code's scope; a code without any is held against the client's only, which is the hole."""
    if not requested:
        return available or None
    if available:
        if not is_within(requested, available):
            raise RefusalError("invalid_scope", "The scope requested is invalid for this request")
        return requested
    if client is None or not client.scope:
        raise RefusalError("invalid_scope", "An unsupported scope was requested")
    if not is_within(requested, client.scope):
        raise RefusalError("invalid_scope", "The scope requested is invalid for this client")
    return requested


def _token_response(
    client_id: str, userid: int | None, scope: str | None, *, with_refresh: bool
) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
    access, refresh = current.keys.sha1(), current.keys.sha1() if with_refresh else None
    storage.save_tokens(client_id, userid, scope, access, refresh)
    token: dict[str, Any] = {
        "access_token": access,
        "expires_in": storage.ACCESS_TOKEN_SECONDS,
        "token_type": "Bearer",
        "scope": scope,
    }
    if refresh:
        token["refresh_token"] = refresh
    return 200, token, NO_STORE
