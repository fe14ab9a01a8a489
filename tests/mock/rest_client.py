"""Asking the REST server in as few words as a test can read."""

from __future__ import annotations

from typing import Any

import requests

from mock_moodle.testing import MockMoodle

SERVER = "/webservice/rest/server.php"


def ask(moodle: MockMoodle, token: str, function: str, **parameters: Any) -> Any:
    """The JSON answer; nested parameters are written as PHP reads them: `**{"values[0]": "x"}`."""
    form = {"wstoken": token, "wsfunction": function, "moodlewsrestformat": "json", **parameters}
    return requests.post(moodle.url + SERVER, data=form, timeout=30).json()


def as_service(moodle: MockMoodle, name: str, functions: list[str], **settings: Any) -> None:
    """Adds an external service."""
    moodle.control.patch({"services": [{"name": name, "functions": functions, **settings}]})
