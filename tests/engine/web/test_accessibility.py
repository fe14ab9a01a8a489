"""Every page for everybody: what axe-core finds, and an exam taken without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from actors import ANN, BOB, make_exam
from mock.chromium import axe_script, findings
from sqlalchemy import select

from proctor_engine.lms import Profile
from proctor_engine.settings import Slots
from proctor_engine.store import admins
from proctor_engine.store.model import ExamSession
from proctor_engine.tasks.analyse import Analyst

Begin = Callable[..., Any]
PHONE = {"width": 390, "height": 844}
OVER = {"en": "The exam is over", "ru": "Экзамен закончен"}
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


@pytest.fixture(params=[("light", "en"), ("dark", "en"), ("dark", "ru")], ids=" ".join)
def taste(request: pytest.FixtureRequest) -> dict[str, str]:
    """What a browser prefers."""
    scheme, language = request.param
    return {"color_scheme": scheme, "locale": language}


def speaking(who: Profile, taste: dict[str, str]) -> Profile:
    """As Moodle knows them: its language comes before the browser's."""
    return who.model_copy(update={"lang": taste["locale"]})


def look(page: Any, axe: Path) -> None:
    """Nothing serious, and nothing that a phone would have to be scrolled sideways for."""
    assert findings(page, axe) == [], page.url
    wide = page.viewport_size
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.url
    page.set_viewport_size(wide)


def test_candidates_pages_have_no_serious_finding(place: Any, chromium: Any, axe: Path, taste: dict[str, str]) -> None:
    place.moodle.exams_due = [
        make_exam(auxiliary_camera=True, identification="face", user_agreement_url="https://x.org")
    ]
    place.moodle.exams_due.append(make_exam("b" * 32, scheduling_required=True))
    place.change(slots=Slots())
    page = place.open(chromium, speaking(ANN, taste), bypass_csp=True, **taste)
    for path in ("/exams", "/nowhere", f"/exams/{'b' * 32}/slot", f"/exams/{'a' * 32}"):
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == taste["locale"]
        look(page, axe)
    page.locator("[name=consent]").check()
    page.locator("form:has([name=consent]) .button").click()
    page.locator("#invitation img").wait_for()
    look(page, axe)
    link = page.locator("#invitation a").get_attribute("href")
    page.locator("#go-on").click()
    look(page, axe)
    for _ in range(2):
        page.locator("#shot").click()
        page.locator("#shot:enabled").wait_for()
        look(page, axe)
    page.locator("#person button").click()
    look(page, axe)
    page.locator("#begin").click()
    page.locator("#status[data-word=watching]").wait_for()
    look(page, axe)
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("#take-over").wait_for()
    look(other, axe)
    other.close()
    page.context.set_offline(True)
    page.locator("#status[data-word=offline]").wait_for()
    look(page, axe)
    page.context.set_offline(False)
    page.locator("#status[data-word=watching]").wait_for()
    page.locator("#finish").click()
    look(page, axe)
    page.locator("#sure [value=yes]").click()
    page.locator("h1:visible").get_by_text(OVER[taste["locale"]]).wait_for()
    look(page, axe)
    for path in ("/panel", "/phone", link):
        page.goto(path)
        look(page, axe)
    page = place.open(chromium, None, bypass_csp=True, **taste)
    for path in ("/", "/oauth/callback?error=access_denied&state=s", "/admin/sign-in"):
        page.goto(path)
        look(page, axe)


def test_staffs_pages_have_no_serious_finding(
    place: Any, chromium: Any, axe: Path, taste: dict[str, str], begin: Begin
) -> None:
    exam = begin()
    with place.service.database.begin() as db:
        db.scalars(select(ExamSession)).one().identity = "unsure"
    place.staff(BOB)
    proctor = place.open(chromium, speaking(BOB, taste), bypass_csp=True, **taste)
    proctor.goto(f"/wall/session/{exam.url.rpartition('/')[2]}")
    proctor.locator("#identify:visible").wait_for()
    look(proctor, axe)
    proctor.locator("#stop").click()
    look(proctor, axe)
    exam.get_by_role("button", name="End the exam").click()
    exam.get_by_role("button", name="End it").click()
    exam.get_by_role("heading", name="The exam is over").wait_for()
    analyst = Analyst(place.service)
    while analyst.turn():
        pass
    with place.service.database.begin() as db:
        admins.set_password(db, "admin", "password")
        session = db.scalars(select(ExamSession.id)).one()
    page = place.open(chromium, None, bypass_csp=True, **taste)
    page.goto("/admin/sign-in")
    page.locator("[name=name]").fill("admin")
    page.locator("[name=password]").fill("password")
    page.locator("form:has([name=password]) .button").click()
    page.wait_for_url("**/review")
    for path in STAFF_PAGES:
        page.goto(path.format(session=session))
        look(page, axe)
    page.goto("/review/course/3?outliers=1")  # Nobody is one.
    look(page, axe)
    page.goto("/review/course/3")
    page.locator("#all").check()
    look(page, axe)


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
