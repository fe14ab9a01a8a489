"""The list of exams in a real browser."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import pytest
from actors import make_exam
from playwright.sync_api import expect

OPENS = int(datetime(2031, 3, 1, 0, 30, tzinfo=timezone.utc).timestamp())


@pytest.mark.parametrize(
    ("zone", "opens"), [("Asia/Tokyo", "Mar 1, 2031, 9:30 AM"), ("America/New_York", "Feb 28, 2031, 7:30 PM")]
)
def test_times_are_those_of_the_candidates_own_clock(place: Any, chromium: Any, zone: str, opens: str) -> None:
    place.moodle.exams_due = [make_exam(start=OPENS)]
    page = place.open(chromium, timezone_id=zone, locale="en-US")
    page.goto("/exams")
    shown = page.get_by_text("Opens").locator("..").locator("time")
    expect(shown).to_have_text(re.compile(opens.replace(" ", r"\s")))
    expect(page.get_by_text(f"Times are those of your computer: {zone}")).to_be_visible()
