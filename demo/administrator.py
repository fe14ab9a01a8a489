"""What an administrator of the Moodle does once, on the pages that the plugin's documentation walks through."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from contract import wire
from contract.condition import CONDITION_TYPE, Identification, Mode
from contract.webservice import SERVICE_NAME
from demo.browser import Browser
from demo.narration import DemoError

SERVICE_USER = "proctoring"
SERVICE_ROLE = "proctoringservice"
REVIEWER_ROLE = "proctoringreviewer"
SYSTEM_CONTEXT = 1
GO_ON = ".continue form, .continuebutton form"
"""The one button that leads to the next page of an installation."""


class Administrator:
    """Signed in to `moodle` with an administrator's account."""

    def __init__(self, moodle: str, username: str, password: str) -> None:
        self.moodle = moodle
        self._browser = Browser()
        self.open("/login/index.php")
        self._browser.submit("form#login", {"username": username, "password": password})

    def open(self, path: str, **query: str | int) -> None:
        self._browser.open(self.moodle + path, **query)

    def install_plugin(self, archive: Path) -> str:
        """Uploads the ZIP on "Install plugins" and goes on until Moodle says that it is installed."""
        self.open("/admin/tool/installaddon/index.php")
        with archive.open("rb") as content:
            self._browser.submit("form:has([name=zipfile])", {"zipfile": content}, button="submitbutton")
        for step in ("validation", "server checks", "plugins check", "upgrade"):
            if not self._browser.has(GO_ON):
                raise DemoError(f"The {step} did not pass.", f"{self._browser.text()[:300]}")
            self._browser.submit(GO_ON)
        self._browser.submit("form#adminsettings")  # the new settings, as the plugin proposes them
        self.open("/admin/plugins.php", contribonly=1)
        if wire.COMPONENT not in self._browser.text():
            raise DemoError(f"{wire.COMPONENT} is not on the plugins overview.", f"{self._browser.text()[:300]}")
        return wire.COMPONENT

    def enable_web_services(self) -> None:
        self.open("/admin/settings.php", section="optionalsubsystems")
        self._browser.submit("form#adminsettings", {"s__enablewebservices": "1", "s__enableavailability": "1"})

    def enable_rest(self) -> None:
        self.open("/admin/settings.php", section="webserviceprotocols")
        self._follow("webservice=rest")

    def add_service_user(self) -> None:
        self.open("/user/editadvanced.php", id=-1)
        self._browser.submit(
            "form:has([name=newpassword])",
            {
                "username": SERVICE_USER,
                "newpassword": "Service.1234",
                "firstname": "Proctoring",
                "lastname": "Service",
                "email": "proctoring@example.com",
            },
            button="submitbutton",
        )

    def define_role(self, shortname: str, name: str, capabilities: tuple[str, ...], *, course: bool = False) -> None:
        self.open("/admin/roles/define.php", action="add")
        self._browser.submit("form:has([name=resettype])", button="submitbutton")
        levels = {"contextlevel50": "1"} if course else {"contextlevel10": "1"}
        allowed = dict.fromkeys(capabilities, "1")
        self._browser.submit(
            "form:has([name=shortname])",
            {"shortname": shortname, "name": name, **levels, **allowed},
            button="savechanges",
        )

    def assign_role(self, shortname: str, person: str, context: int = SYSTEM_CONTEXT) -> None:
        self.open("/admin/roles/assign.php", contextid=context)
        self._follow(f"roleid={self._role_id(shortname)}")
        self._add_person(person)

    def authorise(self, person: str) -> None:
        """Adds somebody to the users of the plugin's service, which is open to nobody else."""
        self.open("/admin/webservice/service_users.php", id=self._service_id())
        self._add_person(person)

    def create_token(self, person: str) -> str:
        self.open("/admin/webservice/tokens.php", action="create")
        form = "form:has([name=iprestriction])"
        self._browser.submit(
            form,
            {"user": self._option("user", person), "service": self._option("service", SERVICE_NAME)},
            button="submitbutton",
        )
        return self._match(r"\b[0-9a-f]{32}\b", "a token")

    def add_oauth_client(self, client_id: str, redirect: str) -> str:
        """Returns the secret."""
        self.open("/local/oauth/index.php", action="add")
        self._browser.submit(
            "form:has([name=redirect_uri])",
            {"client_id": client_id, "redirect_uri": redirect},
            button="submitbutton",
        )
        return self._match(r"\b[0-9a-f]{48}\b", "a client secret")

    def set_plugin(self, **settings: str | bool) -> None:
        """Fills in the plugin's own settings page; a box is ticked or not."""
        self.open("/admin/settings.php", section=f"availabilitysetting{wire.PLUGIN_NAME}")
        self._browser.submit(
            "form#adminsettings", {f"s_{wire.COMPONENT}_{name}": value for name, value in settings.items()}
        )

    def setting(self, name: str) -> str:
        """As the form would send it: of a box "1", or "0" if it is not ticked."""
        self.open("/admin/settings.php", section=f"availabilitysetting{wire.PLUGIN_NAME}")
        # A box comes after a hidden field that stands for "no".
        fields = self._browser.page.select(f"[name=s_{wire.COMPONENT}_{name}]")
        if not fields:
            raise DemoError(f"The plugin has no setting {name}.", f"{self._browser.text()[:300]}")
        field = fields[-1]
        if field.get("type") == "checkbox":
            return "1" if field.has_attr("checked") else "0"
        chosen = field.select_one("option[selected]") if field.name == "select" else None
        return str((chosen or field).get("value") or field.text)

    def restrict(self, cmid: int, **more: Any) -> None:
        """Adds the restriction to a quiz, as "Restrict access" in its settings does; `more` are its further keys."""
        condition = {
            "type": CONDITION_TYPE,
            "duration": "60",
            "mode": Mode.OLYMPICS.value,
            "scheduling_required": False,
            "identification": Identification.FACE.value,
            "scoring": {"extra_user": 8, "user_replaced": 10, "absent_user": 5},
            **more,
        }
        tree = {"op": "&", "c": [condition], "showc": [True]}
        self.open("/course/modedit.php", update=cmid)
        self._browser.submit(
            "form:has([name=availabilityconditionsjson])",
            {"availabilityconditionsjson": json.dumps(tree)},
            button="submitbutton",
        )

    def course_context(self, course: str) -> int:
        """The context id of a course, by its name."""
        self.open("/my/")
        link = next(
            (a for a in self._browser.page.select("a[href*='course/view.php']") if course in a.get_text()), None
        )
        if link is None:
            raise DemoError(f"The dashboard has no course {course}.", f"{self._browser.text()[:300]}")
        self._browser.open(urljoin(self._browser.url, str(link["href"])))
        found = re.search(r'"courseContextId":\s*(\d+)', str(self._browser.page))
        if found is None:
            raise DemoError(f"The page of {course} does not say its context.", f"{self._browser.url}")
        return int(found[1])

    def log(self) -> list[dict[str, str]]:
        """The rows of the plugin's log, by column."""
        self.open(wire.LOG_PATH)
        table = self._browser.page.select_one("table#entries")
        if table is None:
            raise DemoError("The log shows no entries.", f"{self._browser.text()[:300]}")
        heads = [" ".join(cell.get_text(" ").split()) for cell in table.select("thead th")]
        rows = [
            [" ".join(cell.get_text(" ").split()) for cell in row.select("td, th")] for row in table.select("tbody tr")
        ]
        return [dict(zip(heads, row, strict=False)) for row in rows if any(row)]

    def _follow(self, part: str) -> None:
        links = self._browser.page.select("a[href]")
        target = next((str(link["href"]) for link in links if part in str(link["href"])), None)
        if target is None:
            raise DemoError(f"{self._browser.url} has no link with {part}.", f"{self._browser.text()[:300]}")
        self._browser.open(urljoin(self._browser.url, target))

    def _role_id(self, shortname: str) -> int:
        address = self._browser.url
        self.open("/admin/roles/manage.php")
        row = next((row for row in self._browser.page.select("tr") if shortname in row.get_text()), None)
        found = re.search(r"roleid=(\d+)", str(row))
        if row is None or found is None:
            raise DemoError(f"There is no role {shortname}.", "See the step that defines it.")
        self._browser.open(address)
        return int(found[1])

    def _service_id(self) -> int:
        self.open("/admin/settings.php", section="externalservices")
        row = next((row for row in self._browser.page.select("tr") if SERVICE_NAME in row.get_text()), None)
        found = re.search(r"service(?:_users)?\.php\?id=(\d+)", str(row))
        if row is None or found is None:
            raise DemoError(f"There is no service {SERVICE_NAME}.", "Is the plugin installed?")
        return int(found[1])

    def _add_person(self, person: str) -> None:
        self._browser.submit("form#assignform", {"addselect[]": [self._option("addselect[]", person)]}, button="add")

    def _option(self, field: str, text: str) -> str:
        """The value of the first option of a select whose caption contains `text`."""
        for option in self._browser.page.select(f'select[name="{field}"] option'):
            if text in option.get_text():
                return str(option["value"])
        raise DemoError(f"{self._browser.url}: {field} offers no {text}.", f"{self._browser.text()[:300]}")

    def _match(self, pattern: str, what: str) -> str:
        found = re.search(pattern, self._browser.text())
        if found is None:
            raise DemoError(f"{self._browser.url} shows no {what}.", f"{self._browser.text()[:300]}")
        return found[0]
