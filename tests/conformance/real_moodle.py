"""Prepares a real Moodle, as an administrator with a browser would, and clears everything away afterwards."""

from __future__ import annotations

import json
import re
import secrets
from collections import deque
from typing import Any

import pytest
import requests
from conformance.browser import Browser, Page
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
from conformance.webservice import WebService, WebServiceError

from contract import access, webservice

MARK = "conformance"
"""Begins every short name that the suite gives, so that a run that was killed can be cleared away by the next."""
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
SYSTEM_CONTEXT = 1
STUDENT_ROLE, TEACHER_ROLE = 5, 3
"""Moodle's standard roles; their numbers are the same on every fresh site."""


class RealMoodle(Lab):
    real = True

    def __init__(self, address: str, admin_password: str) -> None:
        self.address = address.rstrip("/")
        self.admin = Browser(self.address)
        self.admin.sign_in("admin", admin_password)
        self.sesskey = self.admin.get("/my/").sesskey
        self._waiting: deque[Person] = deque()
        self._settings: dict[str, str] = {}
        self._oauth: OAuthClient | None = None

    def prepare(self) -> None:
        self._need_plugin()
        self._switch_web_services_on()
        self._remove_service()
        self.manage = self._managing_service()
        self._remove_leftovers()
        self._role("webservice", ["webservice/rest:use", access.WEBSERVICE.full_name()])
        self._role("powerless", ["webservice/rest:use"])
        self._role("proctor", [access.PROCTOR_AUTH.full_name()])
        service_user, powerless, self.teacher, self.proctor, self.outsider = self._people(
            "service", "powerless", "teacher", "proctor", "outsider"
        )
        self._assign("webservice", service_user)
        self._assign("powerless", powerless)
        self.service = WebService(self.address, self._plugin_token(service_user))
        self.powerless = WebService(self.address, self._plugin_token(powerless))
        self.exam = self._course_with_exam()
        self._enrol(TEACHER_ROLE, self.teacher)
        self._give_portrait(self.teacher)
        self._enrol(self._role_id("proctor"), self.proctor)

    def clear(self) -> None:
        """Everything that `prepare` and the tests made, and the settings as they were."""
        if hasattr(self, "manage"):
            self._remove_leftovers()
        self._remove_service()
        for name in self._settings:
            self._set_feature(name, self._settings[name])

    # What the tests ask for

    def student(self) -> Person:
        if not self._waiting:
            people = self._people(*(f"student-{secrets.token_hex(4)}" for _ in range(STUDENTS_AT_ONCE)))
            self._enrol(STUDENT_ROLE, *people)
            self._waiting.extend(people)
        return self._waiting.popleft()

    def oauth_client(self) -> OAuthClient:
        if self._oauth is None:
            form = self.admin.get("/local/oauth/index.php", action="add")
            if not form.has_form("client_id"):
                pytest.skip("this Moodle has no OAuth2 provider: install local_oauth 2.0.1")
            client_id = f"{MARK}-{secrets.token_hex(4)}"
            self.admin.submit(form, "client_id", {"client_id": client_id, "redirect_uri": REDIRECT_URI})
            row = self._oauth_row(client_id)
            secret = re.search(r"\b[0-9a-f]{48}\b", row.get_text(" "))
            assert secret, "the OAuth clients page does not show the new client's secret"
            self._oauth = OAuthClient(client_id, secret[0])
        return self._oauth

    def _give_portrait(self, person: Person) -> None:
        answer = requests.post(
            f"{self.address}/webservice/upload.php",
            params={"token": self.manage.token},
            files={"file": ("face.png", portrait(), "image/png")},
            timeout=60,
        )
        self.manage("core_user_update_picture", draftitemid=answer.json()[0]["itemid"], userid=person.id)

    # Settings and services

    def _need_plugin(self) -> None:
        self.plugin_service = self._service_id(webservice.SERVICE_NAME)
        if self.plugin_service is None:
            pytest.exit(
                f"{self.address} has no service {webservice.SERVICE_NAME!r}: install the plugin's ZIP "
                "(Site administration, Plugins, Install plugins) and run again",
                returncode=2,
            )

    def _service_id(self, name: str) -> int | None:
        page = self.admin.get("/admin/settings.php", section="externalservices")
        for row in page.soup.select("tr"):
            link = row.select_one('a[href*="service.php?id="]')
            first = row.select_one("td, th")
            if link and first and first.get_text(strip=True).split("|")[0].strip() == name:
                return int(re.search(r"id=(\d+)", str(link["href"]))[1])  # type: ignore[index]
        return None

    def _switch_web_services_on(self) -> None:
        for name in ("s__enablewebservices", "s__enableavailability"):
            self._settings[name] = self._set_feature(name, "1")
        protocols = self.admin.get("/admin/settings.php", section="webserviceprotocols")
        if off := protocols.soup.select_one('a[href*="action=enable&webservice=rest"]'):
            self.admin.get(str(off["href"]))

    def _set_feature(self, name: str, value: str) -> str:
        """Set an advanced feature; its value until now."""
        page = self.admin.get("/admin/settings.php", section="optionalsubsystems")
        box = page.soup.select_one(f'input[type="checkbox"][name="{name}"]')
        before = "1" if box is not None and box.has_attr("checked") else "0"
        if before != value:
            self.admin.submit(page, name, {name: value})
        return before

    def _managing_service(self) -> WebService:
        """A service of our own with the functions that prepare a site, and the administrator's token for it."""
        page = self.admin.submit(
            self.admin.get("/admin/webservice/service.php", id=0),
            "restrictedusers",
            {"name": MARK, "shortname": MARK, "enabled": 1, "uploadfiles": 1},
            button="submitbutton",
        )
        number = int(re.search(r"id=(\d+)", page.url)[1])  # type: ignore[index]
        functions = self.admin.get(
            "/admin/webservice/service_functions.php", id=number, action="add", sesskey=self.sesskey
        )
        form = functions.form("fids[]")
        for option in form.form.select('select[name="fids[]"] option'):
            if option.get_text().split(":")[0] in FUNCTIONS:
                option["selected"] = "selected"
        form.choose_submit("submitbutton")
        self.admin.agent.submit(form, functions.url)
        return WebService(self.address, self._token(number, self._own_id()))

    def _remove_service(self) -> None:
        number = self._service_id(MARK)
        if number is not None:
            self.admin.post(
                "/admin/webservice/service.php", id=number, action="delete", confirm=1, sesskey=self.sesskey
            )

    def _own_id(self) -> int:
        found = re.search(r'data-userid="(\d+)"', self.admin.get("/my/").html)
        assert found, "the dashboard does not tell who is signed in"
        return int(found[1])

    def _token(self, service: int, user: int) -> str:
        form = self.admin.get("/admin/webservice/tokens.php", action="create")
        name = f"{MARK}-{secrets.token_hex(4)}"
        done = self.admin.submit(
            form, "iprestriction", {"user": user, "service": service, "name": name}, button="submitbutton"
        )
        shown = re.findall(r"\b[0-9a-f]{32}\b", done.soup.select_one("#region-main").get_text(" "))  # type: ignore[union-attr]
        assert shown, f"no token for user {user} at {done.url}: {done.text[:300]}"
        return str(shown[0])

    def _plugin_token(self, person: Person) -> str:
        assert self.plugin_service is not None
        page = self.admin.get("/admin/webservice/service_users.php", id=self.plugin_service)
        if page.has_form("addselect[]"):
            self.admin.post(
                f"/admin/webservice/service_users.php?id={self.plugin_service}",
                **{"addselect[]": person.id, "add": 1, "sesskey": self.sesskey},
            )
        return self._token(self.plugin_service, person.id)

    # People and roles

    def _people(self, *names: str) -> list[Person]:
        users = [
            {
                "username": f"{MARK}-{name}",
                "password": PASSWORD,
                "firstname": name.capitalize(),
                "lastname": "Conformance",
                "email": f"{MARK}-{name}@example.com",
            }
            for name in names
        ]
        made = self.manage("core_user_create_users", users=users)
        return [Person(user["username"], user["email"], row["id"]) for user, row in zip(users, made, strict=True)]

    def _role(self, name: str, capabilities: list[str]) -> None:
        self.admin.post(
            "/admin/roles/define.php?action=add&resettype=none",
            **{
                "sesskey": self.sesskey,
                "shortname": f"{MARK}{name}",
                "name": f"Conformance {name}",
                "archetype": "",
                "contextlevel10": 1,
                "contextlevel50": 1,
                "savechanges": 1,
                **dict.fromkeys(capabilities, 1),
            },
        )

    def _role_id(self, name: str) -> int:
        page = self.admin.get("/admin/roles/manage.php")
        for row in page.soup.select("tr"):
            cells = [cell.get_text(strip=True) for cell in row.select("td")]
            link = row.select_one('a[href*="roleid="]')
            if f"{MARK}{name}" in cells and link:
                return int(re.search(r"roleid=(\d+)", str(link["href"]))[1])  # type: ignore[index]
        raise AssertionError(f"Define roles does not list {MARK}{name}")

    def _assign(self, role: str, person: Person) -> None:
        self.manage(
            "core_role_assign_roles",
            assignments=[{"roleid": self._role_id(role), "userid": person.id, "contextid": SYSTEM_CONTEXT}],
        )

    def _enrol(self, role: int, *people: Person) -> None:
        rows = [{"roleid": role, "userid": person.id, "courseid": self.exam.course} for person in people]
        self.manage("enrol_manual_enrol_users", enrolments=rows)

    # The exam

    def _course_with_exam(self) -> Exam:
        course = {"fullname": COURSE_NAME, "shortname": MARK, "categoryid": 1, "format": "topics", "numsections": 1}
        number = self.manage("core_course_create_courses", courses=[course])[0]["id"]
        form = self.admin.get("/course/modedit.php", **{"add": "quiz", "course": number, "section": 1, "return": 0})
        tree = {"op": "&", "c": [CONDITION], "showc": [True]}
        done = self.admin.submit(
            form,
            "availabilityconditionsjson",
            {"name": EXAM_NAME, "attempts": 0, "availabilityconditionsjson": json.dumps(tree)},
            button="submitbutton",
        )
        found = re.search(r"/mod/quiz/\w+\.php\?(?:cm)?id=(\d+)", done.url)
        assert found, f"no quiz after saving it, but {done.url}: {done.text[:300]}"
        cmid = int(found[1])
        self._add_question(cmid)
        return Exam(number, cmid)

    def _add_question(self, cmid: int) -> None:
        back = f"/mod/quiz/edit.php?cmid={cmid}"
        category = re.search(r"category=(\d+)&amp;[^\"]*appendqnumstring", self.admin.get(back).html)
        assert category, "the quiz's editing page offers no new question"
        form = self.admin.get(
            "/question/bank/editquestion/question.php",
            cmid=cmid, category=category[1], qtype="truefalse", returnurl=back, appendqnumstring="addquestion",
        )  # fmt: skip
        done = self.admin.submit(
            form,
            "questiontext[text]",
            {"name": "Moon", "questiontext[text]": QUESTION_TEXT, "correctanswer": 1},
            button="submitbutton",
            follow=False,
        )
        self._confirm_question(done, back)

    def _confirm_question(self, done: Page, back: str) -> None:
        found = re.search(r"addquestion=(\d+)", done.location)
        assert found, f"the question was not saved: {done.status} {done.text[:300]}"
        self.admin.get(f"{back}&addquestion={found[1]}&sesskey={self.sesskey}")

    # Clearing away

    def _remove_leftovers(self) -> None:
        found = self.manage("core_course_get_courses_by_field", field="shortname", value=MARK)["courses"]
        if found:
            self.manage("core_course_delete_courses", courseids=[course["id"] for course in found])
        users = self.manage("core_user_get_users", criteria=[{"key": "lastname", "value": "Conformance"}])["users"]
        if mine := [user["id"] for user in users if user["username"].startswith(f"{MARK}-")]:
            self.manage("core_user_delete_users", userids=mine)
        for name in ("webservice", "powerless", "proctor"):
            self._remove_role(name)
        self._remove_oauth_clients()

    def _remove_role(self, name: str) -> None:
        try:
            number = self._role_id(name)
        except AssertionError:
            return
        self.admin.post("/admin/roles/manage.php", action="delete", roleid=number, confirm=1, sesskey=self.sesskey)

    def _oauth_row(self, client_id: str) -> Any:
        for row in self.admin.get("/local/oauth/index.php").soup.select("tr"):
            if client_id in row.get_text(" "):
                return row
        raise AssertionError(f"the OAuth clients page does not list {client_id}")

    def _remove_oauth_clients(self) -> None:
        for row in self.admin.get("/local/oauth/index.php").soup.select("tr"):
            link = row.select_one('a[href*="action=del"]')
            if link and MARK in row.get_text(" "):
                number = re.search(r"[?&]id=(\d+)", str(link["href"]))
                assert number
                self.admin.get("/local/oauth/index.php", action="del", id=number[1], confirm=1)


__all__ = ["RealMoodle", "WebServiceError"]
