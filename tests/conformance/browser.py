"""A person's browser without JavaScript: pages, forms and redirects of a Moodle, over plain HTTP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

import mechanicalsoup
import requests
from bs4 import BeautifulSoup, Tag

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Page:
    """One answer; redirects are not followed unless asked for."""

    response: requests.Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def url(self) -> str:
        return self.response.url

    @property
    def location(self) -> str:
        """Where a redirect points, absolute; empty without one."""
        target = self.response.headers.get("Location", "")
        return urljoin(self.response.url, target) if target else ""

    @property
    def html(self) -> str:
        return self.response.text

    @cached_property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.response.text, "lxml")

    @property
    def title(self) -> str:
        return self.soup.title.get_text(strip=True) if self.soup.title else ""

    @property
    def text(self) -> str:
        """What a reader sees, in one line; scripts left out."""
        body = BeautifulSoup(self.response.text, "lxml").body
        for element in body.find_all(["script", "style", "template"]) if body else []:
            element.decompose()
        return " ".join(body.get_text(" ").split()) if body else ""

    @property
    def main(self) -> str:
        """The text of the page's own part, without navigation."""
        part = self.soup.select_one("#region-main")
        return " ".join(part.get_text(" ").split()) if part else self.text

    @property
    def sesskey(self) -> str:
        found = re.search(r'"sesskey":"(\w+)"', self.html) or re.search(r'name="sesskey"[^>]*value="(\w+)"', self.html)
        assert found, f"{self.url} carries no sesskey; its title is {self.title!r}"
        return found[1]

    def has_form(self, field: str) -> bool:
        return self.soup.select_one(f'form [name="{field}"]') is not None

    def form(self, field: str) -> mechanicalsoup.Form:
        """The form that holds the control named `field`."""
        control = self.soup.select_one(f'form [name="{field}"]')
        form = control.find_parent("form") if control else None
        assert isinstance(form, Tag), f"{self.url} has no form with a field {field}; its title is {self.title!r}"
        return mechanicalsoup.Form(form)


class Browser:
    """Cookies of one person at one site. Paths are relative to the site's address."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self.agent = mechanicalsoup.Browser(soup_config={"features": "lxml"})

    def get(self, path: str, *, follow: bool = False, **query: str | int) -> Page:
        return self._ask("GET", path, follow, params=query)

    def post(self, path: str, *, follow: bool = False, **fields: str | int) -> Page:
        return self._ask("POST", path, follow, data=fields)

    def _ask(self, method: str, path: str, follow: bool, **kind: Any) -> Page:
        address = path if path.startswith("http") else self.address + path
        return Page(
            self.agent.session.request(method, address, allow_redirects=follow, timeout=TIMEOUT_SECONDS, **kind)
        )

    def submit(
        self,
        page: Page,
        field: str,
        values: dict[str, str | int] | None = None,
        *,
        button: str | None = None,
        follow: bool = True,
    ) -> Page:
        """Fill in and send the form of `page` that holds `field`; `button` is the name of the one pressed."""
        form = page.form(field)
        for name, value in (values or {}).items():
            _fill(form, name, str(value))
        form.choose_submit(button)
        return Page(self.agent.submit(form, page.url, allow_redirects=follow, timeout=TIMEOUT_SECONDS))

    def sign_in(self, username: str, password: str) -> Page:
        """Through the login form; the page that follows."""
        form = self.get("/login/index.php")
        after = self.submit(form, "logintoken", {"username": username, "password": password})
        assert "/login/index.php" not in after.url, f"{username} could not sign in at {self.address}"
        return after


def _fill(form: mechanicalsoup.Form, name: str, value: str) -> None:
    """Set a control as a script of the page would: also choices that are loaded later and boxes left unticked."""
    controls = form.form.find_all(attrs={"name": name})
    boxes = [control for control in controls if control.get("type") in ("checkbox", "radio")]
    if boxes:
        for box in boxes:
            box.attrs.pop("checked", None)
            if box.get("value", "on") == value:
                box["checked"] = "checked"
    elif [control for control in controls if control.name == "textarea"]:
        form.set_textarea({name: value})
    else:
        form.new_control("text", name, value)
