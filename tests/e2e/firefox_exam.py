"""The whole exam in Firefox, in both ways: `python -m pytest tests/e2e/firefox_exam.py`, by hand, as `make test` has no
Firefox. Its own camera shows colours and nobody, its microphone hums.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from marionette import Firefox, firefox
from stage import Stage

from contract.panel import WayIn
from demo.browser import Browser
from demo.people import Account
from demo.student import Engine
from demo.student import sign_in as sign_in_by_hand

OpenStage = Callable[[WayIn], AbstractContextManager[Stage]]
FRAMES = 9
"""Some of each page of the quiz: in the panel each opens the camera anew."""


@pytest.mark.parametrize("way", WayIn)
def test_an_exam_is_taken_in_firefox(stage: OpenStage, tmp_path: Path, way: WayIn) -> None:
    with stage(way) as place, firefox(tmp_path) as browser:
        browser.go(place.engine)
        browser.click("a.button")
        sign_in(browser, place.student)
        session = prepare(browser)
        teacher = Browser()
        sign_in_by_hand(teacher, place.engine, place.teacher)
        engine = Engine(teacher, place.engine)

        def facts() -> Any:
            return engine.get(f"/api/review/{session}")

        def watched(more: int = FRAMES) -> None:
            wanted = facts()["frames"]["received"] + more
            until(lambda: facts()["frames"]["received"] >= wanted)

        browser.click("#begin")
        if way is WayIn.FRAME:
            browser.wait("#status[data-word=watching]")
            browser.enter("#moodle")
        take_exam(browser, watched)
        until(lambda: facts()["state"] == "proposed")
        found = facts()
    assert (found["frames"]["missing"], found["frames"]["late"]) == (0, 0)
    types, tracks = {one["type"] for one in found["incidents"]}, {key for one in found["tracks"] for key in one}
    assert "faces" in tracks
    # Without speakers Firefox hears nothing, and that is told.
    assert ("voice" in tracks) != ("warning_mic_muted" in types)
    # Each of the quiz's pages comes and goes with what it has asked for, and gets its focus late.
    assert not types & {"warning_no_ping", "warning_change_active_window_on_computer"}
    noticed = {message["text"] for message in found["messages"]}
    assert "This browser does not tell: how many screens there are" in noticed
    assert "warning_extra_display" not in types


def sign_in(browser: Firefox, account: Account) -> None:
    browser.write("input[name=username]", account.username)
    browser.write("input[name=password]", account.password)
    browser.click("form#login [type=submit]")
    browser.click("[name=submitbutton]")


def prepare(browser: Firefox) -> str:
    """Up to the last click; returns the session's id."""
    browser.click(".exams a.button")
    browser.click("input[name=consent]")
    browser.click("form:has(input[name=consent]) button")
    for item in ("camera", "microphone", "light", "network"):
        browser.wait(f"#check-{item}[data-state=good]")
    browser.wait("#check-face[data-state=bad]")
    browser.click("#go-on")
    while not browser.shows("#person button"):  # Offered after two tries.
        browser.click("#shot")
        browser.wait("#shot:enabled")
    browser.click("#person button")
    browser.wait("#begin")
    return str(browser.evaluate("location.pathname")).rpartition("/")[2]


def take_exam(browser: Firefox, watched: Callable[[], None]) -> None:
    browser.click("form[action*=startattempt] [type=submit]")
    browser.click("#id_submitbutton, form[action*=startattempt] [type=submit]")
    browser.click("#responseform input[type=radio]")
    watched()
    browser.click("#responseform [name=next]")
    browser.write("#responseform input[type=text]", "frog")
    watched()
    browser.click("#responseform [name=next]")
    browser.click("form:has(input[name=finishattempt]) [type=submit]")


def until(holds: Callable[[], bool]) -> None:
    for _ in range(300):
        if holds():
            return
        time.sleep(0.2)
    raise AssertionError("never came to be so")
