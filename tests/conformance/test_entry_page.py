"""The page that an access code opens, and the quiz behind it."""

from __future__ import annotations

import pytest
from conformance import quiz
from conformance.browser import Browser
from conformance.lab import Lab, Person
from conformance.proctoring import Proctoring, leads_to_quiz, open_entry

from contract.entry import CONCLUSIONS, Status
from contract.wire import ENTRY_PATH, PLUGIN_PATH


def test_code_opens_the_quiz(lab: Lab, proctoring: Proctoring, browser: Browser, accesscode: str) -> None:
    assert leads_to_quiz(open_entry(browser, accesscode), lab.exam.cmid)
    assert proctoring.status(accesscode) is Status.STARTED
    assert quiz.view(browser, lab.exam.cmid).status == 200


def test_visitor_signs_in_first(lab: Lab, proctoring: Proctoring, accesscode: str) -> None:
    page = open_entry(Browser(lab.address), accesscode)
    assert (page.status, page.location) == (303, f"{lab.address}/login/index.php")
    assert proctoring.status(accesscode) is Status.NOT_INITED


def test_app_is_told_to_take_a_browser(lab: Lab, proctoring: Proctoring, browser: Browser, accesscode: str) -> None:
    """No service can watch in the app's own window."""
    browser.agent.session.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 14) MoodleMobile 4.5.0 (45000)"
    for page, address in (
        (open_entry(browser, accesscode), f"{ENTRY_PATH}?accesscode={accesscode}"),
        (browser.get(f"{PLUGIN_PATH}/start.php", id=lab.exam.cmid), f"{PLUGIN_PATH}/start.php?id={lab.exam.cmid}"),
    ):
        assert page.status == 404
        assert lab.address + address in page.text
    assert proctoring.status(accesscode) is Status.NOT_INITED


def test_unknown_code_opens_nothing(lab: Lab, browser: Browser) -> None:
    page = open_entry(browser, "0" * 32)
    assert page.status == 404
    assert page.title, "it is a page of the site, not a bare line of text"
    assert quiz.start(browser, lab.exam.cmid) is None


def test_list_in_the_place_of_a_code_opens_nothing(
    lab: Lab, proctoring: Proctoring, browser: Browser, accesscode: str
) -> None:
    assert not leads_to_quiz(browser.get(ENTRY_PATH, **{"accesscode[]": accesscode}), lab.exam.cmid)
    assert proctoring.status(accesscode) is Status.NOT_INITED


def test_no_code_opens_nothing(browser: Browser) -> None:
    page = browser.get(ENTRY_PATH)
    assert page.status == 404
    assert "accesscode" in page.text


def test_somebody_else_s_code_opens_nothing_and_stays_unused(lab: Lab, proctoring: Proctoring, accesscode: str) -> None:
    stranger = lab.browser(lab.student())
    assert not leads_to_quiz(open_entry(stranger, accesscode), lab.exam.cmid)
    assert proctoring.status(accesscode) is Status.NOT_INITED
    assert quiz.start(stranger, lab.exam.cmid) is None


@pytest.mark.parametrize("conclusion", CONCLUSIONS)
def test_judged_code_opens_nothing(
    lab: Lab, proctoring: Proctoring, browser: Browser, accesscode: str, conclusion: Status
) -> None:
    proctoring.review(accesscode, conclusion.value)
    assert not leads_to_quiz(open_entry(browser, accesscode), lab.exam.cmid)
    assert proctoring.status(accesscode) is conclusion


# The quiz


def test_quiz_is_closed_without_a_code(lab: Lab, browser: Browser) -> None:
    page = quiz.view(browser, lab.exam.cmid)
    assert (page.status, page.location) == (303, f"{lab.address}/course/view.php?id={lab.exam.course}")
    assert quiz.start(browser, lab.exam.cmid) is None


def test_code_of_another_browser_opens_nothing_here(
    lab: Lab, student: Person, browser: Browser, accesscode: str
) -> None:
    open_entry(browser, accesscode)
    assert quiz.start(lab.browser(student), lab.exam.cmid) is None


def test_attempt_from_start_to_end(lab: Lab, proctoring: Proctoring, browser: Browser, accesscode: str) -> None:
    open_entry(browser, accesscode)
    attempt = quiz.start(browser, lab.exam.cmid)
    assert attempt
    assert proctoring.status(accesscode) is Status.STARTED
    quiz.submit(browser, attempt, lab.exam.cmid)
    assert proctoring.status(accesscode) is Status.FINISHED


def test_code_ends_with_its_attempt(lab: Lab, browser: Browser, accesscode: str) -> None:
    open_entry(browser, accesscode)
    attempt = quiz.start(browser, lab.exam.cmid)
    assert attempt
    quiz.submit(browser, attempt, lab.exam.cmid)
    assert quiz.start(browser, lab.exam.cmid) is None


def test_fresh_code_opens_a_second_attempt(
    lab: Lab, proctoring: Proctoring, student: Person, browser: Browser, accesscode: str
) -> None:
    open_entry(browser, accesscode)
    first = quiz.start(browser, lab.exam.cmid)
    assert first
    quiz.submit(browser, first, lab.exam.cmid)
    proctoring.review(accesscode, Status.CLEAN.value)
    open_entry(browser, proctoring.exam(student.email)["accesscode"])
    second = quiz.start(browser, lab.exam.cmid)
    assert second
    assert second != first
