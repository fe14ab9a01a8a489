"""Takes the pictures of the documentation anew: `PYTHONPATH=.:tests python tests/e2e/screenshots.py docs/images`.

A candidate with a phone takes the demo's exam at a mock Moodle, a crowd is put beside them, staff look at it all.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from crowd import fill
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from stage import Stage, chromium, mock_stage, sign_in

from contract.panel import WayIn
from demo import clip
from demo.people import QUIZ
from proctor_engine.service import Service
from proctor_engine.settings import load
from proctor_engine.store.model import State

PLAN = (
    clip.Act(25, ("student",)),
    clip.Act(7, ()),
    clip.Act(7, ("student",)),
    clip.Act(8, ("student", "visitor")),
    clip.Act(8, ("student",)),
    clip.Act(9, ("stranger",)),
    clip.Act(8, ("student",)),
)
WIDE = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
MINUTE = 60_000

Shoot = Callable[[Page, str], None]


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)

    def shoot(page: Page, name: str, *, whole: bool = False) -> None:
        page.wait_for_load_state()
        path = out / f"service-{name}.png"
        page.screenshot(path=path, full_page=whole)
        with Image.open(path) as picture:
            picture.convert("RGB").quantize(256).save(path, optimize=True)  # A third of the size, alike to the eye.
        print(f"service-{name}.png")

    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        with mock_stage(site, WayIn.FRAME) as place, chromium(Path(folder), PLAN) as browser:
            place.admin.restrict(QUIZ, auxiliarycamera=True)
            candidate(browser, place, shoot)
            password = _administrator(site / "engine.toml")
            staff(browser, place, site / "engine.toml", password, shoot)


def candidate(browser: Browser, place: Stage, shoot: Shoot) -> None:
    page = browser.new_page(viewport=WIDE)
    page.goto(place.engine)
    sign_in(page, place.student)
    expect(page.get_by_role("heading", name="Your exams")).to_be_visible()
    shoot(page, "exams")
    page.get_by_role("link", name="Open").click()
    shoot(page, "consent", whole=True)
    page.get_by_label("I have read this and agree").check()
    page.get_by_role("button", name="Go on to the camera").click()
    expect(page.locator("#check-face")).to_have_attribute("data-state", "good", timeout=MINUTE)
    expect(page.locator("#invitation")).to_be_visible()
    shoot(page, "check")
    phone = browser.new_context(viewport=PHONE).new_page()
    phone.goto(page.locator("#invitation a").get_attribute("href") or "")
    shoot(phone, "phone-consent")
    phone.get_by_label("I have read this and agree").check()
    phone.get_by_role("button", name="Switch the camera on").click()
    expect(phone.locator("#status")).to_be_visible(timeout=MINUTE)
    expect(page.locator("#check-phone")).to_have_attribute("data-state", "good", timeout=MINUTE)
    page.get_by_role("button", name="Go on", exact=True).click()
    shoot(page, "identity")
    while not page.locator("#begin").is_visible():  # A busy machine may not answer at once.
        page.get_by_role("button", name="Take the picture").click()
        expect(page.locator("#shot")).to_be_enabled(timeout=MINUTE)
    shoot(page, "ready")
    page.get_by_role("button", name="Begin the exam").click()
    moodle = page.frame_locator("#moodle")
    moodle.get_by_role("button", name="Attempt quiz").click(timeout=MINUTE)
    moodle.get_by_role("button", name="Start attempt").click()
    expect(moodle.locator("#responseform")).to_be_visible(timeout=MINUTE)
    moodle.get_by_label("True").check()
    expect(page.locator("#warnings li").first).to_be_visible(timeout=2 * MINUTE)
    shoot(page, "exam")
    shoot(phone, "phone")
    elsewhere = browser.new_context(viewport=WIDE)
    elsewhere.add_cookies(page.context.cookies())  # type: ignore[arg-type]  # what one call gives the other takes
    other = elsewhere.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Go on", exact=True).click(timeout=MINUTE)
    other.get_by_role("button", name="Begin the exam").click()
    expect(other.get_by_role("button", name="Take over here")).to_be_visible(timeout=MINUTE)
    shoot(other, "elsewhere")
    other.close()
    page.wait_for_timeout(sum(act.seconds for act in PLAN) * 1000)
    page.get_by_role("button", name="End the exam").click()
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_role("heading", name="The exam is over")).to_be_visible(timeout=MINUTE)
    shoot(page, "over")


def staff(browser: Browser, place: Stage, settings: Path, password: str, shoot: Shoot) -> None:
    page = browser.new_context(viewport=WIDE, reduced_motion="reduce").new_page()
    page.goto(f"{place.engine}/admin/sign-in")
    shoot(page, "admin-sign-in")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    row = page.get_by_role("link", name=place.student_name)
    for _ in range(60):
        if row.count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    service = Service.open(load(settings, {}, place.engine))
    fill(service, 60, state=State.PROPOSED)
    fill(service, 40, state=State.RUNNING, seed=2)
    page.reload()
    shoot(page, "queue")
    row.click()
    expect(page.locator("#incidents li").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    shoot(page, "review", whole=True)
    page.set_viewport_size(PHONE)
    shoot(page, "review-phone", whole=True)
    page.set_viewport_size(WIDE)
    page.goto(f"{place.engine}/review/course/2")
    shoot(page, "course")
    page.goto(f"{place.engine}/wall")
    page.get_by_role("link", name="Watch").click()
    expect(page.locator("#wall li").nth(30)).to_be_attached()
    page.wait_for_timeout(2000)  # Until the pictures in view have come.
    shoot(page, "wall")
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(1000)
    shoot(page, "wall-phone")
    page.set_viewport_size(WIDE)
    page.locator("#wall li a").first.click()
    page.wait_for_load_state("networkidle")
    shoot(page, "candidate", whole=True)
    for name in ("staff", "people", "audit"):
        page.goto(f"{place.engine}/admin/{name}")
        shoot(page, f"admin-{name}")


def _administrator(settings: Path) -> str:
    command = [str(Path(sys.executable).with_name("proctor-engine")), "admin", "--config", str(settings)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"with (\S+)$", said.strip())
    assert found, said
    return found[1]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
