"""Who plays in these tests: people, their browsers, a Moodle that is an object, and a clock that can be moved."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from flask.testing import FlaskClient
from numpy.typing import NDArray
from PIL import Image
from sqlalchemy.orm import Session

from contract.condition import WARNING_KEYS
from proctor_engine import clock
from proctor_engine.lms import Access, Exam, LmsError, PendingSignIn, Profile, Review
from proctor_engine.service import Service
from proctor_engine.store import admins
from proctor_engine.store.model import ExamSession, Person, State
from proctor_engine.web.app import create_app

ANN = Profile(id="17", email="ann@example.org", firstname="Ann", lastname="Lee")
BOB = Profile(id="18", email="bob@example.org", firstname="Bob", lastname="Ray")
TYPED = "the words that must go"
"""What Ann writes to the proctor."""


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
    """Answers as a Moodle would, remembers what it was asked, fails when told to.

    `meanwhile` happens while it is asked for a picture, a booking or a review: it may be slow.
    """

    exams_due: list[Exam] = field(default_factory=lambda: [make_exam()])
    profile_picture: bytes | None = None
    staff: dict[str, Access] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    booked: dict[str, datetime] = field(default_factory=dict)
    failures: list[LmsError] = field(default_factory=list)
    loses_answers: bool = False
    meanwhile: Callable[[], object] = lambda: None

    def exams(self, email: str) -> tuple[Exam, ...]:
        self.asked.append(f"exams {email}")
        return tuple(self.exams_due)

    def exam(self, access_code: str) -> Exam | None:
        self.asked.append(f"exam {access_code}")
        return next((exam for exam in self.exams_due if exam.accesscode == access_code), None)

    def picture(self, email: str) -> bytes | None:
        self.asked.append(f"picture {email}")
        self.meanwhile()
        return self.profile_picture

    def access(self, email: str) -> Access:
        self.asked.append(f"access {email}")
        return self.staff.get(email, Access(success=False))

    def book(self, access_code: str, slot: datetime) -> None:
        self.asked.append(f"book {access_code}")
        self.meanwhile()
        if self.failures:
            raise self.failures.pop(0)
        self.booked[access_code] = slot

    def submit(self, review: Review) -> None:
        self.asked.append(f"submit {review.accesscode}")
        self.meanwhile()
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


def running_session(db: Session, number: int, *, began: timedelta = timedelta(), minutes: int = 60) -> ExamSession:
    """A candidate who has sat in an exam for a while, without the pages that lead there."""
    at = clock.now()
    person = Person(email=f"{number}@example.org", name=str(number), last_seen=at)
    exam = make_exam(f"{number:032}", time_limit_mins=minutes)
    row = ExamSession(
        person=person,
        access_code=exam.accesscode,
        course_id=exam.course_id,
        cm_id=exam.cm_id,
        course_name=exam.course_name,
        exam_name=exam.name,
        exam=exam.model_dump(mode="json"),
        state=State.RUNNING,
        created_at=at,
        started_at=at - began,
        seen_at=at,
        evidence_until=at + timedelta(days=1),
        record_until=at + timedelta(days=1),
    )
    db.add(row)
    db.flush()
    return row


class Clock:
    """The service's present, which a test moves."""

    def __init__(self) -> None:
        self._real = clock.now
        self._ahead = timedelta()

    def now(self) -> Any:
        return self._real() + self._ahead

    def stop(self) -> None:
        """From now on only `advance` moves it: however slow this machine is, the test is as quick as it says."""
        at = self._real()
        self._real = lambda: at

    def advance(self, **duration: float) -> None:
        self._ahead += timedelta(**duration)


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


def jpeg(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def reviewer(service: Service, moodle: FakeMoodle, *courses: int, who: Profile = BOB) -> Browser:
    moodle.staff[who.email] = Access(
        success=True, proctor_auth=True, reviewer_auth=True, proctor_courses=courses, reviewer_courses=courses
    )
    return Browser(service).sign_in(who)


def administrator(service: Service) -> Browser:
    with service.database.begin() as db:
        admins.set_password(db, "admin", "correct horse")
    browser = Browser(service)
    form = {"name": "admin", "password": "correct horse", "csrf_token": csrf(browser, "/admin/sign-in")}
    assert browser.client.post("/admin/sign-in", data=form).status_code == 302
    return browser


def csrf(browser: Browser, path: str) -> str:
    return str(browser.get(path).text.split('name="csrf_token" value="')[1].split('"')[0])
