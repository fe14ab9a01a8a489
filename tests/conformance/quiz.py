"""A student's way through a quiz, page by page."""

from __future__ import annotations

import re

from conformance.browser import Browser, Page


def view(browser: Browser, cmid: int) -> Page:
    return browser.get("/mod/quiz/view.php", id=cmid)


def start(browser: Browser, cmid: int) -> int | None:
    """Press "Attempt quiz"; the attempt's id, or None where Moodle refuses."""
    sesskey = browser.get("/my/").sesskey
    page = browser.post("/mod/quiz/startattempt.php", cmid=cmid, sesskey=sesskey)
    if page.status == 200 and page.has_form("attempt"):  # a confirmation, as for a time limit
        raise AssertionError("the exam asks for a confirmation before it starts; prepare it without a time limit")
    found = re.search(r"/mod/quiz/attempt\.php\?attempt=(\d+)", page.location)
    return int(found[1]) if found else None


def attempt_page(browser: Browser, attempt: int, cmid: int) -> Page:
    """What the student ends up seeing, redirects followed."""
    return browser.get("/mod/quiz/attempt.php", follow=True, attempt=attempt, cmid=cmid)


def submit(browser: Browser, attempt: int, cmid: int) -> Page:
    """ "Submit all and finish"."""
    sesskey = browser.get("/my/").sesskey
    return browser.post(
        "/mod/quiz/processattempt.php",
        attempt=attempt, cmid=cmid, sesskey=sesskey, finishattempt=1, timeup=0, slots="",
    )  # fmt: skip
