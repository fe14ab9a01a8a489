"""The REST protocol of a Moodle as a client speaks it: one POST a call, arrays in PHP's notation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests

REST_PATH = "/webservice/rest/server.php"
TIMEOUT_SECONDS = 60


class WebServiceError(Exception):
    """Moodle's error object: `exception`, `errorcode`, `message`."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(f"{answer.get('errorcode')}: {answer.get('message')} {answer.get('debuginfo', '')}")
        self.errorcode = str(answer.get("errorcode"))
        self.exception = str(answer.get("exception")).rsplit("\\", maxsplit=1)[-1]
        """Without its namespace, which Moodle 4.5 added."""


class WebService:
    """Calls as the owner of one token."""

    def __init__(self, address: str, token: str) -> None:
        self.address = address.rstrip("/")
        self.token = token
        self.session = requests.Session()

    def __call__(self, function: str, /, **parameters: Any) -> Any:
        """The decoded answer; raises `WebServiceError` for an error object."""
        answer = self.ask(function, "json", **parameters).json()
        if isinstance(answer, dict) and "exception" in answer:
            raise WebServiceError(answer)
        return answer

    def ask(self, function: str, output: str, /, **parameters: Any) -> requests.Response:
        """The answer as it came; `output` is `json` or `xml`."""
        fields = {"wstoken": self.token, "wsfunction": function, "moodlewsrestformat": output}
        fields.update(pairs(parameters))
        return self.session.post(self.address + REST_PATH, data=fields, timeout=TIMEOUT_SECONDS)


def pairs(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """`{"a": [{"b": 1}]}` as `("a[0][b]", "1")`. None is left out, as a form leaves out an empty field."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from pairs(inner, f"{prefix}[{key}]" if prefix else str(key))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from pairs(inner, f"{prefix}[{index}]")
    elif value is not None:
        yield prefix, str(int(value) if isinstance(value, bool) else value)
