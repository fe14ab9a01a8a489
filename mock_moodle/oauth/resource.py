"""Who may read a profile: how the token comes, and whether it is good."""

from __future__ import annotations

import re
from typing import NoReturn
from urllib.parse import parse_qsl

from flask import Response, request

from contract.wire import PROFILE_SCOPE
from mock_moodle.caching import as_session_answer
from mock_moodle.errors import array_in_query
from mock_moodle.oauth import storage
from mock_moodle.oauth.errors import NO_STORE, RFC6749, php_json
from mock_moodle.oauth.models import AccessToken
from mock_moodle.oauth.scopes import is_within
from mock_moodle.site import current
from mock_moodle.webservice.php import last

REALM = "Service"
FORM = "application/x-www-form-urlencoded"


class DeniedError(Exception):
    """`response` is the whole answer, or its beginning where `leaks` says that the profile follows."""

    def __init__(self, response: Response, *, leaks: AccessToken | None = None) -> None:
        super().__init__(response.status)
        self.response = response
        self.leaks = leaks


def bearer_token(scope: str = PROFILE_SCOPE) -> AccessToken:
    """The request's valid token with this scope.

    Raises:
        DeniedError: with the provider's answer.
    """
    token = storage.find_access_token(_presented())
    if token is None:
        _deny(401, "invalid_token", "The access token provided is invalid")
    if token.expires < current.clock.time():
        _deny(401, "invalid_token", "The access token provided has expired")
    if not (token.scope and is_within(scope, token.scope)):
        description = "The request requires higher privileges than provided by the access token"
        # The library says 403, and PHP makes it 401 as soon as it sees the WWW-Authenticate header.
        status = 403 if current.enabled("strict", "local_oauth") else 401
        _deny(status, "insufficient_scope", description, scope=scope, leaks=token)
    return token


def _presented() -> str:
    if "access_token[]" in request.values:
        raise array_in_query()
    header, query, body = request.headers.get("Authorization", ""), last(request.args, "access_token"), _body_token()
    used = [bool(header), bool(query), bool(body)].count(True)
    if used > 1:
        description = "Only one method may be used to authenticate at a time (Auth header, GET or POST)"
        _deny(401, "invalid_request", description)
    if used == 0:
        response = as_session_answer(Response("", 401, content_type="application/json"))
        response.headers["WWW-Authenticate"] = f'Bearer realm="{REALM}"'
        raise DeniedError(response)
    if header:
        found = re.search(r"Bearer\s(\S+)", header, re.IGNORECASE)
        if not found:
            _deny(401, "invalid_request", "Malformed auth header")
        return found[1]
    if body and request.method == "DELETE":
        _deny(
            401, "invalid_request", "When putting the token in the body, the method must be POST or PUT", "#section-2.2"
        )
    if body and request.mimetype != FORM:
        _deny(401, "invalid_request", f'The content type for POST requests must be "{FORM}"')
    return body or query


def _body_token() -> str:
    """PHP reads forms of POST requests, the library those of two more methods."""
    if request.method not in ("POST", "PUT", "DELETE"):
        return ""
    if request.mimetype == "application/json":
        sent = request.get_json(silent=True)
        return str(sent.get("access_token") or "") if isinstance(sent, dict) else ""
    if request.method == "POST":
        return last(request.form, "access_token")
    sent = request.get_data(as_text=True) if request.mimetype == FORM else ""
    return dict(parse_qsl(sent)).get("access_token", "")


def _deny(
    status: int,
    error: str,
    description: str,
    section: str = "",
    *,
    scope: str | None = None,
    leaks: AccessToken | None = None,
) -> NoReturn:
    told = {"error": error, "error_description": description}
    if section:
        told["error_uri"] = RFC6749 + section
    response = Response(php_json(told), status)
    for name, value in NO_STORE:
        response.headers[name] = value
    wanted = f' scope="{scope}",' if scope else ""
    response.headers["WWW-Authenticate"] = (
        f'Bearer realm="{REALM}",{wanted} error="{error}", error_description="{description}"'
    )
    raise DeniedError(response, leaks=leaks)
