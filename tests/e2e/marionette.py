"""A real Firefox with a fake camera and microphone, spoken to by Marionette, its own protocol: no driver between."""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from programs import need

PREFERENCES = {
    "marionette.port": 0,
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "app.update.enabled": False,
}
PATIENCE = 60.0
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key by which WebDriver's answers name an element."""


class Firefox:
    """One window. Whatever names an element waits until it can be seen, for at most `PATIENCE` seconds."""

    def __init__(self, connection: socket.socket) -> None:
        self._stream = connection.makefile("rwb")
        self._numbers = itertools.count()
        self._read()  # It greets.
        self.command("WebDriver:NewSession")

    def command(self, name: str, **parameters: Any) -> Any:
        message = json.dumps([0, next(self._numbers), name, parameters]).encode()
        self._stream.write(b"%d:%s" % (len(message), message))
        self._stream.flush()
        _, _, error, answer = self._read()
        if error:
            raise RuntimeError(f"{name}: {error['message']}")
        return answer

    def go(self, address: str) -> None:
        self.command("WebDriver:Navigate", url=address)

    def evaluate(self, expression: str) -> Any:
        return self.command("WebDriver:ExecuteScript", script=f"return {expression}", args=[])["value"]

    def click(self, css: str) -> None:
        self._until(css, lambda element: self.command("WebDriver:ElementClick", id=element))

    def write(self, css: str, text: str) -> None:
        self._until(css, lambda element: self.command("WebDriver:ElementSendKeys", id=element, text=text))

    def wait(self, css: str) -> None:
        self._until(css, lambda _: None)

    def shows(self, css: str) -> bool:
        return bool(self._seen(css))

    def enter(self, css: str) -> None:
        """Into a frame; what follows is done there."""
        self._until(css, lambda element: self.command("WebDriver:SwitchToFrame", element=element))

    def leave(self) -> None:
        """Back to the page itself."""
        self.command("WebDriver:SwitchToFrame", id=None)

    def _until(self, css: str, act: Any) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for element in self._seen(css):
                with suppress(RuntimeError):  # It moved, or the page has just gone.
                    act(element)
                    return
            time.sleep(0.2)
        raise AssertionError(f"{css} never came; the page says: {self.evaluate('document.body.innerText')}")

    def _seen(self, css: str) -> list[str]:
        try:
            found = self.command("WebDriver:FindElements", using="css selector", value=css)
            return [
                one[ELEMENT]
                for one in found
                if self.command("WebDriver:IsElementDisplayed", id=one[ELEMENT])["value"]
                and self.command("WebDriver:IsElementEnabled", id=one[ELEMENT])["value"]
            ]
        except RuntimeError:  # Between two pages.
            return []

    def _read(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self._stream.read(1)
        return json.loads(self._stream.read(int(length[:-1])))


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    program = need("firefox-esr")
    profile = folder / "firefox"
    profile.mkdir()
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items())
    (profile / "user.js").write_text("\n".join(lines))
    command = [program, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    with (folder / "firefox.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            with socket.create_connection(("127.0.0.1", _port(profile, process)), PATIENCE) as connection:
                yield Firefox(connection)
        finally:
            process.terminate()


def _port(profile: Path, process: subprocess.Popen[bytes]) -> int:
    """Firefox chooses a free one and writes it down."""
    for _ in range(int(PATIENCE / 0.1)):
        told = profile / "MarionetteActivePort"
        if told.exists() and (text := told.read_text()):
            return int(text)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"Firefox did not start: {(profile.parent / 'firefox.log').read_text()}")
