"""Signed values that a browser carries for us. Each names its purpose, so that none can stand in for another."""

from __future__ import annotations

import hashlib
import hmac

from flask import abort, current_app, request
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from proctor_engine.service import Service

CAPTURE_HOURS = 12
"""A capture token opens the uploads of one session, whose own state ends its use much earlier."""


def secrets_of(service: Service) -> list[str]:
    """Signing secrets, newest first: derived from the keys at rest, so that one rotation changes both."""
    keys = service.settings.key_file.read_text("ascii").split()
    return [hmac.new(key.encode(), b"web signatures", hashlib.sha256).hexdigest() for key in keys]


def issue_capture(session_id: str) -> str:
    return str(_serializer("capture").dumps(session_id))


def capture_session() -> str:
    """The session that this request's bearer token opens; aborts with 401 where there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        abort(401, "send the session's token as Authorization: Bearer")
    try:
        return str(_serializer("capture").loads(token, max_age=CAPTURE_HOURS * 3600))
    except SignatureExpired:
        abort(401, "the token has expired: open the exam again")
    except BadSignature:
        abort(401, "the token is not ours")


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    config = current_app.config
    return URLSafeTimedSerializer([*reversed(config["SECRET_KEY_FALLBACKS"]), config["SECRET_KEY"]], salt=purpose)
