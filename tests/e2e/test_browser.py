"""A real browser takes the whole exam, in both ways, and a reviewer decides."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect
from stage import Stage, chromium, mock_stage, sign_in

from contract.panel import WayIn
from demo import clip
from demo.people import QUIZ

OpenStage = Callable[[WayIn], AbstractContextManager[Stage]]

FIRST_FACE = 24
"""Seconds for sign-in's end, system check and identification, during which the student is there."""
PLAN = (
    clip.Act(FIRST_FACE, ("student",)),
    clip.Act(6, (), warning="warning_no_user_in_frame"),
    clip.Act(6, ("student",)),
    clip.Act(8, ("student", "visitor"), warning="warning_extra_user_in_frame"),
    clip.Act(6, ("student",)),
    clip.Act(9, ("stranger",), warning="warning_substitution_user"),
    clip.Act(6, ("student",)),
    clip.Act(5, ("student",), covered=True, warning="warning_camera_no_picture"),
    clip.Act(6, ("student",)),
    clip.Act(6, (), warning="warning_no_user_in_frame"),
    clip.Act(6, ("student",)),
)
MINUTE = 60_000


SHORT_PLAN = (
    clip.Act(14, ("student",)),
    clip.Act(6, (), warning="warning_no_user_in_frame"),
    clip.Act(20, ("student",)),
)
"""For the panel, which opens the camera anew on each quiz page: the clip begins again there."""


BEHIND = "Object.defineProperty(document, 'visibilityState', { value: 'hidden' });"


def test_in_a_frame_all_five_incidents_reach_moodles_log(stage: OpenStage, tmp_path: Path) -> None:
    with stage(WayIn.FRAME) as place, chromium(tmp_path, PLAN) as browser:
        student = browser.new_page()
        student.goto(place.engine)
        sign_in(student, place.student)
        prepare(student)
        # Moodle tells the engine that it is handed in: the page sends what is left and ends by itself, often before
        # the frame has shown Moodle's own last page.
        over = student.get_by_role("heading", name="The exam is over")
        # The clip goes round and round: a whole round holds every act, however late a busy machine began.
        take_exam(student.frame_locator("#moodle"), student, sum(act.seconds for act in PLAN), over)
        expect(over).to_be_visible(timeout=MINUTE)
        assert conclude(browser, place) == {act.warning for act in PLAN if act.warning}


def test_in_moodles_own_page_the_panel_watches(stage: OpenStage, tmp_path: Path) -> None:
    with stage(WayIn.PANEL) as place, chromium(tmp_path, SHORT_PLAN) as browser:
        student = browser.new_page()
        student.goto(place.engine)
        sign_in(student, place.student)
        prepare(student)
        finished = student.get_by_role("cell", name="Finished")
        take_exam(student, student, sum(act.seconds for act in SHORT_PLAN[:2]) + 5, finished)
        found = conclude(browser, place)
        assert "warning_no_user_in_frame" in found
        assert "warning_change_active_window_on_computer" not in found, "the next page of the quiz is no absence"


def test_whoever_begins_in_moodle_prepares_in_a_second_tab_and_goes_on_there(tmp_path: Path) -> None:
    with mock_stage(tmp_path / "site", WayIn.PANEL) as place, chromium(tmp_path, SHORT_PLAN) as browser:
        first = browser.new_page()
        first.goto(f"{place.moodle}/login/index.php")
        first.locator("#username").fill(place.student.username)
        first.locator("#password").fill(place.student.password)
        first.locator("form#login [type=submit]").click()
        first.goto(f"{place.moodle}/mod/quiz/view.php?id={QUIZ}")
        first.get_by_role("link", name="begin here").click()
        first.get_by_role("button", name="Begin").click()
        first.get_by_role("button", name="Attempt quiz").click()
        first.get_by_role("button", name="Start attempt").click()
        with first.context.expect_page() as opened:
            panel_of(first).get_by_role("button", name="Prepare").click(timeout=MINUTE)
        # Chromium without windows takes every tab for one that is seen.
        panel_of(first).locator("body").evaluate(f"() => {{ {BEHIND} }}")
        second = opened.value
        agree(second)
        second.get_by_role("button", name="Continue your attempt").click(timeout=MINUTE)
        expect(panel_of(second).locator("#status")).to_have_attribute("data-word", "watching", timeout=MINUTE)
        expect(second.locator("#responseform")).to_be_visible(timeout=MINUTE)
        expect(panel_of(first).get_by_role("button", name="Prepare")).to_be_visible()


