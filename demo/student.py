"""What the student does: signs in, agrees, shows her face, takes the exam before the camera, hands it in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import requests

from demo.browser import TIMEOUT_SECONDS, Browser
from demo.narration import DemoError
from demo.people import Account


def sign_in(browser: Browser, engine: str, account: Account) -> list[str]:
    """From the engine's door through Moodle's login and consent pages and back; returns the pages passed."""
    browser.open(f"{engine}/sign-in")
    passed = [browser.url]
    if browser.has("input[name=logintoken]"):
        browser.submit("form:has(input[name=logintoken])", account.as_form())
        passed.append(browser.url)
    if browser.has("form input[name=cancel]"):
        browser.submit("form:has(input[name=cancel])", button="submitbutton")
        passed.append(browser.url)
    if not browser.url.startswith(engine):
        raise DemoError(f"Signing in ended at {browser.url}.", f"The page says: {browser.text()[:300]}")
    return passed


class Engine:
    """The engine's JSON interface, as the pages' scripts use it."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._session, self._address = browser.session, address
        self._csrf = self.get("/api/me")["csrf_token"]

    def get(self, path: str) -> Any:
        return _json(self._session.get(self._address + path, timeout=TIMEOUT_SECONDS))

    def post(self, path: str, body: Any = None, content: bytes | None = None) -> Any:
        headers = {"X-CSRFToken": self._csrf, "Referer": self._address}
        return _json(
            self._session.post(self._address + path, json=body, data=content, headers=headers, timeout=TIMEOUT_SECONDS)
        )


@dataclass
class Camera:
    """Sends what the camera and microphone give, in order, as the exam's page does."""

    address: str
    session_id: str
    token: str

    def __post_init__(self) -> None:
        self._numbers = count()
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {self.token}"

    def send(self, kind: str, time: float, content: bytes) -> Any:
        return _json(
            self._session.post(
                f"{self.address}/api/sessions/{self.session_id}/{kind}",
                params={"sequence": str(next(self._numbers)), "time": f"{time:.3f}"},
                data=content,
                timeout=TIMEOUT_SECONDS,
            )
        )

    def prove(self, ticket: str) -> str:
        """The engine's proof for a quiz page's ticket: this session is being watched."""
        address = f"{self.address}/api/sessions/{self.session_id}/proof"
        return str(_json(self._session.post(address, json={"ticket": ticket}, timeout=TIMEOUT_SECONDS))["proof"])

    def finish(self) -> None:
        _json(self._session.post(f"{self.address}/api/sessions/{self.session_id}/finish", timeout=TIMEOUT_SECONDS))


def _json(response: requests.Response) -> Any:
    if response.status_code >= 400:
        raise DemoError(f"{response.url} answered {response.status_code}: {response.text[:300]}", "See the log.")
    return response.json()


def chunks(sound: bytes, seconds: float, rate: int) -> Iterator[tuple[float, bytes]]:
    """Cuts 16-bit mono sound into pieces of `seconds`, each with its time."""
    size = int(seconds * rate) * 2
    for start in range(0, len(sound), size):
        yield start / 2 / rate, sound[start : start + size]
