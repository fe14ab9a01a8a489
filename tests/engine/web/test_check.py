"""The system check in a real browser: a fault is said with its mend, and goes on by itself once it is mended."""

from __future__ import annotations

from typing import Any

import pytest
from actors import make_exam
from playwright.sync_api import expect

REFUSE = """
const real = MediaDevices.prototype.getUserMedia;
MediaDevices.prototype.getUserMedia = function (wanted) {
  return window.refused ? Promise.reject(new DOMException("", window.refused)) : real.call(this, wanted);
};
"""
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"


def check(place: Any, chromium: Any, error: str, **context: Any) -> Any:
    """The page of the check, in a browser whose devices answer with this error."""
    page = place.open(chromium, **context)
    page.add_init_script(f"window.refused = '{error}'; {REFUSE}")
    page.goto(f"/exams/{'a' * 32}")
    page.get_by_label("I have read this and agree").check()
    page.get_by_role("button", name="Go on to the camera").click()
    page.locator("#check-camera[data-state=bad]").wait_for()
    expect(page.locator("#go-on")).to_be_disabled()
    expect(page.get_by_text("Without a camera the exam cannot begin.")).to_be_visible()
    return page


@pytest.mark.parametrize(
    ("agent", "camera", "microphone"),
    [
        (None, "Click the camera icon in the address bar", "Click the microphone icon in the address bar"),
        (FIREFOX, "Click the crossed-out camera", "Click the crossed-out microphone"),
        (SAFARI, "Website Settings”), Camera: Allow", "Website Settings”), Microphone: Allow"),
    ],
)
def test_a_refused_device_is_said_in_the_browsers_own_terms_and_can_be_tried_again(
    place: Any, chromium: Any, agent: str | None, camera: str, microphone: str
) -> None:
    page = check(place, chromium, "NotAllowedError", **({"user_agent": agent} if agent else {}))
    for name, reason, mend in (
        ("camera", "does not let us see it", camera),
        ("microphone", "not let us hear it", microphone),
    ):
        said = page.locator(f"#check-{name} .said")
        expect(said).to_contain_text(reason)
        expect(said).to_contain_text(mend)
    expect(page.locator("#check-network[data-state=good]")).to_be_visible()
    page.evaluate("window.refused = null")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#go-on")).to_be_enabled()
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()


@pytest.mark.parametrize(
    ("error", "reason"),
    [("NotFoundError", "None was found. Plug one in"), ("NotReadableError", "Another program uses it")],
)
def test_what_is_plugged_in_or_given_free_is_found_without_a_click(
    place: Any, chromium: Any, error: str, reason: str
) -> None:
    page = check(place, chromium, error)
    expect(page.locator("#check-camera .said")).to_contain_text(reason)
    page.evaluate("window.refused = null")
    expect(page.locator("#go-on")).to_be_enabled()


def test_a_face_that_does_not_match_twice_leads_to_a_person_and_the_document_is_still_taken(
    place: Any, chromium: Any
) -> None:
    place.moodle.exams_due = [make_exam(identification="face_and_passport")]
    page = place.open(chromium)
    page.goto(f"/exams/{'a' * 32}")
    page.get_by_label("I have read this and agree").check()
    page.get_by_role("button", name="Go on to the camera").click()
    page.get_by_role("button", name="Go on", exact=True).click()
    for _ in range(2):  # Chromium's own camera shows nobody.
        expect(page.get_by_role("button", name="Go on without it")).to_be_hidden()
        page.get_by_role("button", name="Take the picture").click()
        page.locator("#shot:enabled").wait_for()
    page.get_by_role("button", name="Go on without it").click()
    expect(page.get_by_role("heading", name="Show your document")).to_be_visible()
    page.get_by_role("button", name="Take the picture").click()
    expect(page.get_by_role("heading", name="Ready")).to_be_visible()


def test_a_picture_whose_answer_was_lost_does_not_hold_the_candidate(place: Any, chromium: Any) -> None:
    place.moodle.exams_due = [make_exam(identification="passport")]
    page = place.open(chromium)
    page.goto(f"/exams/{'a' * 32}")
    page.get_by_label("I have read this and agree").check()
    page.get_by_role("button", name="Go on to the camera").click()
    page.get_by_role("button", name="Go on", exact=True).click()

    def lose_the_answer(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/document", lose_the_answer)
    page.get_by_role("button", name="Take the picture").click()
    page.locator("#shot:enabled").wait_for()
    page.unroute("**/document")
    page.get_by_role("button", name="Take the picture").click()
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.get_by_role("heading", name="Ready")).to_be_visible()
