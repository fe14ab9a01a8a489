"""What an administrator does with a browser on the pages of a Moodle: settings, services, tokens, roles, a quiz."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable
from typing import Any

from bs4 import Tag
from conformance.browser import Browser

CONFORMANCE = "conformance"
_TOKEN = re.compile(r"\b[0-9a-f]{32}\b")


class Administration:
    """Names of roles, services and tokens are given as they will stand on the site."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        page = browser.get("/my/")
        self.sesskey = page.sesskey
        self.own_id = _number(r'data-userid="(\d+)"', page.html, "the dashboard does not tell who is signed in")

    # Settings

    def set_feature(self, name: str, wanted: bool) -> bool:
        """An advanced feature on or off; how it was."""
        page = self.browser.get("/admin/settings.php", section="optionalsubsystems")
        box = page.soup.select_one(f'input[type="checkbox"][name="{name}"]')
        was = box is not None and box.has_attr("checked")
        if was is not wanted:
            self.browser.submit(page, name, {name: int(wanted)})
        return was

    def set_rest(self, wanted: bool) -> bool:
        """The REST protocol on or off; how it was."""
        page = self.browser.get("/admin/settings.php", section="webserviceprotocols")
        action = "enable" if wanted else "disable"
        link = page.soup.select_one(f'a[href*="action={action}&webservice=rest"]')
        if link:
            self.browser.get(str(link["href"]))
        return (not wanted) if link else wanted

    # Services and tokens

    def service(self, name: str) -> int | None:
        """Its id, if there is one."""
        page = self.browser.get("/admin/settings.php", section="externalservices")
        for row in page.soup.select("tr"):
            link = row.select_one('a[href*="service.php?id="]')
            cell = row.select_one("td, th")
            if link and cell and cell.get_text("|", strip=True).split("|")[0] == name:
                return _number(r"id=(\d+)", str(link["href"]))
        return None

    def add_service(self, name: str, functions: Iterable[str]) -> int:
        page = self.browser.submit(
            self.browser.get("/admin/webservice/service.php", id=0),
            "restrictedusers",
            {"name": name, "shortname": name, "enabled": 1, "uploadfiles": 1},
            button="submitbutton",
        )
        service = _number(r"id=(\d+)", page.url)
        page = self.browser.get(
            "/admin/webservice/service_functions.php", id=service, action="add", sesskey=self.sesskey
        )
        form = page.form("fids[]")
        for option in form.form.select('select[name="fids[]"] option'):
            if option.get_text().split(":")[0] in functions:
                option["selected"] = "selected"
        form.choose_submit("submitbutton")
        self.browser.agent.submit(form, page.url)
        return service

    def remove_service(self, name: str) -> None:
        service = self.service(name)
        if service is not None:
            self.browser.post(
                "/admin/webservice/service.php", id=service, action="delete", confirm=1, sesskey=self.sesskey
            )

    def authorise(self, service: int, user: int) -> None:
        """Puts `user` on the list of a service that has one."""
        page = self.browser.get("/admin/webservice/service_users.php", id=service)
        if page.has_form("addselect[]"):
            self.browser.post(page.url, **{"addselect[]": user, "add": 1, "sesskey": self.sesskey})

    def add_token(self, service: int, user: int) -> str:
        before = self._shown_tokens()
        form = self.browser.get("/admin/webservice/tokens.php", action="create")
        name = f"{CONFORMANCE}-{secrets.token_hex(4)}"
        page = self.browser.submit(
            form, "iprestriction", {"user": user, "service": service, "name": name}, button="submitbutton"
        )
        shown = [token for token in _TOKEN.findall(page.main) if token not in before]
        assert shown, f"no token for user {user}: {page.main[:300]}"
        return shown[0]

    def _shown_tokens(self) -> set[str]:
        """Those that the list tells: all of them before Moodle 4.3, and on a settings page before 4.0."""
        lists = (
            self.browser.get("/admin/webservice/tokens.php"),
            self.browser.get("/admin/settings.php", section="webservicetokens"),
        )
        return {token for page in lists for token in _TOKEN.findall(page.main)}

    # Roles

    def add_role(self, shortname: str, capabilities: Iterable[str]) -> int:
        """Assignable at the site and in courses."""
        self.browser.post(
            "/admin/roles/define.php?action=add&resettype=none",
            **{
                "sesskey": self.sesskey,
                "shortname": shortname,
                "name": shortname,
                "archetype": "",
                "contextlevel10": 1,
                "contextlevel50": 1,
                "savechanges": 1,
                **dict.fromkeys(capabilities, 1),
            },
        )
        role = self.role(shortname)
        assert role is not None, f"the role {shortname} was not made"
        return role

    def role(self, shortname: str) -> int | None:
        row = self._row("/admin/roles/manage.php", shortname)
        link = row.select_one('a[href*="roleid="]') if row else None
        return _number(r"roleid=(\d+)", str(link["href"])) if link else None

    def remove_role(self, shortname: str) -> None:
        role = self.role(shortname)
        if role is not None:
            self.browser.post("/admin/roles/manage.php", action="delete", roleid=role, confirm=1, sesskey=self.sesskey)

    # OAuth clients

    def add_oauth_client(self, client_id: str, redirect_uri: str) -> str | None:
        """Its secret; None where there is no OAuth2 provider."""
        form = self.browser.get("/local/oauth/index.php", action="add")
        if not form.has_form("client_id"):
            return None
        self.browser.submit(form, "client_id", {"client_id": client_id, "redirect_uri": redirect_uri})
        row = self._row("/local/oauth/index.php", client_id)
        assert row, f"the page of OAuth clients does not list {client_id}"
        secret = re.search(r"\b[0-9a-f]{48}\b", row.get_text(" "))
        assert secret, f"the page of OAuth clients does not show the secret of {client_id}"
        return secret[0]

    def remove_oauth_client(self, client_id: str) -> None:
        row = self._row("/local/oauth/index.php", client_id)
        link = row.select_one('a[href*="action=del"]') if row else None
        if link:
            client = _number(r"[?&]id=(\d+)", str(link["href"]))
            self.browser.get("/local/oauth/index.php", action="del", id=client, confirm=1)

    def _row(self, path: str, text: str) -> Tag | None:
        """The first table row of a page that has a cell with exactly this text."""
        for row in self.browser.get(path).soup.select("tr"):
            if text in [cell.get_text(strip=True) for cell in row.select("td, th")]:
                return row
        return None

    # Quizzes

    def add_quiz(self, course: int, name: str, condition: dict[str, Any]) -> int:
        """A quiz with any number of attempts under one restriction; its course module's id."""
        tree = {"op": "&", "c": [condition], "showc": [True]}
        page = self.browser.submit(
            self.browser.get("/course/modedit.php", **{"add": "quiz", "course": course, "section": 1, "return": 0}),
            "availabilityconditionsjson",
            {"name": name, "attempts": 0, "availabilityconditionsjson": json.dumps(tree)},
            button="submitbutton",
        )
        return _number(r"/mod/quiz/\w+\.php\?(?:cm)?id=(\d+)", page.url, f"no quiz was made: {page.main[:300]}")

    def change_quiz(self, cmid: int, settings: dict[str, str | int]) -> None:
        form = self.browser.get("/course/modedit.php", update=cmid)
        self.browser.submit(form, "availabilityconditionsjson", settings, button="submitbutton")

    def add_question(self, cmid: int, qtype: str, text: str, answer: dict[str, str | int]) -> None:
        """`answer` holds the fields of the question's form that are the type's own."""
        quiz = f"/mod/quiz/edit.php?cmid={cmid}"
        page = self.browser.get(quiz)
        folder = re.search(r"/question/[\w/]*(?=addquestion\.php)", page.html)  # another one before Moodle 4.0
        assert folder, f"{page.url} has no link to add a question"
        category = _number(r"category=(\d+)&amp;[^\"]*appendqnumstring", page.html)
        form = self.browser.get(
            f"{folder[0]}question.php",
            cmid=cmid, category=category, qtype=qtype, returnurl=quiz, appendqnumstring="addquestion",
        )  # fmt: skip
        done = self.browser.submit(
            form,
            "questiontext[text]",
            {"name": text, "questiontext[text]": text, **answer},
            button="submitbutton",
            follow=False,
        )
        question = _number(r"addquestion=(\d+)", done.location, f"the question was not saved: {done.main[:300]}")
        self.browser.get(f"{quiz}&addquestion={question}&sesskey={self.sesskey}")


def _number(pattern: str, text: str, otherwise: str = "") -> int:
    found = re.search(pattern, text)
    assert found, otherwise or f"no {pattern} in {text[:300]}"
    return int(found[1])