def panel_of(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[src*='/panel']")


def prepare(page: Page) -> None:
    """Consent, system check, identification."""
    page.get_by_role("link", name="Open").click()
    agree(page)


def agree(page: Page) -> None:
    page.get_by_label("I have read this and agree").check()
    page.get_by_role("button", name="Go on to the camera").click()
    expect(page.locator("#check-face")).to_have_attribute("data-state", "good", timeout=MINUTE)
    page.get_by_role("button", name="Go on", exact=True).click()
    begin = page.get_by_role("button", name="Begin the exam")
    while not begin.is_visible():  # On a busy machine the clip has gone on to the empty seat: then once more.
        page.get_by_role("button", name="Take the picture").click()
        expect(page.locator("#shot")).to_be_enabled(timeout=MINUTE)
    begin.click()


def take_exam(moodle: Page | FrameLocator, page: Page, seconds: float, end: Locator) -> None:
    """Moodle's quiz, wherever its pages are, up to its ``end``; the first question takes so many seconds."""
    moodle.get_by_role("button", name="Attempt quiz").click(timeout=MINUTE)
    moodle.get_by_role("button", name="Start attempt").click()
    expect(moodle.locator("#responseform")).to_be_visible(timeout=MINUTE)
    moodle.get_by_label("True").check()
    page.wait_for_timeout(seconds * 1000)
    moodle.locator("#responseform").dispatch_event("paste")
    moodle.locator("#responseform [name=next]").click()
    moodle.locator("#responseform input[type=text]").fill("frog")
    moodle.locator("#responseform [name=next]").click()
    moodle.locator("form:has(input[name=finishattempt]) [type=submit]").click()
    # Where scripts run, Moodle asks once more.
    sure = moodle.get_by_role("dialog").get_by_role("button", name="Submit all and finish")
    if first_visible(page, sure, end) is sure:
        sure.click()
        first_visible(page, end)


def first_visible(page: Page, *locators: Locator) -> Locator:
    """Whichever is seen first, in whatever frame each of them is: ``or_`` joins those of one frame only."""
    for _ in range(MINUTE // 200):
        for locator in locators:
            if locator.is_visible():
                return locator
        page.wait_for_timeout(200)
    raise AssertionError(f"None of these came: {', '.join(map(str, locators))}")


def conclude(browser: Browser, place: Stage) -> set[object]:
    """A reviewer confirms and concludes, and Moodle's log shows it; returns the types of what was found."""
    page = browser.new_context().new_page()
    page.goto(place.engine)
    sign_in(page, place.teacher)
    page.goto(f"{place.engine}/review")
    for _ in range(40):
        if page.get_by_role("link", name=place.student_name).count():
            break
        page.wait_for_timeout(2000)
        page.reload()
    page.get_by_role("link", name=place.student_name).click()
    expect(page.locator("#incidents li").first).to_be_visible()
    page.keyboard.press("c")
    expect(page.locator("#incidents .confirmed")).to_have_count(1)
    page.get_by_label("Rules violation").check()
    page.get_by_label("Comment").fill("Seen.")
    page.get_by_role("button", name="Conclude").click()
    expect(page.locator("#conclusion")).to_have_text("Rules violation")
    session = page.url.rpartition("/")[2]
    facts = page.request.get(f"{place.engine}/api/review/{session}").json()
    assert "Text was pasted into an answer" in {message["text"] for message in facts["messages"]}
    for _ in range(30):
        if any("rules violation" in " ".join(row.values()).lower() for row in place.admin.log()):
            return {incident["type"] for incident in facts["incidents"]}
        page.wait_for_timeout(1000)
    raise AssertionError("Moodle's log does not show the review")
