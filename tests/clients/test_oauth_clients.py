"""OAuth2 clients that others wrote sign somebody in with local_oauth."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from clients.conftest import CLIENT_ID, CLIENT_SECRET, HUB_CLIENT_ID, PASSWORD, REDIRECT_URI, Site
from clients.environments import python_of
from conformance.browser import Browser, Page

DRIVERS = Path(__file__).with_name("drivers")
SECONDS = 60


def sign_in_and_consent(browser: Browser, address: str, button: str = "submitbutton") -> Page:
    """Anna follows a client's link to Moodle; the redirect that leads back to the client."""
    page = browser.get(address, follow=True)
    if page.has_form("logintoken"):
        page = browser.submit(page, "logintoken", {"username": "anna", "password": PASSWORD})
    return browser.submit(page, "_qf__local_oauth_authorize_form", button=button, follow=False)


def grant(client: str, site: Site, way: str, button: str = "submitbutton") -> dict[str, Any]:
    """Runs the client's driver through one sign-in; what it learned."""
    driver = DRIVERS / f"{client.replace('-', '_')}_grant.py"
    insecure = {"OAUTHLIB_INSECURE_TRANSPORT": "1", "AUTHLIB_INSECURE_TRANSPORT": "1"}
    process = subprocess.Popen(
        [python_of(client), driver, site.address, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, way],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **insecure},
    )
    assert process.stdout
    back = sign_in_and_consent(Browser(site.address), process.stdout.readline().strip(), button)
    assert back.location.startswith(REDIRECT_URI)
    told, errors = process.communicate(back.location + "\n", timeout=SECONDS)
    assert process.returncode == 0, errors
    answer: dict[str, Any] = json.loads(told)
    return answer


@pytest.mark.parametrize(
    ("client", "way"),
    [
        ("requests-oauthlib", "post"),
        ("requests-oauthlib", "basic"),
        ("authlib", "post"),
        ("authlib", "basic"),
        ("authlib", "pkce"),
    ],
)
def test_client_gets_the_profile(site: Site, client: str, way: str) -> None:
    answer = grant(client, site, way)
    assert (answer["token_type"], answer["scope"] in ("user_info", ["user_info"])) == ("Bearer", True)
    assert (answer["profile"]["username"], answer["profile"]["email"]) == ("anna", "anna@example.com")


def test_refusal_arrives_garbled_as_from_local_oauth(site: Site) -> None:
    """The address separates its parameters by `&amp;`: the client misses the state before it sees the error."""
    assert grant("requests-oauthlib", site, "post", button="cancel") == {"error": "mismatching_state"}


@pytest.mark.parametrize("way", ["post", "basic", "pkce"])
def test_jupyterhub_lets_somebody_in(site: Site, way: str, tmp_path: Path) -> None:
    with hub(site, way, tmp_path) as address:
        browser = Browser(address)
        back = sign_in_and_consent(browser, "/hub/oauth_login?next=/hub/home")
        home = browser.get(back.location, follow=True)
        assert home.url.startswith(f"{address}/hub/")
        assert browser.get("/hub/token").status == 200
        assert "anna" in browser.get("/hub/token", follow=True).text


@contextmanager
def hub(site: Site, way: str, folder: Path) -> Iterator[str]:
    """A whole JupyterHub that signs people in with the site; its address."""
    settings = {
        "MOODLE_URL": site.address,
        "HUB_PORT": str(site.hub_port),
        "CLIENT_ID": HUB_CLIENT_ID,
        "CLIENT_SECRET": CLIENT_SECRET,
        "OAUTH_WAY": way,
    }
    log = folder / "hub.log"
    python = python_of("oauthenticator")
    with log.open("w") as sink:
        process = subprocess.Popen(
            [python, "-m", "jupyterhub", "--config", DRIVERS / "jupyterhub_config.py"],
            cwd=folder, env={**os.environ, **settings}, stdout=sink, stderr=subprocess.STDOUT,
        )  # fmt: skip
    address = f"http://127.0.0.1:{site.hub_port}"
    try:
        _wait(f"{address}/hub/health", process, log)
        yield address
    finally:
        process.terminate()
        process.wait(SECONDS)


def _wait(health: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not _answers(health):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"JupyterHub did not start: {log.read_text()}")
        time.sleep(0.1)


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.ConnectionError:
        return False
