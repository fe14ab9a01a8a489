"""Forged requests, framing, redirects, cookies, headers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from actors import Browser, Candidate

from contract.push import PUSH_PATH
from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.web.app import create_app

Begin = Callable[..., Candidate]


def test_a_request_without_our_csrf_token_changes_nothing(begin: Begin) -> None:
    browser = begin().browser
    assert browser.client.post("/api/sessions", json={"access_code": "a" * 32, "consent": True}).status_code == 400


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"]
)
def test_a_sign_in_link_leads_nowhere_else(browser: Browser, to: str) -> None:
    browser.client.get("/sign-in", query_string={"to": to})
    assert browser.client.get("/oauth/callback?code=c&state=s").location == "/exams"


def test_a_callback_that_nobody_began_signs_nobody_in(browser: Browser) -> None:
    assert browser.get("/oauth/callback?code=c&state=s").status_code == 400
    assert browser.get("/api/me").status_code == 401


def test_headers_keep_pages_from_being_framed_sniffed_and_stored(browser: Browser) -> None:
    headers = browser.get("/").headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["frame-ancestors"] == "'none'"
    assert policy["default-src"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert headers["Cache-Control"] == "no-store"


def test_only_moodle_and_configured_origins_may_frame_the_panel(service: Service, settings: Settings) -> None:
    service.settings = settings.model_copy(update={"frame_ancestors": ("https://other.example.org",)})
    headers = Browser(service).get("/panel").headers
    assert "frame-ancestors https://moodle.example.org https://other.example.org" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers


def test_cookies_are_for_us_alone(service: Service, settings: Settings) -> None:
    service.settings = settings.model_copy(update={"public_url": "https://engine.example.org"})
    cookie = Browser(service).get("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("__Host-proctor=")
    assert all(flag in cookie for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))


NAMED = {"session_id": "x", "access_code": "a", "order": "stop", "course_id": "3", "number": "1"}


def test_every_address_that_changes_something_by_cookie_wants_the_token(service: Service) -> None:
    """All but the few that carry a signature of their own."""
    app = create_app(service)
    signed = ("/panel/prepare", "/api/panel/", "/api/phone/", "/api/events", "/api/sessions/<session_id>/")
    bearer = {"frames", "screen", "audio", "events", "alive", "resume", "messages", "finish", "proof"}
    asked = []
    for rule in app.url_map.iter_rules():
        path = rule.rule
        exempt = path == PUSH_PATH or path.startswith(signed[:3]) or path.rpartition("/")[2] in bearer
        if "POST" not in rule.methods or (exempt and not path.startswith(("/review", "/admin"))):
            continue
        address = re.sub(r"<[^>]*?(\w+)>", lambda found: NAMED[found[1]], path)
        answer = Browser(service).client.post(address, headers={"Accept-Language": "en"})
        assert (answer.status_code, "This page is old" in answer.text) == (400, True), path
        asked.append(path)
    assert len(asked) > 15


def test_a_ticket_is_taken_from_our_own_page_only(service: Service) -> None:
    """Else another site could sign its visitors in here, as somebody whose ticket it holds."""
    for origin in ("https://evil.example", "null"):
        answer = Browser(service).client.post("/panel/prepare", data={"ticket": "x"}, headers={"Origin": origin})
        assert "quiz page" in answer.text, origin
    ours = Browser(service).client.post("/panel/prepare", data={"ticket": "x"}, headers={"Origin": "http://localhost"})
    assert "quiz page" not in ours.text


@pytest.mark.parametrize("path", ["/", "/nowhere", "/api/me", "/static/style.css", "/health/live", "/admin/sign-in"])
def test_every_answer_has_the_headers_of_a_strict_site(service: Service, settings: Settings, path: str) -> None:
    service.settings = settings.model_copy(update={"public_url": "https://engine.example.org"})
    headers = Browser(service).get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert (policy["default-src"], policy["script-src"], policy["base-uri"]) == ("'none'", "'self'", "'none'")
    assert (policy["object-src"], policy["form-action"]) == ("'none'", "'self'")
    assert (policy["require-trusted-types-for"], policy["trusted-types"]) == ("'script'", "'none'")
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["X-Permitted-Cross-Domain-Policies"] == "none"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert not {"Server", "X-Powered-By"} & set(headers.keys())


def test_the_language_that_was_chosen_outlives_the_sign_in(service: Service) -> None:
    browser = Browser(service)
    browser.get("/?lang=ru")
    assert "Ваши экзамены" in browser.sign_in().get("/exams").text
