"""What the tests of the plugin of this repository share: how a site is connected, an exam begun."""

from __future__ import annotations

from typing import Any

from mock.campus import EXAM, Browser, Campus

from contract.wire import COMPONENT, ENTRY_PATH
from mock_moodle.site import current

ENGINE = "https://engine.test"
KEY = "k1:" + "0123456789abcdef" * 4
SECRET = KEY.partition(":")[2]


def configure(campus: Campus, **settings: str) -> None:
    with campus.site.visit():
        for name, value in settings.items():
            current.set_config(name, value, COMPONENT)


def code_of(campus: Campus, username: str = "anna") -> str:
    return str(campus.exams(username)[0]["accesscode"])


def begin(campus: Campus, browser: Browser) -> int:
    """Presents the code and starts the attempt; its id."""
    browser.get(ENTRY_PATH, accesscode=code_of(campus))
    page = browser.post("/mod/quiz/startattempt.php", cmid=EXAM, sesskey=browser.sesskey())
    return int(page.location.partition("attempt=")[2].partition("&")[0])


def review(campus: Campus, code: str, status: str, **more: Any) -> Any:
    return campus.call("availability_examus_submit_proctoring_review", accesscode=code, status=status, **more)
