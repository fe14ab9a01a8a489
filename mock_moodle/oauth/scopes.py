"""Scopes: words separated by spaces."""

from __future__ import annotations

from contract.wire import PROFILE_SCOPE

LOGIN_ONLY = "login"
"""What a consent is filed under when the request named no scope."""
TITLES = {PROFILE_SCOPE: "your user profile: name, e-mail address, language and the like"}


def is_within(requested: str, available: str) -> bool:
    """Whether every requested word is available; order and repetition do not matter. Two spaces hold an empty word,
    which no client has."""
    return not requested or set(requested.strip().split(" ")) <= set(available.split())
