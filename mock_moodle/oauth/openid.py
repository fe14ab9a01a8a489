"""The second profile: Moodle in an OpenID Connect issuer's place, with discovery, for clients that expect one.

It is there when the setting `openid` of `local_oauth` is on. Grants are the strict ones; the identity is told in a
token signed with RS256 under a key that the site makes for itself.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from hashlib import sha256
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Blueprint, Response, request
from joserfc import jwt
from joserfc.jwk import RSAKey

from mock_moodle.errors import MoodleError
from mock_moodle.login.browser import browser, require_sesskey
from mock_moodle.oauth import scopes, storage
from mock_moodle.oauth.errors import php_urlencode
from mock_moodle.oauth.resource import DeniedError, bearer_token
from mock_moodle.oauth.strict import ClientCredentialsGrant, CodeGrant, RefreshGrant, StrictProvider, make_token
from mock_moodle.page import page, redirect
from mock_moodle.site import current
from mock_moodle.store.core import User
from mock_moodle.webservice.pictures import picture_url
from mock_moodle.webservice.response import to_json

OPENID, PROFILE, EMAIL = "openid", "profile", "email"
ID_TOKEN_SECONDS = 3600
KEY_BITS = 2048
KEY_SETTING = "openidkey"
FOLDER = "/local/oauth/openid"


class OpenIDCodeGrant(CodeGrant):
    """Adds the identity token to the answer where the scope asks for it."""

    def create_token_response(self) -> Any:
        status, token, headers = super().create_token_response()
        code = self.request.authorization_code
        if OPENID in (code.scope or "").split():
            token["id_token"] = identity_token(
                self.request.user, self.request.client.client_id, token, nonce=code.nonce, auth_time=code.auth_time
            )
        return status, token, headers


PROVIDER = StrictProvider()
PROVIDER.register_token_generator("default", make_token)
PROVIDER.register_grant(OpenIDCodeGrant, [CodeChallenge(required=True)])
PROVIDER.register_grant(RefreshGrant)
PROVIDER.register_grant(ClientCredentialsGrant)


def add_to(blueprint: Blueprint) -> None:
    """`blueprint` has no prefix: discovery stands at the root of the site."""
    blueprint.add_url_rule("/.well-known/openid-configuration", view_func=configuration)
    blueprint.add_url_rule(f"{FOLDER}/authorize.php", view_func=authorize, methods=["GET", "POST"])
    blueprint.add_url_rule(f"{FOLDER}/token.php", view_func=token_endpoint, methods=["POST"])
    blueprint.add_url_rule(f"{FOLDER}/userinfo.php", view_func=userinfo, methods=["GET", "POST"])
    blueprint.add_url_rule(f"{FOLDER}/jwks.php", view_func=jwks)
    blueprint.before_request(_only_while_on)


def _only_while_on() -> Response | None:
    on = current.enabled(OPENID, "local_oauth")
    return None if on else Response("Not Found", 404, content_type="text/plain")


def configuration() -> Response:
    return _json(
        {
            "issuer": current.site.wwwroot,
            "authorization_endpoint": current.url(f"{FOLDER}/authorize.php"),
            "token_endpoint": current.url(f"{FOLDER}/token.php"),
            "userinfo_endpoint": current.url(f"{FOLDER}/userinfo.php"),
            "jwks_uri": current.url(f"{FOLDER}/jwks.php"),
            "scopes_supported": [OPENID, PROFILE, EMAIL],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256", "plain"],
            "claims_supported": [
                "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "name", "given_name", "family_name",
                "preferred_username", "locale", "picture", "email", "email_verified",
            ],
        }
    )  # fmt: skip


def authorize() -> Response:
    here = browser()
    if here.user is None or here.is_guest:
        if request.values.get("prompt") == "none":
            return _refused_without_asking()
        here.data["wantsurl"] = current.site.wwwroot + _own_address()
        return redirect("/login/index.php")
    try:
        grant = PROVIDER.get_consent_grant(request, end_user=here.user)
    except OAuth2Error as error:
        answer: Response = PROVIDER.handle_error_response(request, error)
        return answer
    client_id, scope = request.values["client_id"], request.values.get("scope", "")
    if request.method == "POST" and "sesskey" in request.form:
        require_sesskey()
        if "cancel" in request.form:
            refused: Response = PROVIDER.create_authorization_response(request, grant_user=None, grant=grant)
            return refused
        storage.remember_consent(client_id, here.user.id, scope)
    if not storage.has_consented(client_id, here.user.id, scope):
        return page(
            "oauth/consent.html",
            title="Authorise",
            embedded=True,
            action=current.site.wwwroot + _own_address(),
            client_id=client_id,
            scopes=[scopes.TITLES.get(word, word) for word in scope.split()],
        )
    granted: Response = PROVIDER.create_authorization_response(request, grant_user=here.user, grant=grant)
    return granted


def _refused_without_asking() -> Response:
    """`prompt=none` for somebody who is not signed in: the client is told, nobody is asked."""
    asked = request.values
    client = storage.find_client(asked.get("client_id", ""))
    registered = (client.redirect_uri or "").split() if client else []
    target = asked.get("redirect_uri") or (registered[0] if len(registered) == 1 else "")
    if target not in registered:
        raise MoodleError("invalidrequest", "The client or its redirect address is unknown")
    state = f"&state={php_urlencode(asked['state'])}" if asked.get("state") else ""
    return redirect(f"{target}{'&' if '?' in target else '?'}error=login_required{state}")


def _own_address() -> str:
    pairs = [(name, value) for name, value in request.args.items() if value]
    return f"{FOLDER}/authorize.php?" + "&".join(f"{name}={php_urlencode(value)}" for name, value in pairs)


def token_endpoint() -> Response:
    answer: Response = PROVIDER.create_token_response()
    return answer


def userinfo() -> Response:
    try:
        token = bearer_token(OPENID)
    except DeniedError as denied:
        return denied.response
    user = storage.find_user(token.user_id)
    if user is None or user.deleted or user.suspended:
        raise MoodleError("invaliduser", "Invalid user")
    return _json(claims_of(user, token.scope or ""))


def jwks() -> Response:
    return _json({"keys": [_key().as_dict(private=False)]})


def identity_token(user: User, client_id: str, token: dict[str, Any], *, nonce: str | None, auth_time: int) -> str:
    now = current.clock.time()
    half = sha256(token["access_token"].encode()).digest()[:16]
    claims = {
        "iss": current.site.wwwroot,
        "aud": client_id,
        "iat": now,
        "exp": now + ID_TOKEN_SECONDS,
        "auth_time": auth_time,
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        **({"nonce": nonce} if nonce else {}),
        **claims_of(user, token.get("scope") or ""),
    }
    key = _key()
    return jwt.encode({"alg": "RS256", "kid": key.kid, "typ": "JWT"}, claims, key, algorithms=["RS256"])


def claims_of(user: User, scope: str) -> dict[str, Any]:
    """What a scope tells about a user."""
    wanted = scope.split()
    claims: dict[str, Any] = {"sub": str(user.id)}
    if PROFILE in wanted:
        claims |= {
            "name": user.fullname,
            "given_name": user.firstname,
            "family_name": user.lastname,
            "preferred_username": user.username,
            "locale": user.lang,
        }
        if user.picture:
            claims["picture"] = picture_url(user)
    if EMAIL in wanted:
        claims |= {"email": user.email, "email_verified": user.confirmed}
    return claims


def _key() -> RSAKey:
    """Made at first use, and kept as long as the site."""
    stored = current.config(KEY_SETTING, "local_oauth")
    if stored is None:
        made = RSAKey.generate_key(KEY_BITS)
        stored = made.as_pem(private=True).decode()
        current.set_config(KEY_SETTING, stored, "local_oauth")
    return _read_key(stored)


@lru_cache(maxsize=8)
def _read_key(pem: str) -> RSAKey:
    """Kept, since reading a private key tests its primes anew: some 30 ms."""
    key: RSAKey = RSAKey.import_key(pem)
    key.ensure_kid()
    return key


def _json(value: dict[str, Any]) -> Response:
    return Response(to_json(value), content_type="application/json")
