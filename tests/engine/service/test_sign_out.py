"""Whoever signs out is out, also where somebody has copied the cookie."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from actors import ANN, BOB, Browser, Candidate, Clock, FakeMoodle, administrator, csrf, reviewer
from sqlalchemy import event

from proctor_engine.service import Service
from proctor_engine.store import retention


def thief_of(service: Service, browser: Browser) -> Browser:
    """Another browser with a copy of this one's cookie."""
    cookie = browser.client.get_cookie("proctor")
    assert cookie is not None
    thief = Browser(service)
    thief.client.set_cookie("proctor", cookie.value)
    return thief


def sign_out(browser: Browser, **form: str) -> None:
    token = csrf(browser, "/nowhere")
    assert browser.client.post("/sign-out", data={"csrf_token": token, **form}).status_code == 302


@pytest.mark.parametrize("who", ["candidate", "reviewer", "administrator"])
def test_signing_out_ends_a_copy_of_the_cookie_too(service: Service, moodle: FakeMoodle, who: str) -> None:
    browser, path = {
        "candidate": lambda: (Browser(service).sign_in(ANN), "/api/me"),
        "reviewer": lambda: (reviewer(service, moodle, 3), "/review"),
        "administrator": lambda: (administrator(service), "/admin/audit"),
    }[who]()
    thief, elsewhere = thief_of(service, browser), Browser(service)
    assert thief.get(path).status_code == 200
    sign_out(browser)
    assert thief.get(path).status_code in {302, 401}
    assert "Sign out" not in thief.get("/", follow_redirects=True).text
    assert elsewhere.sign_in(ANN).get("/api/me").status_code == 200


def test_one_computer_is_signed_out_and_the_others_stay(service: Service) -> None:
    here, there = Browser(service).sign_in(ANN), Browser(service).sign_in(ANN)
    sign_out(here)
    assert there.get("/api/me").status_code == 200


def test_signing_out_everywhere_ends_all_of_this_persons_and_nobody_elses(service: Service) -> None:
    here, there, bob = (Browser(service).sign_in(who) for who in (ANN, ANN, BOB))
    sign_out(here, everywhere="yes")
    assert there.get("/api/me").status_code == 401
    assert bob.get("/api/me").status_code == 200
    assert there.sign_in(ANN).get("/api/me").status_code == 200, "a new sign-in is one"


def test_administrators_sign_out_everywhere_too(service: Service) -> None:
    here, there = administrator(service), Browser(service)
    form = {"name": "admin", "password": "correct horse", "csrf_token": csrf(there, "/admin/sign-in")}
    there.client.post("/admin/sign-in", data=form)
    assert there.get("/admin/audit").status_code == 200
    sign_out(here, everywhere="yes")
    assert there.get("/admin/audit").status_code == 302


def test_whoever_is_out_signs_nobody_else_out(service: Service) -> None:
    here, there = Browser(service).sign_in(ANN), Browser(service).sign_in(ANN)
    thief = thief_of(service, here)
    token = csrf(thief, "/nowhere")
    sign_out(here)
    thief.client.post("/sign-out", data={"csrf_token": token, "everywhere": "yes"})
    assert there.get("/api/me").status_code == 200


def test_a_cookie_does_not_become_good_again_once_its_end_is_forgotten(service: Service, clock: Clock) -> None:
    """However often a copy is shown meanwhile."""
    browser = Browser(service).sign_in(ANN)
    thief = thief_of(service, browser)
    sign_out(browser)
    for _ in range(4):
        clock.advance(hours=4)
        thief.get("/static/style.css")
        retention.purge(service)
        assert thief.get("/api/me").status_code == 401


def test_a_sign_in_ends_by_itself_though_it_is_used(service: Service, clock: Clock) -> None:
    browser = Browser(service).sign_in(ANN)
    for hours, status in ((6, 200), (5, 200), (2, 401)):
        clock.advance(hours=hours)
        assert browser.get("/api/me").status_code == status


def test_the_walls_pushes_end_with_the_sign_in(
    service: Service, moodle: FakeMoodle, begin: Callable[..., Candidate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proctor_engine.web.wall.LOOK", 0)
    begin()
    bob = reviewer(service, moodle, 3)
    events = bob.client.get("/api/wall/3/41/stream", buffered=False).response
    assert json.loads(next(events).decode().partition("data: ")[2])
    sign_out(bob, everywhere="yes")
    assert list(events) == []


def test_an_exam_that_runs_goes_on(begin: Callable[..., Candidate]) -> None:
    ann = begin()
    sign_out(ann.browser)
    assert ann.post("alive").status_code == 200


def test_it_costs_one_look_where_none_was_needed_and_none_where_one_was(service: Service, browser: Browser) -> None:
    asked: list[str] = []
    event.listen(service.database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    admin = administrator(service)
    browser.sign_in(ANN)
    for who, path in ((browser, "/api/me"), (admin, "/admin/people")):
        asked.clear()
        assert who.get(path).status_code == 200
        assert len([query for query in asked if query.startswith("SELECT")]) == 1, asked
