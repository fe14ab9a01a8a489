"""Signing keys as the settings keep them: one `id:secret` a line. The first one signs, each one verifies."""

from __future__ import annotations

import re
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from contract import panel
from contract.wire import COMPONENT
from mock_moodle.admin.setting import CHECKS, PREPARE
from mock_moodle.errors import MoodleError
from mock_moodle.examus.strings import string
from mock_moodle.site import current

PANEL, PUSH = "panelkeys", "pushkeys"
SHORTEST_SECRET = 32
_KEY = re.compile(r"([A-Za-z0-9._-]{1,64}):(\S{32,})")
SECRET_LENGTH = 64


def read_keys(setting: str) -> dict[str, str]:
    """Secrets by id, in the order of the setting. Installing makes a first one in each ring."""
    text = current.config(setting, COMPONENT)
    if text is None:
        text = f"k1:{current.keys.md5()}{current.keys.md5()}"
        current.set_config(setting, text, COMPONENT)
    found: dict[str, str] = {}
    for word in text.split():
        parts = _KEY.fullmatch(word)
        if parts:
            found.setdefault(parts[1], parts[2])
    return found


def problem(text: str) -> str:
    """What the plugin says against a ring; empty for one that can sign, and for none."""
    return "" if all(_KEY.fullmatch(word) for word in text.split()) else string("error_keyring", str(SHORTEST_SECRET))


PREPARE["setting_keyring"] = read_keys
CHECKS["setting_keyring"] = problem


def signing_key(setting: str) -> tuple[str, str]:
    """Id and secret. Raises MoodleError on a site without keys."""
    for key in read_keys(setting).items():
        return key
    raise MoodleError("error_nokeys", string("error_nokeys"))


def encode(claims: dict[str, Any], type_: str) -> str:
    """A signed token under the panel's key."""
    key_id, secret = signing_key(PANEL)
    header = {"alg": panel.ALGORITHM, "typ": type_, "kid": key_id}
    return jwt.encode(header, claims, OctKey.import_key(secret), algorithms=[panel.ALGORITHM])


def decode(token: str, type_: str) -> dict[str, Any] | None:
    """The claims of a token of this type, signed with a key of the panel's ring; None for any other."""
    keys = read_keys(PANEL)

    def key_of(signed: Any) -> OctKey:
        secret = keys.get(str(signed.headers().get("kid")))
        # An unknown key is answered like a wrong signature: with a key that nobody has.
        key: OctKey = OctKey.import_key(secret or current.keys.random_string(SECRET_LENGTH))
        return key

    try:
        decoded = jwt.decode(token, key_of, algorithms=[panel.ALGORITHM])
    except (JoseError, ValueError):
        return None
    return dict(decoded.claims) if decoded.header.get("typ") == type_ else None
