"""Prepares a real Moodle, as an administrator with a browser would, and clears everything away afterwards."""

from __future__ import annotations

import secrets
from collections import deque

import pytest
import requests
from conformance.administration import CONFORMANCE, Administration
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

from contract import access, webservice

STUDENTS_AT_ONCE = 10
FUNCTIONS = (
    "core_course_create_courses",
    "core_course_delete_courses",
    "core_course_get_courses_by_field",
    "core_user_create_users",
    "core_user_delete_users",
    "core_user_get_users",
    "core_user_update_picture",
    "core_role_assign_roles",
    "enrol_manual_enrol_users",
)
"""What prepares a site through web services."""
ROLES = {
    "webservice": ("webservice/rest:use", access.WEBSERVICE.full_name()),
    "powerless": ("webservice/rest:use",),
    "proctor": (access.PROCTOR_AUTH.full_name(),),
    "reviewer": (access.REVIEWER_AUTH.full_name(),),
}
SYSTEM_CONTEXT = 1
STUDENT_ROLE, TEACHER_ROLE = 5, 3
"""Moodle's standard roles; their numbers are the same on every fresh site."""


class RealMoodle(Lab):
    """Everything that it makes bears the name `conformance`, so that what a killed run left is found by the next."""

    real = True

    def __init__(self, address: str, admin_password: str) -> None:
        self.address = address.rstrip("/")
        self.admin_password = admin_password
        self.admin = Browser(self.address)
        self.admin.sign_in("admin", admin_password)
        self._site = Administration(self.admin)
        self._waiting: deque[Person] = deque()
        self._client: OAuthClient | None = None

    def prepare(self) -> None:
        plugin_service = self._site.service(webservice.SERVICE_NAME)
        if plugin_service is None:
            pytest.exit(
                f"{self.address} has no service {webservice.SERVICE_NAME!r}: install the plugin's ZIP "
                "(Site administration, Plugins, Install plugins) and run again",
                returncode=2,
            )
        self._features = {
            name: self._site.set_feature(name, True) for name in ("s__enablewebservices", "s__enableavailability")
        }
        self._rest = self._site.set_rest(True)
        self._site.remove_service(CONFORMANCE)
        own_service = self._site.add_service(CONFORMANCE, FUNCTIONS)
        self._manage = WebService(self.address, self._site.add_token(own_service, self._site.own_id))
        self._remove_leftovers()
        roles = {name: self._site.add_role(f"{CONFORMANCE}{name}", needs) for name, needs in ROLES.items()}
        caller, powerless, self.teacher, self.proctor, self.outsider = self._people(
            "service", "powerless", "teacher", "proctor", "outsider"
        )
        self.service = self._caller(plugin_service, roles["webservice"], caller)
        self.powerless = self._caller(plugin_service, roles["powerless"], powerless)
        self.exam = self._course_with_exam()
        self._enrol(TEACHER_ROLE, self.teacher)
        self._enrol(roles["proctor"], self.proctor)
        self.give_portrait(self.teacher, portrait())
        self._reviewer_role = roles["reviewer"]

    def clear(self) -> None:
        """Everything that `prepare` and the tests made goes, and the settings are as they were."""
        self._remove_leftovers()
        self._site.remove_service(CONFORMANCE)
        self._site.set_rest(self._rest)
        for name, was in self._features.items():
            self._site.set_feature(name, was)

    def student(self) -> Person:
        if not self._waiting:
            people = self._people(*(f"student-{secrets.token_hex(4)}" for _ in range(STUDENTS_AT_ONCE)))
            self._enrol(STUDENT_ROLE, *people)
            self._waiting.extend(people)
        return self._waiting.popleft()

    def oauth_client(self, redirect_uri: str = REDIRECT_URI) -> OAuthClient:
        if self._client is None:
            secret = self._site.add_oauth_client(CONFORMANCE, redirect_uri)
            if secret is None:
                pytest.skip("this Moodle has no OAuth2 provider: install local_oauth 2.0.1")
            self._client = OAuthClient(CONFORMANCE, secret, redirect_uri)
        return self._client

    def let_review(self, person: Person) -> None:
        self._enrol(self._reviewer_role, person)

    def _people(self, *names: str) -> list[Person]:
        users = [
            {
                "username": f"{CONFORMANCE}-{name}",
                "password": PASSWORD,
                "firstname": name.capitalize(),
                "lastname": "Conformance",
                "email": f"{CONFORMANCE}-{name}@example.com",
            }
            for name in names
        ]
        made = self._manage("core_user_create_users", users=users)
        return [Person(user["username"], user["email"], row["id"]) for user, row in zip(users, made, strict=True)]

    def _caller(self, service: int, role: int, person: Person) -> WebService:
        assignment = {"roleid": role, "userid": person.id, "contextid": SYSTEM_CONTEXT}
        self._manage("core_role_assign_roles", assignments=[assignment])
        self._site.authorise(service, person.id)
        return WebService(self.address, self._site.add_token(service, person.id))

    def _enrol(self, role: int, *people: Person) -> None:
        rows = [{"roleid": role, "userid": person.id, "courseid": self.exam.course} for person in people]
        self._manage("enrol_manual_enrol_users", enrolments=rows)

    def _course_with_exam(self) -> Exam:
        course = {
            "fullname": COURSE_NAME,
            "shortname": CONFORMANCE,
            "categoryid": 1,
            "format": "topics",
            "numsections": 1,
        }
        number = self._manage("core_course_create_courses", courses=[course])[0]["id"]
        cmid = self._site.add_quiz(number, EXAM_NAME, CONDITION)
        self._site.add_question(cmid, "truefalse", QUESTION_TEXT, {"correctanswer": 1})
        return Exam(number, cmid)

    def give_portrait(self, person: Person, picture: bytes) -> None:
        """`picture` is a PNG or a JPEG."""
        answer = requests.post(
            f"{self.address}/webservice/upload.php",
            params={"token": self._manage.token},
            files={"file": ("face", picture)},
            timeout=60,
        )
        self._manage("core_user_update_picture", draftitemid=answer.json()[0]["itemid"], userid=person.id)

    def _remove_leftovers(self) -> None:
        found = self._manage("core_course_get_courses_by_field", field="shortname", value=CONFORMANCE)["courses"]
        if found:
            self._manage("core_course_delete_courses", courseids=[course["id"] for course in found])
        users = self._manage("core_user_get_users", criteria=[{"key": "lastname", "value": "Conformance"}])["users"]
        if mine := [user["id"] for user in users if user["username"].startswith(f"{CONFORMANCE}-")]:
            self._manage("core_user_delete_users", userids=mine)
        for name in ROLES:
            self._site.remove_role(f"{CONFORMANCE}{name}")
        self._site.remove_oauth_client(CONFORMANCE)
