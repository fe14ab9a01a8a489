"""The journal in a browser: what a client sends appears by itself, request beside answer."""

from __future__ import annotations

from typing import Any

import requests
from mock.chromium import axe_script, chromium, findings

from mock_moodle.testing import MockMoodle


def test_requests_appear_and_open_by_keyboard(mock_moodle: MockMoodle) -> None:
    browser: Any
    with chromium() as browser:
        page = browser.new_page()
        page.goto(f"{mock_moodle.url}/__mock__/")
        requests.get(f"{mock_moodle.url}/login/token.php?username=anna", timeout=30)
        row = page.get_by_role("button", name="GET /login/token.php")
        row.wait_for()
        row.focus()
        page.keyboard.press("Enter")
        answer = page.get_by_text("A required parameter (password) was missing")
        answer.wait_for()
        assert page.get_by_text("GET /login/token.php?username=anna").is_visible()
        assert findings(page, axe_script()) == []
        page.get_by_label("Function or path").fill("core_")
        assert not row.is_visible()
        page.get_by_role("button", name="Clear").click()
        page.get_by_role("row").nth(1).wait_for(state="detached")
    assert mock_moodle.journal.count() == 0
