"""The service on a port of its own, its Moodle an object, and Chromium with a camera before it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from programs import need
from werkzeug.serving import make_server

sys.path.insert(0, str(Path(__file__).parents[1] / "service"))

from actors import ANN, FakeMoodle, FakeSignIn

from proctor_engine.lms import Access, Profile
from proctor_engine.service import Service
from proctor_engine.settings import MoodleSettings, Settings
from proctor_engine.web.app import create_app

COURSE = 3
MOODLE = "http://127.0.0.1:9"
"""Where nobody listens: Chromium is given an empty page in its place."""
CAMERA = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--auto-select-desktop-capture-source=Entire screen",
)


class Place:
    """A running service. Settings may be changed while it runs."""

    def __init__(self, folder: Path) -> None:
        self.moodle = FakeMoodle()
        self.service: Service
        self._folder = folder
        self._opened: list[Any] = []

    def change(self, **settings: Any) -> None:
        self.service.settings = self.service.settings.model_copy(update=settings)

    def staff(self, who: Profile) -> None:
        """Makes somebody proctor and reviewer of the course."""
        self.moodle.staff[who.email] = Access(
            success=True, proctor_auth=True, reviewer_auth=True, proctor_courses=(COURSE,), reviewer_courses=(COURSE,)
        )

    def open(self, browser: Any, who: Profile | None = ANN, **context: Any) -> Any:
        """A page of a fresh browser in which `who` is signed in."""
        opened = browser.new_context(base_url=self.url, **context)
        opened.set_default_timeout(60_000)
        opened.route(
            f"{MOODLE}/**", lambda route: route.fulfill(body="<title>A quiz</title>", content_type="text/html")
        )
        if who is not None:
            self.service.sign_in.next = who  # type: ignore[attr-defined]
            opened.request.get("/sign-in", max_redirects=0)
            opened.request.get("/oauth/callback?code=c&state=s", max_redirects=0)
        return opened.new_page()

    @property
    def url(self) -> str:
        return self.service.settings.public_url

    def run(self) -> Iterator[Place]:
        settings = Settings(
            public_url="http://127.0.0.1",
            moodle=MoodleSettings(url=MOODLE, client_id="engine", client_secret="s", token="t"),
            data=self._folder / "var",
            wall_streams=3,
        )
        self.service = Service.open(settings)
        self.service.moodle = self.moodle  # type: ignore[assignment]
        self.service.sign_in = FakeSignIn()  # type: ignore[assignment]
        server = make_server("127.0.0.1", 0, create_app(self.service), threaded=True)
        self.change(public_url=f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield self
        for opened in self._opened:
            opened.close()
        server.shutdown()
        thread.join()
        self.service.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    yield from Place(tmp_path).run()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One for a module: Playwright bears no second one beside it, and other folders have theirs."""
    from playwright.sync_api import sync_playwright

    arguments = [*CAMERA, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need("chromium"), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def begin(place: Place, chromium: Any) -> Callable[..., Any]:
    """Takes Ann, or who is named, to the exam: a page on which everything runs, and `script` before all else."""

    def begin(who: Profile = ANN, code: str = "a" * 32, script: str = "") -> Any:
        page = place.open(chromium, who)
        page.add_init_script(script)
        page.goto(f"/exams/{code}")
        page.get_by_label("I have read this and agree").check()
        page.get_by_role("button", name="Go on to the camera").click()
        page.get_by_role("button", name="Go on", exact=True).click()
        page.get_by_role("button", name="Begin the exam").click()
        page.locator("#status[data-word=watching]").wait_for()
        return page

    return begin
