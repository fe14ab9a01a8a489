"""What the questions need at either site: people, an exam under the condition, keys. How they come about differs."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from conformance.browser import Browser
from conformance.webservice import WebService
from PIL import Image

PASSWORD = "Passw0rd!"
REDIRECT_URI = "http://127.0.0.1:8190/callback"
EXAM_NAME = "Conformance exam"
COURSE_NAME = "Conformance course"
QUESTION_TEXT = "Does the Moon orbit the Earth?"

CONDITION: dict[str, Any] = {
    "type": "examus",
    "duration": "90",
    "mode": "olympics",
    "scheduling_required": False,
    "auto_rescheduling": True,
    "istrial": True,
    "identification": "face_and_passport",
    "noprotection": False,
    "useragreementurl": "https://example.com/agreement",
    "auxiliarycamera": True,
    "customrules": "No hats",
    "rules": {"allow_to_use_websites": True, "allow_to_use_paper": False},
    "warnings": {"warning_phone": True, "warning_talk": False},
    "scoring": {"cheater_level": 60, "voice": 3, "phone": None},
    "groups": [],
}
"""As the browser form writes it: the duration is text, maps may lack keys."""


@dataclass(frozen=True)
class Person:
    username: str
    email: str
    id: int


@dataclass(frozen=True)
class OAuthClient:
    client_id: str
    secret: str
    redirect_uri: str = REDIRECT_URI


@dataclass(frozen=True)
class Exam:
    course: int
    cmid: int


class Lab(ABC):
    """A prepared site. Quizzes allow any number of attempts, so that one question never uses up another's."""

    address: str
    real: bool
    """A real Moodle, which takes seconds for what the mock does in milliseconds."""
    service: WebService
    """Token of the service user, whose role holds only what the plugin's documentation asks for."""
    powerless: WebService
    """Token for the same service, of a user whose role lacks the plugin's capability."""
    exam: Exam
    teacher: Person
    """Has a portrait."""
    proctor: Person
    """Holds `proctor_auth` in the course, and not `reviewer_auth`."""
    outsider: Person
    """Enrolled nowhere."""
    admin: Browser
    """The administrator, signed in."""
    admin_password: str

    @abstractmethod
    def student(self) -> Person:
        """Somebody enrolled who has never been polled for."""

    @abstractmethod
    def oauth_client(self) -> OAuthClient:
        """A client of the OAuth provider; skips where the site has none."""

    def browser(self, person: Person) -> Browser:
        """A fresh browser in which `person` is signed in."""
        browser = Browser(self.address)
        browser.sign_in(person.username, PASSWORD)
        return browser


def portrait() -> bytes:
    """A picture for a profile, as PNG."""
    file = io.BytesIO()
    Image.radial_gradient("L").resize((512, 512)).convert("RGB").save(file, "PNG")
    return file.getvalue()
