"""Signing in to the proctoring service with Moodle's account: local_oauth's three addresses, its quirks included."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from conformance.browser import Browser, Page
from conformance.lab import Lab, OAuthClient, Person

from contract.wire import PROFILE_SCOPE

TIMEOUT_SECONDS = 60
PROFILE_KEYS = [
    "id", "auth", "username", "idnumber", "firstname", "lastname", "email", "lang", "country", "phone1", "address",
    "description",
]  # fmt: skip


@dataclass(frozen=True)
class Provider:
    """The OAuth client's side of the exchange."""

    address: str
    client: OAuthClient

    def ask(self, browser: Browser, **changed: str) -> Page:
        """The browser is sent to the authorization endpoint."""
        query = {"client_id": self.client.client_id, "response_type": "code", "scope": PROFILE_SCOPE, "state": "s-1"}
        return browser.get("/local/oauth/login.php", **{**query, **changed})

    def consent(self, browser: Browser, page: Page, button: str = "submitbutton") -> dict[str, str]:
        """What the redirect after the consent page tells."""
        return self.told(browser.submit(page, "_qf__local_oauth_authorize_form", button=button, follow=False))

    def told(self, page: Page) -> dict[str, str]:
        assert page.location.startswith(self.client.redirect_uri), f"{page.status} {page.location or page.text[:200]}"
        # A refusal's address comes with its separators escaped for HTML.
        return {key: values[0] for key, values in parse_qs(urlsplit(html.unescape(page.location)).query).items()}

    def code(self, browser: Browser) -> str:
        page = self.ask(browser)
        return (self.consent(browser, page) if page.status == 200 else self.told(page))["code"]

    def token(self, **changed: str) -> requests.Response:
        fields = {
            "grant_type": "authorization_code",
            "client_id": self.client.client_id,
            "client_secret": self.client.secret,
        }
        return requests.post(
            f"{self.address}/local/oauth/token.php", data={**fields, **changed}, timeout=TIMEOUT_SECONDS
        )

    def profile(self, token: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(f"{self.address}/local/oauth/user_info.php", headers=headers, timeout=TIMEOUT_SECONDS)


@pytest.fixture
def provider(lab: Lab) -> Provider:
    return Provider(lab.address, lab.oauth_client())


def test_profile_after_consent(provider: Provider, browser: Browser, student: Person) -> None:
    code = provider.code(browser)
    answer = provider.token(code=code)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    grant = answer.json()
    assert (grant["token_type"], grant["expires_in"], grant["scope"]) == ("Bearer", 3600, PROFILE_SCOPE)
    profile = provider.profile(grant["access_token"])
    assert profile.headers["Content-Type"].startswith("text/html")
    assert list(profile.json()) == PROFILE_KEYS
    assert (profile.json()["id"], profile.json()["email"]) == (str(student.id), student.email)


def test_state_comes_back(provider: Provider, browser: Browser) -> None:
    assert provider.consent(browser, provider.ask(browser, state="abc_123-~"))["state"] == "abc_123-~"


def test_consent_is_asked_once(provider: Provider, browser: Browser) -> None:
    provider.consent(browser, provider.ask(browser))
    again = provider.ask(browser)
    assert again.status == 302
    assert "code" in provider.told(again)


def test_consent_refused(provider: Provider, browser: Browser) -> None:
    told = provider.consent(browser, provider.ask(browser), button="cancel")
    assert (told["error"], told["state"]) == ("access_denied", "s-1")


def test_consent_needs_the_page_s_own_key(provider: Provider, browser: Browser) -> None:
    provider.ask(browser)
    forged = browser.post(
        f"/local/oauth/login.php?client_id={provider.client.client_id}&response_type=code&scope={PROFILE_SCOPE}",
        sesskey="forged", _qf__local_oauth_authorize_form=1, submitbutton="Confirm",
    )  # fmt: skip
    assert "code=" not in forged.location


def test_visitor_signs_in_first_and_comes_back(lab: Lab, provider: Provider, student: Person) -> None:
    browser = Browser(lab.address)
    assert provider.ask(browser).location == f"{lab.address}/login/index.php"
    landed = browser.sign_in(student.username, "Passw0rd!")
    assert landed.url.startswith(f"{lab.address}/local/oauth/login.php")
    assert "code" in provider.consent(browser, landed)


@pytest.mark.parametrize(
    ("changed", "error"),
    [({"response_type": "nonsense"}, "invalid_request"), ({"scope": "everything"}, "invalid_scope")],
)
def test_request_that_cannot_be_granted(
    provider: Provider, browser: Browser, changed: dict[str, str], error: str
) -> None:
    assert provider.told(provider.ask(browser, **changed))["error"] == error


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_id": "unknown"}, "invalid_client"),
        ({"redirect_uri": "https://attacker.example.com/"}, "redirect_uri_mismatch"),
    ],
)
def test_request_that_must_not_redirect(
    provider: Provider, browser: Browser, changed: dict[str, str], error: str
) -> None:
    page = provider.ask(browser, **changed)
    assert (page.status, page.location) == (400, "")
    assert page.response.json()["error"] == error


def test_code_serves_once(provider: Provider, browser: Browser) -> None:
    code = provider.code(browser)
    assert provider.token(code=code).status_code == 200
    assert refused(provider.token(code=code)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "unknown"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
    ],
)
def test_token_refused(provider: Provider, browser: Browser, changed: dict[str, str], error: str) -> None:
    assert refused(provider.token(code=provider.code(browser), **changed)) == (400, error)


@pytest.mark.parametrize(("code", "error"), [("", "invalid_request"), ("0" * 40, "invalid_grant")])
def test_code_that_was_never_given(provider: Provider, code: str, error: str) -> None:
    assert refused(provider.token(code=code)) == (400, error)


def test_refresh_token_is_given_and_refused(provider: Provider, browser: Browser) -> None:
    refresh = provider.token(code=provider.code(browser)).json()["refresh_token"]
    answer = provider.token(grant_type="refresh_token", refresh_token=refresh)
    assert refused(answer) == (400, "unsupported_grant_type")


def test_client_may_show_its_secret_in_the_header(provider: Provider, browser: Browser) -> None:
    answer = requests.post(
        f"{provider.address}/local/oauth/token.php",
        data={"grant_type": "authorization_code", "code": provider.code(browser)},
        auth=(provider.client.client_id, provider.client.secret),
        timeout=TIMEOUT_SECONDS,
    )
    assert answer.status_code == 200


def test_profile_for_an_unknown_token(provider: Provider) -> None:
    answer = provider.profile("0" * 40)
    assert refused(answer) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="Service"')


def test_profile_without_token(provider: Provider) -> None:
    answer = requests.get(f"{provider.address}/local/oauth/user_info.php", timeout=TIMEOUT_SECONDS)
    assert (answer.status_code, answer.text) == (401, "")


def refused(answer: requests.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()["error"]
