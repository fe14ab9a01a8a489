"""Signed values that a browser carries for us. Each names its purpose, so that none can stand in for another."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, Literal, cast

from flask import abort, current_app, g, request
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from proctor_engine.service import Service

Purpose = Literal["watch", "phone-link", "phone"]

CAPTURE_HOURS = 12
"""A capture token opens the uploads of one session, whose own state ends its use much earlier."""


@dataclass(frozen=True)
class Capture:
    """What a capture token opens: a session, for the page that calls itself `holder`."""

    session: str
    holder: str | None


def secrets_of(service: Service) -> list[str]:
    """Signing secrets, newest first: derived from the keys at rest, so that one rotation changes both."""
    keys = service.settings.key_file.read_text("ascii").split()
    return [hmac.new(key.encode(), b"web signatures", hashlib.sha256).hexdigest() for key in keys]


def issue_capture(session_id: str, holder: str | None) -> str:
    return issue("watch", [session_id, holder])


def capture() -> Capture:
    """What this request's bearer token opens; aborts with 401 where there is none."""
    if "capture" not in g:
        g.capture = Capture(*bearer("watch", CAPTURE_HOURS * 3600))
    return cast(Capture, g.capture)


def issue(purpose: Purpose, value: Any) -> str:
    return str(_serializer(purpose).dumps(value))


def bearer(purpose: Purpose, seconds: float) -> Any:
    """The value that this request's bearer token signs; aborts with 401 where there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        abort(401, "send the session's token as Authorization: Bearer")
    try:
        return read(purpose, token, seconds)
    except SignatureExpired:
        abort(401, "the token has expired: open the exam again")
    except BadSignature:
        abort(401, "the token is not ours")


def read(purpose: Purpose, token: str, seconds: float) -> Any:
    """Raises `BadSignature`, or its `SignatureExpired` for a token older than so many seconds."""
    return _serializer(purpose).loads(token, max_age=int(seconds))


def _serializer(purpose: Purpose) -> URLSafeTimedSerializer:
    config = current_app.config
    return URLSafeTimedSerializer([*reversed(config["SECRET_KEY_FALLBACKS"]), config["SECRET_KEY"]], salt=purpose)
