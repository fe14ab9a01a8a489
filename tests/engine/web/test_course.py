"""A course with a thousand sessions in a real browser: who stands out, filters, and many decisions at once."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from actors import BOB, running_session
from playwright.sync_api import expect
from sqlalchemy import func, select

from contract.entry import Status
from proctor_engine.store.model import ExamSession, ReviewRow, State

SESSIONS = 1000
PAGE = 100
OUTLIERS = 20


@pytest.fixture
def course(place: Any, chromium: Any) -> Any:
    """The view as Bob sees it: scores from 0 to 19, but for twenty of 90."""
    with place.service.database.begin() as db:
        for number in range(SESSIONS):
            row = running_session(db, number)
            row.person.name, row.state = f"Candidate {number:03}", State.PROPOSED
            row.score = 90 if number < OUTLIERS else number % 20
    place.staff(BOB)
    page = place.open(chromium, BOB)
    page.goto("/review/course/3")
    return page


def concluded(place: Any) -> int:
    with place.service.database.begin() as db:
        return db.scalar(select(func.count()).where(ExamSession.state == State.CONCLUDED)) or 0


def test_a_thousand_are_seen_at_a_glance_and_filtered(course: Any) -> None:
    expect(course.get_by_role("heading", name="1000 sessions")).to_be_visible()
    rows = course.locator("#bulk tbody tr")
    expect(rows).to_have_count(PAGE)
    expect(course.locator("#bulk .tag")).to_have_count(OUTLIERS)
    expect(rows.nth(OUTLIERS).locator(".tag")).to_have_count(0)
    course.get_by_label("Only far above the usual").check()
    course.get_by_role("button", name="Filter").click()
    expect(rows).to_have_count(OUTLIERS)
    course.get_by_label("Only far above the usual").uncheck()
    course.get_by_label("Name").fill("candidate 12")
    course.get_by_role("button", name="Filter").click()
    expect(rows).to_have_count(10)
    with course.expect_download() as download:
        course.get_by_role("link", name="CSV").click()
    table = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert sorted(row[0] for row in table[1:]) == [f"Candidate 12{number}" for number in range(10)]
    course.get_by_label("Name").fill("")
    course.get_by_role("button", name="Filter").click()
    for _ in range(SESSIONS // PAGE - 1):
        course.get_by_role("link", name="Next").click()
    expect(rows).to_have_count(PAGE)
    expect(course.get_by_role("link", name="Next")).to_have_count(0)


def test_a_bar_of_the_chart_leads_to_those_it_counts(course: Any) -> None:
    course.get_by_role("link", name="90–99: 20").click()
    expect(course.locator("#bulk tbody tr")).to_have_count(OUTLIERS)


def test_many_are_concluded_at_once_by_whoever_types_how_many(place: Any, course: Any) -> None:
    decide = course.get_by_role("button", name="Conclude")
    expect(decide).not_to_be_in_viewport()  # It would only hide the table.
    course.get_by_label("Tick all on this page").check()
    expect(course.locator("#ticked")).to_have_text(f"Ticked: {PAGE}")
    expect(decide).to_be_in_viewport()
    course.locator("#bulk tbody tr").first.get_by_role("checkbox").uncheck()
    course.get_by_label("Conclude the ticked ones as").select_option(Status.CLEAN.value)
    course.get_by_label("Comment").fill("Looked through.")
    course.get_by_label("How many are ticked?").fill(str(PAGE))
    decide.click()
    slip = course.get_by_label("How many are ticked?")
    assert slip.evaluate("field => field.validity.patternMismatch"), "the slip is said where it was made"
    assert concluded(place) == 0
    slip.fill(str(PAGE - 1))
    decide.click()
    expect(course.get_by_text(f"Concluded: {PAGE - 1}")).to_be_visible()
    assert concluded(place) == PAGE - 1
    with place.service.database.begin() as db:
        assert set(db.scalars(select(ReviewRow.comment))) == {"Looked through."}
