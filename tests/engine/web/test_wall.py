"""The live wall with five hundred candidates on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from actors import BOB, jpeg, running_session
from numpy import full, uint8
from playwright.sync_api import expect

from proctor_engine import clock
from proctor_engine.store.model import Chunk, ExamSession, IncidentRow, Kind, Message, MessageKind, State

CANDIDATES = 500


def fill(place: Any) -> list[str]:
    """Candidates whose scores are their numbers, with a picture each."""
    picture, ids, now = jpeg(full((240, 320, 3), 90, uint8)), [], clock.now()
    with place.service.database.begin() as db:
        for number in range(CANDIDATES):
            row = running_session(db, number)
            row.person.name, row.score, row.seen_at = f"Candidate {number:03}", number // 10, now + timedelta(hours=1)
            ids.append(row.id)
        for key in ids:
            place.service.evidence.put(f"{key}/0.jpg", picture)
            db.add(
                Chunk(
                    session_id=key, sequence=0, kind=Kind.FRAME, time=1.0, received_at=now, evidence_key=f"{key}/0.jpg"
                )
            )
    return ids


def test_five_hundred_are_shown_by_risk_and_a_change_comes_by_itself(place: Any, chromium: Any) -> None:
    ids = fill(place)
    place.staff(BOB)
    page = place.open(chromium, BOB)
    pictures: list[str] = []
    page.on("request", lambda request: pictures.append(request.url) if "/picture" in request.url else None)
    page.goto("/wall/3/41")
    page.locator("#wall li").nth(CANDIDATES - 1).wait_for(state="attached")
    first = page.locator("#wall li:first-child strong")
    assert first.inner_text() == "Candidate 490"
    assert len({url.partition("?")[0] for url in pictures}) < CANDIDATES / 4, "pictures of those out of view"
    with place.service.database.begin() as db:
        db.add(
            IncidentRow(
                session_id=ids[7],
                number=1,
                type="warning_phone",
                rule="reported",
                start=1,
                end=2,
                open=True,
                confidence=1,
                scored=True,
                evidence=[],
            )
        )
    page.locator("#wall li.seen strong", has_text="Candidate 007").wait_for()
    expect(first).to_have_text("Candidate 007", timeout=60_000)
    page.get_by_label("Find").fill("Candidate 123")
    assert page.locator("#wall li:visible").count() == 1


def test_a_card_keeps_the_focus_when_its_place_changes_and_a_lost_connection_is_said(place: Any, chromium: Any) -> None:
    ids = fill(place)
    place.staff(BOB)
    page = place.open(chromium, BOB)
    page.goto("/wall/3/41")
    card = page.locator("#wall li", has_text="Candidate 480").get_by_role("link")
    card.focus()
    with place.service.database.begin() as db:
        db.get_one(ExamSession, ids[480]).score = 100
    expect(page.locator("#wall li:first-child strong")).to_have_text("Candidate 480", timeout=60_000)
    expect(card).to_be_focused()
    page.context.set_offline(True)
    expect(page.get_by_text("No connection. What you see may be old")).to_be_visible(timeout=60_000)


def test_only_those_who_need_a_look_can_be_shown(place: Any, chromium: Any) -> None:
    ids = fill(place)
    with place.service.database.begin() as db:
        db.get_one(ExamSession, ids[5]).identity = "unsure"
        text = {"kind": MessageKind.CHAT, "from_staff": False, "author": "Ann", "text": "Help"}
        db.add(Message(session_id=ids[9], at=clock.now(), **text))
    place.staff(BOB)
    page = place.open(chromium, BOB)
    page.goto("/wall/3/41")
    page.get_by_label("Only who needs a look").check()
    expect(page.locator("#wall li:visible strong")).to_have_text(["Candidate 009", "Candidate 005"])
    expect(page.locator("#count")).to_have_text("500 candidates · waiting for an answer: 1")


def test_where_nobody_sits_any_more_it_says_so_and_shows_no_empty_picture(place: Any, chromium: Any) -> None:
    with place.service.database.begin() as db:
        row = running_session(db, 1)
        row.state = State.PROPOSED
    place.staff(BOB)
    page = place.open(chromium, BOB)
    page.goto("/wall/3/41")
    expect(page.locator("#count")).to_have_text("0 candidates")
    page.goto(f"/wall/session/{row.id}")
    expect(page.locator("#state")).to_have_text("waits for review")
    expect(page.locator("#picture")).to_be_hidden()
