"""What this browser session has shown and been given: access codes, and for the successor tickets and open gates."""

from __future__ import annotations

from typing import Any

from flask import has_request_context

from mock_moodle.login.browser import browser
from mock_moodle.site import current

V08_KEY = "availibilityexamustoken"
"""The misspelling is v0.8's own. It holds the last code, whatever it was for, and is never forgotten."""
OWN_KEY = "availability_examus"
"""The successor's: {kind: {id: value}}. JSON has text keys only."""


def has_browser() -> bool:
    """Web-service calls, cron and world loading have none."""
    return current.visit.userid is None and has_request_context()


def last_code() -> str | None:
    return browser().data.get(V08_KEY) if has_browser() else None


def remember_last(code: str) -> None:
    browser().data[V08_KEY] = code


def code_for(cmid: int) -> str | None:
    code: str | None = get("codes", cmid)
    return code


def remember(cmid: int, code: str) -> None:
    put("codes", cmid, code)


def forget(cmid: int) -> None:
    put("codes", cmid, None)


def get(kind: str, number: int) -> Any:
    if not has_browser():
        return None
    return browser().data.get(OWN_KEY, {}).get(kind, {}).get(str(number))


def put(kind: str, number: int, value: Any) -> None:
    """None removes."""
    if not has_browser():
        return
    data = browser().data
    kept = dict(data.get(OWN_KEY, {}))
    of_kind = {key: old for key, old in kept.get(kind, {}).items() if key != str(number)}
    if value is not None:
        of_kind[str(number)] = value
    data[OWN_KEY] = {**kept, kind: of_kind}
