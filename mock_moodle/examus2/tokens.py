"""JSON web tokens as the plugin's library makes and reads them: HS256 under the one shared secret."""

from __future__ import annotations

import base64
import hmac
import json
from hashlib import sha256
from typing import Any

from mock_moodle.errors import MoodleError
from mock_moodle.examus2.names import COMPONENT
from mock_moodle.site import current


class SignatureError(Exception):
    """The one refusal that the plugin answers itself; every other ends on Moodle's error page."""


def encode(claims: dict[str, Any]) -> str:
    signed = ".".join(_base64(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "HS256"}, claims))
    return f"{signed}.{_base64(_signature(signed))}"


def verify(token: str) -> None:
    """Raises SignatureError, or MoodleError as for an uncaught exception of the library. What the token says beyond
    its time does not matter."""
    parts = token.split(".")
    if len(parts) != 3:
        raise MoodleError("", "Wrong number of segments")
    header, claims = (_object(part) for part in parts[:2])
    if header.get("alg") != "HS256":
        raise MoodleError(
            "", "Algorithm not supported" if header.get("alg") == "none" else "Incorrect key for this algorithm"
        )
    if not hmac.compare_digest(_base64(_signature(".".join(parts[:2]))), parts[2].rstrip("=")):
        raise SignatureError
    now = current.clock.time()
    if isinstance(claims.get("nbf"), (int, float)) and claims["nbf"] > now:
        raise MoodleError("", "Cannot handle token prior to its time")
    if isinstance(claims.get("exp"), (int, float)) and claims["exp"] <= now:
        raise MoodleError("", "Expired token")


def _signature(signed: str) -> bytes:
    secret = current.config("jwt_secret", COMPONENT) or ""
    return hmac.new(secret.encode(), signed.encode("utf-8", "replace"), sha256).digest()


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise MoodleError("", "Malformed UTF-8 characters or syntax error, malformed JSON")
    return found
