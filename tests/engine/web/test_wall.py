"""The live wall with five hundred candidates on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from actors import BOB, jpeg, make_exam
from numpy import full, uint8
from playwright.sync_api import expect

from proctor_engine import clock
from proctor_engine.store.model import Chunk, ExamSession, IncidentRow, Kind, Person, State

CANDIDATES = 500


def fill(place: Any) -> list[str]:
    """Candidates whose scores are their numbers, with a picture each."""
    exam, now = make_exam(), clock.now()
    picture = jpeg(full((240, 320, 3), 90, uint8))
    ids = [f"{number:032x}" for number in range(CANDIDATES)]
    with place.service.database.begin() as db:
        for number, key in enumerate(ids):
            person = Person(email=f"c{number}@example.org", name=f"Candidate {number:03}", last_seen=now)
            db.add(person)
            db.flush()
            db.add(
                ExamSession(
                    id=key,
                    person_id=person.id,
                    access_code=key,
                    course_id=exam.course_id,
                    cm_id=exam.cm_id,
                    course_name=exam.course_name,
                    exam_name=exam.name,
                    exam=exam.model_dump(mode="json"),
                    state=State.RUNNING,
                    created_at=now,
                    started_at=now,
                    seen_at=now + timedelta(hours=1),
                    score=number // 10,
                    evidence_until=now,
                    record_until=now,
                )
            )
        db.flush()
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
