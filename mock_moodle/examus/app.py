"""The Moodle app, in whose window no service can watch."""

from __future__ import annotations

from flask import request

from mock_moodle.errors import MoodleError
from mock_moodle.examus.strings import string


def refuse(page: str) -> None:
    """Tells a student who comes with the app to open `page`, an address, in a browser."""
    if "moodlemobile" in request.user_agent.string.lower():
        raise MoodleError("error_app", string("error_app", a=page))
