"""The same site as a world file of the mock Moodle, served by `mock-moodle` in a process of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from conformance.browser import Browser
from conformance.lab import (
    CONDITION,
    COURSE_NAME,
    EXAM_NAME,
    PASSWORD,
    QUESTION_TEXT,
    REDIRECT_URI,
    Exam,
    Lab,
    OAuthClient,
    Person,
    portrait,
)
from conformance.webservice import WebService
from mock_server import plugin_zip, serving

from contract import access, webservice

STUDENTS = 200
FIRST_STUDENT_ID = 100
STAFF = {"service": 3, "powerless": 4, "teacher": 5, "proctor": 6, "outsider": 7}
CLIENT = OAuthClient("conformance", "5ec" * 16)
TOKENS = {"service": "a" * 32, "powerless": "b" * 32}
EXAM = Exam(course=2, cmid=10)


class MockLab(Lab):
    real = False
    exam = EXAM
    admin_password = PASSWORD

    def __init__(self, address: str) -> None:
        self.address = address
        self.service = WebService(address, TOKENS["service"])
        self.powerless = WebService(address, TOKENS["powerless"])
        self.teacher, self.proctor, self.outsider = (_person(name) for name in ("teacher", "proctor", "outsider"))
        self._fresh_world()

    def student(self) -> Person:
        if not self._waiting:
            requests.post(f"{self.address}/__mock__/reset", timeout=60).raise_for_status()
            self._fresh_world()
        return _student(self._waiting.pop(0))

    def oauth_client(self) -> OAuthClient:
        return CLIENT

    def _fresh_world(self) -> None:
        self._waiting = list(range(STUDENTS))
        self.admin = Browser(self.address)
        self.admin.sign_in("admin", PASSWORD)


@contextmanager
def mock_lab(folder: Path) -> Iterator[MockLab]:
    """Serves the mock with the built plugin; what it prints goes to a file in `folder`."""
    world = folder / "world.json"
    world.write_text(json.dumps(_world()), encoding="utf-8")
    with serving(world, folder / "mock.log", plugin=plugin_zip(folder)) as address:
        yield MockLab(address)


def _person(name: str) -> Person:
    return Person(name, f"{name}@example.com", STAFF[name])


def _student(number: int) -> Person:
    return Person(f"student{number}", f"student{number}@example.com", FIRST_STUDENT_ID + number)


def _world() -> dict[str, Any]:
    people = [*(_person(name) for name in STAFF), *map(_student, range(STUDENTS))]
    users: list[dict[str, Any]] = [{"id": 2, "username": "admin", "password": PASSWORD, "siteadmin": True}]
    users += [
        {
            "id": person.id,
            "username": person.username,
            "password": PASSWORD,
            "firstname": person.username.capitalize(),
            "lastname": "Conformance",
            "email": person.email,
        }
        for person in people
    ]
    teacher = next(user for user in users if user["username"] == "teacher")
    teacher["picture"] = "data:image/png;base64," + base64.b64encode(portrait()).decode()
    allow = {
        "webservice": ["webservice/rest:use", access.WEBSERVICE.full_name()],
        "powerless": ["webservice/rest:use"],
        "proctor": [access.PROCTOR_AUTH.full_name()],
    }
    return {
        "format": 1,
        "site": {"settings": {"enablewebservices": True, "webserviceprotocols": ["rest"]}},
        "plugins": [{"component": "local_oauth", "version": 2023091301, "release": "v2.0.1"}],
        "users": users,
        "roles": [
            {"shortname": f"conformance{name}", "contextlevels": ["system", "course"], "allow": capabilities}
            for name, capabilities in allow.items()
        ],
        "role_assignments": [
            {"role": "conformancewebservice", "user": "service", "context": "system"},
            {"role": "conformancepowerless", "user": "powerless", "context": "system"},
        ],
        "questions": {"moon": {"qtype": "truefalse", "text": f"<p>{QUESTION_TEXT}</p>", "correct": True}},
        "courses": [_course()],
        "services": [
            {
                "name": webservice.SERVICE_NAME,
                "shortname": webservice.SERVICE_SHORTNAME,
                "restrictedusers": True,
                "component": "availability_examus",
                "functions": "plugin",
                "users": ["service", "powerless"],
            }
        ],
        "tokens": [
            {"token": token, "user": name, "service": webservice.SERVICE_NAME} for name, token in TOKENS.items()
        ],
        "oauth_clients": [
            {
                "client_id": CLIENT.client_id,
                "client_secret": CLIENT.secret,
                "redirect_uri": REDIRECT_URI,
                "grant_types": ["authorization_code"],
                "scope": ["user_info"],
            }
        ],
    }


def _course() -> dict[str, Any]:
    students = [{"user": _student(number).username, "role": "student"} for number in range(STUDENTS)]
    staff = [{"user": "teacher", "role": "editingteacher"}, {"user": "proctor", "role": "conformanceproctor"}]
    exam = {
        "cmid": EXAM.cmid,
        "modname": "quiz",
        "name": EXAM_NAME,
        "attempts": 0,
        "questions": ["moon"],
        "availability": {"op": "&", "c": [CONDITION], "showc": [True]},
    }
    return {
        "id": EXAM.course,
        "shortname": "conformance",
        "fullname": COURSE_NAME,
        "format": "topics",
        "numsections": 1,
        "enrolments": [*students, *staff],
        "sections": [{"id": 1, "section": 0, "modules": []}, {"id": 2, "section": 1, "modules": [exam]}],
    }
