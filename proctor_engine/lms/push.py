"""Events that the plugin posts: believed only with a fresh signature."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from contract import push
from proctor_engine import clock
from proctor_engine.lms.errors import LmsError


class PushError(LmsError):
    """An event that must not be believed."""


class PushedEvent(BaseModel):
    """The envelope; `data` differs by type, see `contract.push`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    type: str
    created: int
    site: str
    data: dict[str, Any]

    @property
    def access_code(self) -> str:
        return str(self.data.get("accesscode") or "")

    @property
    def access_codes(self) -> list[str]:
        """Of an erasure."""
        codes = self.data.get("accesscodes")
        return [str(code) for code in codes[: push.ERASED_AT_ONCE]] if isinstance(codes, list) else []


def read(keys: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> PushedEvent:
    """Raises `PushError` for an unknown key, a wrong signature, a stale time or an unreadable body."""
    secret = keys.get(headers.get(push.KEY_HEADER, ""))
    stamp = headers.get(push.TIMESTAMP_HEADER, "")
    signed = hmac.new((secret or "").encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    expected = f"{push.SIGNATURE_SCHEME}={signed}"
    if not secret or not hmac.compare_digest(expected.encode(), headers.get(push.SIGNATURE_HEADER, "").encode()):
        raise PushError("the signature is wrong")
    if not stamp.isdigit() or abs(clock.now().timestamp() - int(stamp)) > push.TIMESTAMP_TOLERANCE_SECONDS:
        raise PushError("the timestamp is not fresh: compare the clocks of both servers")
    try:
        return PushedEvent.model_validate_json(body)
    except ValidationError as error:
        raise PushError("the event is not as agreed") from error
