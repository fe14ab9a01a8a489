"""A service in a temporary folder whose Moodle is an object, and a browser that has signed in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from actors import ANN, BOB, TYPED, Browser, Candidate, Clock, FakeMoodle, FakeSignIn, jpeg
from servers import Postgres, Redis

from proctor_engine.lms import Access, Profile
from proctor_engine.service import Service
from proctor_engine.settings import MoodleSettings, Settings
from proctor_engine.tasks.analyse import Analyst


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("proctor_engine.clock.now", clock.now)
    return clock


@pytest.fixture
def moodle() -> FakeMoodle:
    return FakeMoodle()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        public_url="http://localhost",
        moodle=MoodleSettings(
            url="https://moodle.example.org", client_id="engine", client_secret="secret", token="token"
        ),
        data=tmp_path / "var",
    )


@pytest.fixture
def service(settings: Settings, moodle: FakeMoodle) -> Iterator[Service]:
    service = Service.open(settings)
    service.moodle = moodle  # type: ignore[assignment]
    service.sign_in = FakeSignIn()  # type: ignore[assignment]
    yield service
    service.close()


@pytest.fixture
def browser(service: Service) -> Browser:
    return Browser(service)


@pytest.fixture
def begin(browser: Browser) -> Callable[..., Candidate]:
    """Signs Ann in, consents and starts; for exams without identification."""

    def begin(code: str = "a" * 32, who: Profile = ANN) -> Candidate:
        browser.sign_in(who)
        made = browser.post("/api/sessions", json={"access_code": code, "consent": True})
        assert made.status_code == 201, made.json
        session_id = made.json["id"]
        assert browser.post(f"/api/sessions/{session_id}/start").status_code == 200
        return Candidate(browser, session_id, made.json["token"])

    return begin


@pytest.fixture
def analyse(service: Service) -> Callable[[], None]:
    """Works until nothing waits."""
    analyst = Analyst(service)

    def analyse() -> None:
        while analyst.turn():
            pass

    return analyse


@pytest.fixture
def finish(begin: Callable[..., Candidate], analyse: Callable[[], None]) -> Callable[..., Candidate]:
    """Begins an exam as `begin` does, ends it at once, and has it analysed."""

    def finish(code: str = "a" * 32, who: Profile = ANN) -> Candidate:
        candidate = begin(code, who)
        candidate.post("finish")
        analyse()
        return candidate

    return finish


@pytest.fixture(scope="session")
def empty_room() -> Callable[[float], bytes]:
    """A camera's picture of a room with nobody in it at a time; no two are the same, as no camera's are."""
    ramp = np.tile(np.linspace(40, 220, 320), (240, 1))
    ramp[60:180:20, 40:280] = 255

    def picture(time: float) -> bytes:
        noise = np.random.default_rng(int(time * 1000)).normal(0, 6, ramp.shape)
        return jpeg(np.repeat((ramp + noise).clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2))

    return picture


@pytest.fixture
def watched(
    moodle: FakeMoodle,
    begin: Callable[..., Candidate],
    clock: Clock,
    analyse: Callable[[], None],
    empty_room: Callable[[float], bytes],
) -> Candidate:
    """Ann's finished session with evidence, chat and an incident. Bob reviews her course."""
    moodle.staff[BOB.email] = Access(success=True, reviewer_auth=True, reviewer_courses=(3,))
    ann = begin()
    clock.advance(seconds=20)
    for second in range(15):
        ann.frame(empty_room(second), second)
    ann.post("messages", json={"text": TYPED})
    ann.post("finish")
    analyse()
    return ann


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    redis = Redis(tmp_path)
    redis.start()
    yield redis
    redis.kill()


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    postgres = Postgres()
    postgres.start()
    yield postgres
    postgres.remove()
