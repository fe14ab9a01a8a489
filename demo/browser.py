"""A person's browser without a window: follows redirects, keeps cookies, fills in forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import mechanicalsoup
import requests
from bs4 import BeautifulSoup

from demo.narration import DemoError

TIMEOUT_SECONDS = 60


class Browser:
    """Follows links and forms as the pages have them, so that a page that lacks one fails the demo."""

    def __init__(self) -> None:
        self._browser = mechanicalsoup.StatefulBrowser(raise_on_404=False, user_agent="demo")
        self._browser.session.request = _with_timeout(self._browser.session.request)

    @property
    def url(self) -> str:
        return cast(str, self._browser.url)

    @property
    def page(self) -> BeautifulSoup:
        return cast(BeautifulSoup, self._browser.page)

    @property
    def session(self) -> requests.Session:
        """The cookies, for requests that no form makes."""
        return cast(requests.Session, self._browser.session)

    def open(self, address: str, **query: str | int) -> None:
        self._check(self._browser.open(address, params=query))

    def has(self, selector: str) -> bool:
        return self.page.select_one(selector) is not None

    def submit(self, form: str, fields: Mapping[str, Any] | None = None, button: str | None = None) -> None:
        """Fills in the first form that `form` (a CSS selector) finds and presses `button` (its name)."""
        if not self.has(form):
            raise DemoError(f"{self.url} has no form {form}.", f"The page says: {self.text()[:300]}")
        filled = self._browser.select_form(form)
        for name, value in (fields or {}).items():
            filled.set(name, value, force=True)
        if button:
            filled.choose_submit(button)
        self._check(self._browser.submit_selected())

    def query(self, name: str) -> str:
        """A parameter of the present address."""
        values = parse_qs(urlsplit(self.url).query).get(name)
        if not values:
            raise DemoError(f"{self.url} has no {name}.", f"The page says: {self.text()[:300]}")
        return values[0]

    def sesskey(self) -> str:
        """Moodle's form token, which its scripts read from the page."""
        found = re.search(r'"sesskey":\s*"(\w+)"|sesskey=(\w+)', str(self.page))
        if found is None:
            raise DemoError(f"{self.url} has no sesskey.", f"The page says: {self.text()[:300]}")
        return found[1] or found[2]

    def ask(self, address: str, fields: Mapping[str, str]) -> Any:
        """What a page's script asks in the background: posts fields, reads JSON."""
        response = self.session.post(address, data=fields, timeout=TIMEOUT_SECONDS)
        self._check(response)
        return response.json()

    def download(self, address: str) -> bytes:
        response = self.session.get(address, timeout=TIMEOUT_SECONDS)
        self._check(response)
        return response.content

    def answers(self, by_kind: Mapping[str, str]) -> dict[str, str]:
        """Fields of the question on the page, by the kind of their inputs."""
        fields = self.page.select("#responseform .que input[type=radio], #responseform .que input[type=text]")
        return {str(field["name"]): by_kind[str(field["type"])] for field in fields}

    def notice(self) -> str:
        """What the page says in its first alert or restriction."""
        shown = self.page.select_one(".alert, .availabilityinfo, [role=alert]")
        return " ".join(shown.get_text(" ").split()) if shown else self.text()[:200]

    def text(self) -> str:
        return " ".join(self.page.get_text(" ").split()) if self.page else ""

    def _check(self, response: requests.Response) -> None:
        if response.status_code >= 400:
            raise DemoError(f"{response.url} answered {response.status_code}.", f"The page says: {self.text()[:300]}")


def _with_timeout(request: Any) -> Any:
    def timed(*args: Any, **options: Any) -> requests.Response:
        options.setdefault("timeout", TIMEOUT_SECONDS)
        return cast(requests.Response, request(*args, **options))

    return timed
