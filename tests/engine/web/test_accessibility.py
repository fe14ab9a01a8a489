"""Every page for everybody: what axe-core finds, and an exam taken without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from actors import ANN, BOB, make_exam
from mock.chromium import axe_script, findings
from sqlalchemy import select

from proctor_engine.settings import Slots
from proctor_engine.store import admins
from proctor_engine.store.model import ExamSession
from proctor_engine.tasks.analyse import Analyst

Begin = Callable[..., Any]
STAFF_PAGES = (
    "/review",
    "/review?state=concluded",
    "/review/course/3",
    "/review/{session}",
    "/wall",
    "/wall/3/41",
    "/wall/session/{session}",
    "/admin/staff",
    "/admin/people",
    "/admin/audit",
)


@pytest.fixture(scope="module")
def axe() -> Path:
    return axe_script()


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> dict[str, str]:
    return {"color_scheme": request.param}


def test_candidates_pages_have_no_serious_finding(place: Any, chromium: Any, axe: Path, scheme: dict[str, str]) -> None:
    place.moodle.exams_due = [
        make_exam(auxiliary_camera=True, identification="face", user_agreement_url="https://x.org")
    ]
    place.moodle.exams_due.append(make_exam("b" * 32, scheduling_required=True))
    place.change(slots=Slots())
    page = place.open(chromium, ANN, bypass_csp=True, **scheme)

    def look() -> None:
        assert findings(page, axe) == [], page.url

    for path in ("/exams", "/nowhere", f"/exams/{'b' * 32}/slot", f"/exams/{'a' * 32}"):
        page.goto(path)
        look()
    page.get_by_label("I have read this and agree").check()
    page.get_by_role("button", name="Go on to the camera").click()
    page.locator("#invitation img").wait_for()
    look()
    link = page.locator("#invitation a").get_attribute("href")
    page.get_by_role("button", name="Go on", exact=True).click()
    look()
    for _ in range(2):
        page.get_by_role("button", name="Take the picture").click()
        page.locator("#shot:enabled").wait_for()
        look()
    page.get_by_role("button", name="Go on without it").click()
    look()
    page.get_by_role("button", name="Begin the exam").click()
    page.locator("#status[data-word=watching]").wait_for()
    look()
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("heading", name="This exam is open elsewhere").wait_for()
    assert findings(other, axe) == []
    other.close()
    page.context.set_offline(True)
    page.locator("#status[data-word=offline]").wait_for()
    look()
    page.context.set_offline(False)
    page.locator("#status[data-word=watching]").wait_for()
    page.get_by_role("button", name="End the exam").click()
    look()
    page.get_by_role("button", name="End it").click()
    page.get_by_role("heading", name="The exam is over").wait_for()
    look()
    for path in ("/panel", "/phone", link):
        page.goto(path)
        look()
    page = place.open(chromium, None, bypass_csp=True, **scheme)
    for path in ("/", "/oauth/callback?error=access_denied&state=s", "/admin/sign-in"):
        page.goto(path)
        look()


def test_staffs_pages_have_no_serious_finding(
    place: Any, chromium: Any, axe: Path, scheme: dict[str, str], begin: Begin
) -> None:
    exam = begin()
    with place.service.database.begin() as db:
        db.scalars(select(ExamSession)).one().identity = "unsure"
    place.staff(BOB)
    proctor = place.open(chromium, BOB, bypass_csp=True, **scheme)
    proctor.goto(f"/wall/session/{exam.url.rpartition('/')[2]}")
    proctor.get_by_role("button", name="It is this person").wait_for()
    assert findings(proctor, axe) == []
    proctor.get_by_role("button", name="Stop the exam").click()
    assert findings(proctor, axe) == []
    exam.get_by_role("button", name="End the exam").click()
    exam.get_by_role("button", name="End it").click()
    exam.get_by_role("heading", name="The exam is over").wait_for()
    analyst = Analyst(place.service)
    while analyst.turn():
        pass
    with place.service.database.begin() as db:
        admins.set_password(db, "admin", "password")
        session = db.scalars(select(ExamSession.id)).one()
    page = place.open(chromium, None, bypass_csp=True, **scheme)
    page.goto("/admin/sign-in")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Reviews").wait_for()
    for path in STAFF_PAGES:
        page.goto(path.format(session=session))
        assert findings(page, axe) == [], path
    page.goto("/review/course/3?outliers=1")  # Nobody is one.
    assert findings(page, axe) == []
    page.goto("/review/course/3")
    page.get_by_label("Tick all on this page").check()
    assert findings(page, axe) == []


def test_an_exam_is_taken_without_a_mouse(place: Any, chromium: Any) -> None:
    page = place.open(chromium)
    page.goto("/exams")

    def reach(name: str, key: str = "Enter") -> None:
        """By Tab alone, to what has this name, and presses it."""
        for _ in range(40):
            page.keyboard.press("Tab")
            focused = page.locator(":focus")
            if focused.count() and name in focused.evaluate("e => e.ariaLabel ?? (e.labels?.[0] ?? e).innerText"):
                page.keyboard.press(key)
                return
        raise AssertionError(f"{name} cannot be reached")

    reach("Open Final quiz")
    page.get_by_role("heading", name="What is recorded").wait_for()
    reach("I have read this and agree", "Space")
    reach("Go on to the camera")
    page.locator("#go-on:enabled").wait_for()
    reach("Go on")
    page.get_by_role("heading", name="Ready").wait_for()
    reach("Begin the exam")
    page.locator("#status[data-word=watching]").wait_for()
    page.locator("#finish").focus()
    page.keyboard.press("Enter")
    reach("End it")
    page.get_by_role("heading", name="The exam is over").wait_for()
