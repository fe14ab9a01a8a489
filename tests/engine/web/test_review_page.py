"""A review in a real browser: by keyboard alone, and nothing is lost when something fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from actors import BOB, jpeg, running_session
from numpy import full, uint8
from playwright.sync_api import expect

from contract.condition import BROWSER_SIGNS
from proctor_engine import clock
from proctor_engine.store.model import (
    Decision,
    Evidence,
    ExamSession,
    IncidentRow,
    Message,
    MessageKind,
    Purpose,
    State,
    Track,
)

KINDS = ("warning_no_user_in_frame", "warning_talk", "warning_phone")


@pytest.fixture
def put(place: Any) -> Callable[..., str]:
    """A session in some state with an incident of each kind; returns its id."""

    def put(state: State, number: int = 1) -> str:
        with place.service.database.begin() as db:
            row = running_session(db, number)
            row.person.name, row.state, row.score, row.analysed_seconds = f"Candidate {number}", state, number, 60
            for index, kind in enumerate(KINDS):
                times = {"start": index * 10, "end": index * 10 + 5, "evidence": [index * 10 + 1]}
                db.add(
                    IncidentRow(
                        session_id=row.id,
                        number=index,
                        type=kind,
                        rule="x",
                        open=False,
                        confidence=1,
                        scored=True,
                        **times,
                    )
                )
            key = row.id
        place.staff(BOB)
        return key

    return put


def keep(place: Any, key: str, kind: str, *times: float | None) -> None:
    """Evidence of this kind."""
    purpose = Purpose.INCIDENT if kind == "frame" else Purpose.IDENTIFICATION
    for number, time in enumerate(times):
        place.service.evidence.put(f"{key}/{kind}{number}", jpeg(full((30, 40, 3), 90, uint8)))
        with place.service.database.begin() as db:
            values = {"kind": kind, "purpose": purpose, "time": time, "delete_after": clock.now()}
            db.add(Evidence(session_id=key, key=f"{key}/{kind}{number}", **values))


def decisions(place: Any, key: str) -> list[Decision]:
    with place.service.database.begin() as db:
        return [row.decision for row in db.query(IncidentRow).filter_by(session_id=key).order_by(IncidentRow.number)]


def test_incidents_are_gone_through_by_keys_and_the_score_follows(
    place: Any, chromium: Any, put: Callable[..., str]
) -> None:
    key = put(State.PROPOSED)
    page = place.open(chromium, BOB)
    page.goto(f"/review/{key}")
    rows = page.locator("#incidents li")
    expect(rows).to_have_count(3)
    before = page.locator("#score").inner_text()
    expect(page.locator("#reviewed")).to_be_hidden()
    for pressed in ("c", "j", "d", "ArrowDown", "c"):  # Faster than the service answers.
        page.keyboard.press(pressed)
    expect(page.locator("#incidents .confirmed")).to_have_count(2)
    expect(page.locator("#incidents .dismissed")).to_have_count(1)
    expect(rows.nth(2)).to_have_attribute("aria-current", "true")
    expect(page.locator("#caption")).to_contain_text("Phone in use")
    assert page.locator("#score").inner_text() != before
    assert decisions(place, key) == [Decision.CONFIRMED, Decision.DISMISSED, Decision.CONFIRMED]
    page.get_by_label("Suspicious").check()
    page.get_by_role("button", name="Conclude").click()
    expect(page.get_by_text("Concluded. Moodle gets it now.")).to_be_visible()
    expect(page.locator("#reviewed")).to_contain_text("bob@example.org: Suspicious")


def test_a_button_that_was_pressed_keeps_the_focus_and_undoes(
    place: Any, chromium: Any, put: Callable[..., str]
) -> None:
    key = put(State.PROPOSED)
    page = place.open(chromium, BOB)
    page.goto(f"/review/{key}")
    second = page.locator("#incidents li").nth(1)
    second.get_by_role("button", name="Dismiss").focus()
    for pressed, decision in (("Enter", Decision.DISMISSED), ("Enter", Decision.UNDECIDED)):
        page.keyboard.press(pressed)
        button = second.get_by_role("button", name="Dismiss")
        expect(button).to_have_attribute("aria-pressed", str(decision is Decision.DISMISSED).lower())
        expect(button).to_be_focused()
        assert decisions(place, key)[1] is decision


def test_it_plays_on_from_what_is_looked_at(place: Any, chromium: Any, put: Callable[..., str]) -> None:
    key = put(State.PROPOSED)
    keep(place, key, "frame", 1, 11, 21)
    page = place.open(chromium, BOB)
    page.goto(f"/review/{key}")
    page.locator("#incidents li").nth(1).click()
    expect(page.locator("#caption")).to_contain_text("00:11")
    page.get_by_role("button", name="Play").click()
    expect(page.locator("#caption")).to_have_text("00:21")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.get_by_role("button", name="Play").click()
    expect(page.locator("#caption")).to_have_text("00:01")


def test_who_it_is_is_confirmed_beside_the_pictures(place: Any, chromium: Any, put: Callable[..., str]) -> None:
    key = put(State.PROPOSED)
    keep(place, key, "reference", None)
    keep(place, key, "face", None)
    with place.service.database.begin() as db:
        db.get_one(ExamSession, key).identity = "different"
    page = place.open(chromium, BOB)
    page.goto(f"/review/{key}")
    for name in ("Moodle's picture", "At the start"):
        expect(page.get_by_role("figure", name=name)).to_be_visible()
    expect(page.locator("#identity")).to_have_text("pictures differ: please compare")
    page.get_by_role("button", name="It is this person").click()
    expect(page.locator("#identity")).to_have_text("confirmed by a person")
    expect(page.get_by_role("button", name="It is this person")).to_be_hidden()


def test_a_proctor_who_is_asked_who_it_is_sees_the_pictures(place: Any, chromium: Any, put: Callable[..., str]) -> None:
    key = put(State.RUNNING)
    keep(place, key, "reference", None)
    with place.service.database.begin() as db:
        db.get_one(ExamSession, key).identity = "unsure"
    page = place.open(chromium, BOB)
    page.goto(f"/wall/session/{key}")
    picture = page.get_by_role("img", name="Moodle's picture")
    expect(picture).to_be_visible()
    assert picture.evaluate("async (image) => (await image.decode(), image.naturalWidth)") > 0
    page.get_by_role("button", name="It is this person").click()
    expect(picture).to_be_hidden()


def test_the_tracks_tell_whether_the_exam_was_in_front(place: Any, chromium: Any, put: Callable[..., str]) -> None:
    key = put(State.PROPOSED)
    with place.service.database.begin() as db:
        db.query(IncidentRow).filter_by(session_id=key, number=1).update({"type": BROWSER_SIGNS["window_left"]})
        moments = [{"time": second, "faces": 1} for second in range(30)]
        db.add(Track(session_id=key, sequence=0, moments=moments))
    page = place.open(chromium, BOB)
    page.goto(f"/review/{key}")
    expect(page.locator("#timeline .label", has_text="Exam in front")).to_be_visible()
    tracks = page.request.get(f"/api/review/{key}").json()["tracks"]
    assert [moment["time"] for moment in tracks if not moment["focus"]] == list(range(10, 16))


def test_a_failed_decision_is_said(place: Any, chromium: Any, put: Callable[..., str]) -> None:
    page = place.open(chromium, BOB)
    page.goto(f"/review/{put(State.PROPOSED)}")
    expect(page.locator("#incidents li")).to_have_count(3)
    page.context.set_offline(True)
    page.keyboard.press("c")
    expect(page.locator("#caption")).to_contain_text("No answer. Check your connection")


def test_the_timeline_zooms_by_keys_and_the_wheel_alone_scrolls_the_page(
    place: Any, chromium: Any, put: Callable[..., str]
) -> None:
    page = place.open(chromium, BOB)
    page.goto(f"/review/{put(State.PROPOSED)}")
    ticks = page.locator("#timeline .tick")
    expect(ticks.first).to_have_text("00:00")
    whole = ticks.all_text_contents()
    page.locator("#timeline").hover()
    page.mouse.wheel(0, 200)
    assert ticks.all_text_contents() == whole
    page.keyboard.press("+")
    zoomed = ticks.all_text_contents()
    assert zoomed != whole
    page.keyboard.press("ArrowRight")
    assert ticks.all_text_contents() != zoomed
    page.keyboard.press("0")
    assert ticks.all_text_contents() == whole


def test_the_next_in_the_queue_is_one_click_away(place: Any, chromium: Any, put: Callable[..., str]) -> None:
    first, second = put(State.PROPOSED, 1), put(State.PROPOSED, 2)
    page = place.open(chromium, BOB)
    page.goto("/review/next")
    assert page.url.endswith(second)
    page.get_by_role("link", name="Next in the queue").click()
    page.wait_for_url(f"**/review/{first}")


def test_what_is_read_aloud_on_a_candidates_page_is_read_once(
    place: Any, chromium: Any, put: Callable[..., str]
) -> None:
    key = put(State.RUNNING)
    page = place.open(chromium, BOB)
    page.goto(f"/wall/session/{key}")
    page.evaluate("""
        window.said = [];
        new MutationObserver((changes) => {
            for (const { addedNodes } of changes) window.said.push(...[...addedNodes].map((node) => node.textContent));
        }).observe(document.querySelector("#messages"), { childList: true });
    """)
    for text in ("One", "Two"):
        with place.service.database.begin() as db:
            values = {"kind": MessageKind.CHAT, "from_staff": False, "author": "Ann", "text": text}
            db.add(Message(session_id=key, at=clock.now(), **values))
        expect(page.locator("#messages li").last).to_contain_text(text)
    assert [text.rpartition(": ")[2] for text in page.evaluate("window.said")] == ["One", "Two"]
    page.get_by_role("button", name="Stop the exam").click()
    page.get_by_role("button", name="Stop it").click()
    expect(page.locator("#state")).to_have_text("finished")
    expect(page.get_by_role("button", name="Pause")).to_be_hidden()


def test_single_keys_can_be_switched_off_for_good(place: Any, chromium: Any, put: Callable[..., str]) -> None:
    key = put(State.PROPOSED)
    page = place.open(chromium, BOB)
    page.goto(f"/review/{key}")
    expect(page.locator("#incidents li")).to_have_count(3)
    page.get_by_role("checkbox", name="Keys").uncheck()
    for _ in range(2):
        expect(page.locator("#incidents li")).to_have_count(3)
        page.locator("h1").click()
        page.keyboard.press("c")
        page.wait_for_load_state("networkidle")
        assert decisions(place, key)[0] is Decision.UNDECIDED
        page.reload()
