"""A service in a temporary folder whose Moodle is an object, and a browser that has signed in."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from proctor_engine.lms import Access, Exam, LmsError, PendingSignIn, Profile, Review
from proctor_engine.service import Service
from proctor_engine.settings import MoodleSettings, Settings
from proctor_engine.tasks.analyse import Analyst
from proctor_engine.web.app import create_app

from contract.condition import WARNING_KEYS

ANN = Profile(id="17", email="ann@example.org", firstname="Ann", lastname="Lee")
BOB = Profile(id="18", email="bob@example.org", firstname="Bob", lastname="Ray")


def make_exam(code: str = "a" * 32, **values: Any) -> Exam:
    base = {
        "id": 1,
        "name": "Final quiz",
        "url": f"https://moodle.example.org/availability/condition/examus/entry.php?accesscode={code}",
        "status": "Not inited",
        "course_name": "Algebra",
        "course_id": 3,
        "cm_id": 41,
        "accesscode": code,
        "time_limit_mins": 60,
        "mode": "auto",
        "scheduling_required": False,
        "auto_rescheduling": False,
        "warnings": dict.fromkeys(WARNING_KEYS, True),
        "is_proctored": True,
        "identification": "skip",
        "is_trial": False,
        "auxiliary_camera": False,
    }
    return Exam.model_validate(base | values)


@dataclass
class FakeMoodle:
    """Answers as a Moodle would, remembers what it was asked, fails when told to."""

    exams_due: list[Exam] = field(default_factory=lambda: [make_exam()])
    profile_picture: bytes | None = None
    staff: dict[str, Access] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    failures: list[LmsError] = field(default_factory=list)
    loses_answers: bool = False

    def exams(self, email: str) -> tuple[Exam, ...]:
        self.asked.append(f"exams {email}")
        return tuple(self.exams_due)

    def exam(self, access_code: str) -> Exam | None:
        self.asked.append(f"exam {access_code}")
        return next((exam for exam in self.exams_due if exam.accesscode == access_code), None)

    def picture(self, email: str) -> bytes | None:
        self.asked.append(f"picture {email}")
        return self.profile_picture

    def access(self, email: str) -> Access:
        self.asked.append(f"access {email}")
        return self.staff.get(email, Access(success=False))

    def submit(self, review: Review) -> None:
        self.asked.append(f"submit {review.accesscode}")
        if self.failures and not self.loses_answers:
            raise self.failures.pop(0)
        self.reviews.append(review)
        self.exams_due = [
            exam.model_copy(update={"status": review.status}) if exam.accesscode == review.accesscode else exam
            for exam in self.exams_due
        ]
        if self.failures:
            raise self.failures.pop(0)


class FakeSignIn:
    """Moodle's side of the sign-in: signs in whoever is `next`."""

    def __init__(self) -> None:
        self.next = ANN

    def begin(self) -> PendingSignIn:
        return PendingSignIn("https://moodle.example.org/local/oauth/login.php?state=s", "s", "v")

    def finish(self, _pending: PendingSignIn, _answer: dict[str, str]) -> Profile:
        return self.next


class Clock:
    """The service's present, which a test moves."""

    def __init__(self) -> None:
        from proctor_engine import clock

        self._real = clock.now
        self._ahead = timedelta()

    def now(self) -> Any:
        return self._real() + self._ahead

    def advance(self, **duration: float) -> None:
        self._ahead += timedelta(**duration)


@pytest.fixture()
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("proctor_engine.clock.now", clock.now)
    return clock


@pytest.fixture()
def moodle() -> FakeMoodle:
    return FakeMoodle()


@pytest.fixture()
def settings(tmp_path: Path) -> Settings:
    return Settings(
        public_url="http://localhost",
        moodle=MoodleSettings(
            url="https://moodle.example.org", client_id="engine", client_secret="secret", token="token"
        ),
        data=tmp_path / "var",
    )


@pytest.fixture()
def service(settings: Settings, moodle: FakeMoodle) -> Iterator[Service]:
    service = Service.open(settings)
    service.moodle = moodle  # type: ignore[assignment]
    service.sign_in = FakeSignIn()  # type: ignore[assignment]
    yield service
    service.close()


class Browser:
    """A person's browser: `browser.sign_in(ANN)`, then get and post with the CSRF token where one is needed."""

    def __init__(self, service: Service) -> None:
        app = create_app(service)
        app.testing = True
        self.client: FlaskClient = app.test_client()
        self._service = service
        self._csrf = ""

    def sign_in(self, who: Profile = ANN) -> Browser:
        self._service.sign_in.next = who  # type: ignore[attr-defined]
        self.client.get("/sign-in")
        assert self.client.get("/oauth/callback?code=c&state=s").status_code == 302
        self._csrf = self.get("/api/me").json["csrf_token"]
        return self

    def get(self, path: str, **kwargs: Any) -> Any:
        return self.client.get(path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> Any:
        headers = {"X-CSRFToken": self._csrf} | kwargs.pop("headers", {})
        return self.client.post(path, headers=headers, **kwargs)


@pytest.fixture()
def browser(service: Service) -> Browser:
    return Browser(service)


class Candidate:
    """A browser in a running exam, which numbers what it sends."""

    def __init__(self, browser: Browser, session_id: str, token: str) -> None:
        self.browser = browser
        self.id = session_id
        self.sequence = 0
        self.headers = {"Authorization": f"Bearer {token}"}

    def send(self, what: str, content: bytes | None, time: float, *, sequence: int | None = None, **kwargs: Any) -> Any:
        number = self.sequence if sequence is None else sequence
        self.sequence = max(self.sequence, number + 1)
        return self.browser.client.post(
            f"/api/sessions/{self.id}/{what}?sequence={number}&time={time}",
            data=content,
            headers=self.headers,
            **kwargs,
        )

    def frame(self, content: bytes, time: float, **kwargs: Any) -> Any:
        return self.send("frames", content, time, **kwargs)

    def events(self, *events: dict[str, Any], time: float, **kwargs: Any) -> Any:
        return self.send("events", None, time, json={"events": list(events)}, **kwargs)

    def post(self, what: str, **kwargs: Any) -> Any:
        return self.browser.client.post(f"/api/sessions/{self.id}/{what}", headers=self.headers, **kwargs)


@pytest.fixture()
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


@pytest.fixture()
def analyse(service: Service) -> Callable[[], None]:
    """Works until nothing waits."""
    analyst = Analyst(service)

    def analyse() -> None:
        while (session_id := analyst.next_session()) is not None and analyst.step(session_id):
            pass

    return analyse


def jpeg(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def gray_frame() -> bytes:
    """A picture with nobody in it, but with something to see."""
    ramp = np.linspace(40, 220, 320, dtype=np.uint8)
    picture = np.repeat(np.tile(ramp, (240, 1))[:, :, None], 3, axis=2)
    picture[60:180:20, 40:280] = 255
    return jpeg(picture)
