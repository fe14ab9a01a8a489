"""The access codes that this browser session has presented."""

from __future__ import annotations

from flask import g, has_request_context

from mock_moodle.login.browser import browser

V08_KEY = "availibilityexamustoken"
"""The misspelling is v0.8's own. It holds the last code, whatever it was for, and is never forgotten."""
CODES_KEY = "availability_examus_codes"
"""The successor's: one code a course module. JSON has text keys only."""


def has_browser() -> bool:
    """Web-service calls, cron and world loading have none."""
    return has_request_context() and "webservice_userid" not in g


def last_code() -> str | None:
    return browser().data.get(V08_KEY) if has_browser() else None


def remember_last(code: str) -> None:
    browser().data[V08_KEY] = code


def code_for(cmid: int) -> str | None:
    codes: dict[str, str] = browser().data.get(CODES_KEY, {}) if has_browser() else {}
    return codes.get(str(cmid))


def remember(cmid: int, code: str) -> None:
    data = browser().data
    data[CODES_KEY] = {**data.get(CODES_KEY, {}), str(cmid): code}


def forget(cmid: int) -> None:
    if has_browser():
        data = browser().data
        data[CODES_KEY] = {key: code for key, code in data.get(CODES_KEY, {}).items() if key != str(cmid)}
