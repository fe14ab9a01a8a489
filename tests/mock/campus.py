"""A small site for tests of pages: one course, a quiz with every type of question, and people with browsers."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mock_moodle.app import create_app
from mock_moodle.site import Site
from mock_moodle.world.load import World

ROOT = "http://moodle.test"
PASSWORD = "Passw0rd!"
SERVICE_TOKEN = "5" * 32
STUDENT_TOKEN = "a" * 32
TEACHER_TOKEN = "e" * 32
EXAM, OPEN_QUIZ, HOMEWORK = 1, 2, 3
"""Course module ids."""

V08 = {"component": "availability_examus", "version": 2022040102, "release": "v0.8"}
SUCCESSOR = {"component": "availability_examus", "version": 2026112300, "release": "v1.0.0"}
LOCAL_OAUTH = {"component": "local_oauth", "version": 2023091301, "release": "v2.0.1"}
CONDITION: dict[str, Any] = {"type": "examus", "duration": "60", "mode": "normal", "identification": "face"}

QUESTIONS: dict[str, Any] = {
    "moon": {"qtype": "truefalse", "text": "<p>The Moon orbits the Earth.</p>", "correct": True},
    "one": {
        "qtype": "multichoice",
        "text": "<p>Which is even?</p>",
        "answers": [{"answer": "One", "fraction": 0}, {"answer": "Two", "fraction": 1, "feedback": "Well done."}],
    },
    "several": {
        "qtype": "multichoice",
        "text": "<p>Which are primes?</p>",
        "single": False,
        "answers": [
            {"answer": "2", "fraction": 0.5},
            {"answer": "3", "fraction": 0.5},
            {"answer": "4", "fraction": -0.5},
        ],
    },
    "frog": {
        "qtype": "shortanswer",
        "text": "<p>Name an amphibian.</p>",
        "answers": [{"answer": "frog"}, {"answer": "toad", "fraction": 0.8}, {"answer": "*", "fraction": 0}],
    },
    "pi": {
        "qtype": "numerical",
        "text": "<p>What is pi?</p>",
        "answers": [{"answer": "3.14159", "tolerance": 0.01}],
    },
    "essay": {"qtype": "essay", "text": "<p>Why?</p>"},
}
AUTOMATIC = [name for name in QUESTIONS if name != "essay"]


def world(*plugins: dict[str, Any], **quiz: Any) -> dict[str, Any]:
    """`quiz` overrides keys of the exam."""
    exam = {
        "cmid": EXAM,
        "modname": "quiz",
        "instance": 1,
        "name": "Exam",
        "questions": AUTOMATIC,
        "questionsperpage": 0,
        "availability": {"op": "&", "c": [CONDITION], "showc": [True]},
        **quiz,
    }
    open_quiz = {
        "cmid": OPEN_QUIZ,
        "modname": "quiz",
        "instance": 2,
        "name": "Open quiz",
        "questions": [*AUTOMATIC, "essay"],
        "questionsperpage": 2,
    }
    homework = {"cmid": HOMEWORK, "modname": "assign", "instance": 1, "name": "Homework", "duedate": 1893456000}
    names = {"anna": "Anna Petrova", "boris": "Boris Sidorov", "tamara": "Tamara Teacher", "robot": "Web Service"}
    return {
        "format": 1,
        "site": {
            "wwwroot": ROOT,
            "fullname": "Campus",
            "shortname": "campus",
            "settings": {"enablewebservices": True, "webserviceprotocols": ["rest"], "enablemobilewebservice": True},
        },
        "plugins": [*plugins, LOCAL_OAUTH],
        "users": [
            {"id": 2, "username": "admin", "password": PASSWORD, "firstname": "Ada", "lastname": "Admin",
             "email": "admin@example.com", "siteadmin": True},
            *(
                {"id": number, "username": username, "password": PASSWORD, "email": f"{username}@example.com",
                 "firstname": name.split()[0], "lastname": name.split()[1]}
                for number, (username, name) in enumerate(names.items(), 3)
            ),
        ],
        "roles": [
            {"shortname": "user", "allow": ["webservice/rest:use"]},
            {"shortname": "proctoring", "name": "Proctoring service", "contextlevels": ["system"],
             "allow": ["webservice/rest:use", "availability/examus:webservice"]},
        ],
        "role_assignments": [{"role": "proctoring", "user": "robot", "context": "system"}],
        "questions": copy.deepcopy(QUESTIONS),
        "courses": [
            {
                "id": 2,
                "shortname": "ALG",
                "fullname": "Algebra",
                "enablecompletion": True,
                "enrolments": [
                    {"user": "anna", "role": "student"},
                    {"user": "boris", "role": "student"},
                    {"user": "tamara", "role": "editingteacher"},
                ],
                "sections": [{"section": 0, "modules": [exam, open_quiz, homework]}],
            }
        ],
        "services": [
            {"id": 1, "name": "Moodle mobile web service", "shortname": "moodle_mobile_app", "functions": "builtin"},
            {"id": 2, "name": "Examus", "component": "availability_examus", "functions": "plugin"},
        ],
        "tokens": [
            {"token": SERVICE_TOKEN, "user": "robot", "service": "Examus"},
            {"token": STUDENT_TOKEN, "user": "anna", "service": "Moodle mobile web service"},
            {"token": TEACHER_TOKEN, "user": "tamara", "service": "Moodle mobile web service"},
        ],
        "oauth_clients": [
            {
                "client_id": "engine",
                "client_secret": "engine-secret",
                "redirect_uri": "http://engine.test/callback",
                "grant_types": ["authorization_code"],
                "scope": ["user_info"],
            }
        ],
    }  # fmt: skip


@dataclass
class Page:
    """One answer, not followed."""

    response: TestResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def html(self) -> str:
        return self.response.text

    @property
    def location(self) -> str:
        return self.response.headers.get("Location", "")

    @property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.response.text, "lxml")

    @property
    def title(self) -> str:
        return self.soup.title.get_text(strip=True) if self.soup.title else ""

    @property
    def text(self) -> str:
        body = self.soup.body
        for script in body.find_all("script") if body else []:
            script.decompose()
        return " ".join(body.get_text(" ").split()) if body else ""

    def form(self, selector: str = "form") -> Tag:
        found = self.soup.select_one(selector)
        assert found is not None, f"no {selector} on {self.title!r}: {self.text[:300]}"
        return found


class Browser:
    """One person's browser, in process."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **query: Any) -> Page:
        return Page(self.client.get(_path(path), query_string=query or None, base_url=ROOT))

    def post(self, path: str, **form: Any) -> Page:
        return Page(self.client.post(_path(path), data=form, base_url=ROOT))

    def follow(self, page: Page) -> Page:
        for _ in range(10):
            if not page.location:
                return page
            page = self.get(page.location)
        raise AssertionError("redirects go round in circles")

    def submit(self, page: Page, selector: str, values: dict[str, Any] | None = None, press: str | None = None) -> Page:
        """Fills in a form as a person would: fields that are shown, and the one button that is pressed."""
        form = page.form(selector)
        fields: list[tuple[str, Any]] = [
            (name, value) for name, value in shown_fields(form) if name not in (values or {})
        ]
        for name, value in (values or {}).items():
            fields.extend((name, one) for one in (value if isinstance(value, list) else [value]))
        if press:
            button = form.select_one(f'[name="{press}"]')
            assert button is not None, f"no button {press}"
            fields.append((press, button.get("value", "")))
        data: dict[str, list[Any]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        path = str(form.get("action") or page.response.request.url)
        if (form.get("method") or "get").lower() == "get":
            return self.get(path, **data)
        return Page(self.client.post(_path(path), data=data, base_url=ROOT))

    def sesskey(self) -> str:
        return json.loads(self.get("/my/").html.split("M.cfg = ")[1].split(";")[0])["sesskey"]


def _path(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def shown_fields(form: Tag) -> list[tuple[str, str]]:
    fields = []
    for control in form.select("input[name], textarea[name], select[name]"):
        name, kind = str(control["name"]), control.get("type", "")
        if control.name == "select":
            options = control.select("option[selected]") or control.select("option")[:1]
            chosen = [] if control.has_attr("multiple") and not control.select("option[selected]") else options
            fields.extend((name, str(option.get("value", option.get_text()))) for option in chosen)
        elif control.name == "textarea":
            fields.append((name, control.get_text()))
        elif kind in ("checkbox", "radio"):
            if control.has_attr("checked"):
                fields.append((name, str(control.get("value", "on"))))
        elif kind not in ("submit", "button", "file"):
            fields.append((name, str(control.get("value", ""))))
    return fields


class Campus:
    """The site under test."""

    def __init__(self, spec: dict[str, Any], **options: Any) -> None:
        self.app = create_app(World(spec, "campus.json"), wwwroot=ROOT, **options)
        self.site: Site = self.app.extensions["mock_moodle"]
        self.site.clock.freeze()  # no second passes between two lines of a test

    def visitor(self) -> Browser:
        return Browser(self.app)

    def sign_in(self, username: str) -> Browser:
        browser = Browser(self.app)
        form = browser.get("/login/index.php")
        token = form.form("[name=logintoken]")["value"]
        page = browser.post("/login/index.php", username=username, password=PASSWORD, logintoken=token)
        assert "testsession" in page.location, page.text
        browser.follow(page)
        return browser

    def call(self, function: str, token: str = SERVICE_TOKEN, **parameters: Any) -> Any:
        """A web-service call; lists and objects are written in PHP's array notation."""
        form = {"wstoken": token, "wsfunction": function, "moodlewsrestformat": "json", **flat(parameters)}
        return json.loads(Browser(self.app).post("/webservice/rest/server.php", **form).html)

    def exams(self, username: str, **more: Any) -> list[dict[str, Any]]:
        answer = self.call("availability_examus_user_proctored_modules", useremail=f"{username}@example.com", **more)
        found: list[dict[str, Any]] = answer["modules"]
        return found

    def status(self, accesscode: str) -> str:
        answer = self.call("availability_examus_user_proctored_modules", accesscode=accesscode)
        return str(answer["modules"][0]["status"])


def flat(value: Any, name: str = "") -> dict[str, Any]:
    """In PHP's array notation."""
    if isinstance(value, dict):
        items = [(f"{name}[{key}]" if name else key, inner) for key, inner in value.items()]
    elif isinstance(value, list):
        items = [(f"{name}[{index}]", inner) for index, inner in enumerate(value)]
    else:
        return {} if value is None else {name: value}
    return {path: scalar for key, inner in items for path, scalar in flat(inner, key).items()}
