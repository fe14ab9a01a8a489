"""A person's browser without a window: follows redirects, keeps cookies, fills in forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

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
