"""One exam, one browser: which one watches, and how another takes over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from actors import ANN, BOB, Browser, Candidate, Clock, FakeMoodle

from contract.condition import BROWSER_SIGNS
from proctor_engine.lms import Access
from proctor_engine.service import Service


@pytest.fixture
def session(browser: Browser) -> str:
    """Ann has consented."""
    browser.sign_in(ANN)
    return str(browser.post("/api/sessions", json={"access_code": "a" * 32, "consent": True}).json["id"])


def start(browser: Browser, session: str, holder: str, **more: Any) -> Any:
    return browser.post(f"/api/sessions/{session}/start", json={"holder": holder, **more})


def notices(service: Service, moodle: FakeMoodle, session: str) -> list[str]:
    moodle.staff[BOB.email] = Access(success=True, reviewer_auth=True, reviewer_courses=(3,))
    facts = Browser(service).sign_in(BOB).get(f"/api/review/{session}").json
    return [message["text"] for message in facts["messages"] if message["kind"] == "event"]


def test_a_second_browser_is_told_and_may_take_over(
    service: Service, moodle: FakeMoodle, browser: Browser, session: str
) -> None:
    first = Candidate(browser, session, start(browser, session, "laptop").json["token"])
    other = Browser(service).sign_in(ANN)
    refused = start(other, session, "tablet")
    assert (refused.status_code, refused.json["elsewhere"]) == (409, True)
    assert first.post("alive").status_code == 200
    second = Candidate(other, session, start(other, session, "tablet", take_over=True).json["token"])
    assert second.post("alive").status_code == 200
    told = first.post("alive")
    assert (told.status_code, told.json["elsewhere"]) == (409, True)
    assert first.post("finish").status_code == 409
    assert notices(service, moodle, session) == ["Another browser took the exam over"]


def test_a_reload_goes_on_and_is_noted(service: Service, moodle: FakeMoodle, browser: Browser, session: str) -> None:
    first = start(browser, session, "laptop").json
    again = start(browser, session, "laptop")
    assert again.status_code == 200
    assert Candidate(browser, session, first["token"]).post("alive").status_code == 200
    assert notices(service, moodle, session) == ["The exam's page was opened again in the same browser"]


def test_a_browser_that_is_gone_need_not_be_asked(browser: Browser, session: str, clock: Clock) -> None:
    start(browser, session, "laptop")
    clock.advance(seconds=20)
    assert start(browser, session, "tablet").status_code == 200


def test_what_the_browser_before_had_begun_ends_with_its_last_sign_of_life(
    service: Service,
    moodle: FakeMoodle,
    browser: Browser,
    session: str,
    clock: Clock,
    analyse: Callable[[], None],
    empty_room: Callable[[float], bytes],
) -> None:
    first = Candidate(browser, session, start(browser, session, "laptop").json["token"])
    clock.advance(seconds=5)
    first.events({"type": BROWSER_SIGNS["more_screens"], "start": 2}, {"type": "copied", "start": 2}, time=3)
    analyse()
    first.events({"type": BROWSER_SIGNS["window_left"], "start": 4}, time=5)
    clock.advance(minutes=10)
    begun = start(Browser(service).sign_in(ANN), session, "tablet").json
    second = Candidate(browser, session, begun["token"])
    second.sequence = begun["next_sequence"]
    for second_of_exam in range(606, 609):
        clock.advance(seconds=1)
        second.frame(empty_room(second_of_exam), second_of_exam)
    analyse()
    moodle.staff[BOB.email] = Access(success=True, reviewer_auth=True, reviewer_courses=(3,))
    facts = Browser(service).sign_in(BOB).get(f"/api/review/{session}").json
    found = {one["type"]: (one["start"], one["end"]) for one in facts["incidents"]}
    assert found[BROWSER_SIGNS["more_screens"]] == pytest.approx((2, 5), abs=0.5)
    assert found[BROWSER_SIGNS["window_left"]] == pytest.approx((4, 5), abs=0.5)
    assert second.post("alive").json["warnings"] == []
    assert facts["frames"]["missing"] == 0


def test_somebody_else_cannot_take_over(service: Service, browser: Browser, session: str) -> None:
    start(browser, session, "laptop")
    assert start(Browser(service).sign_in(BOB), session, "tablet", take_over=True).status_code == 404


@pytest.mark.parametrize("name", ["", "x" * 33, 7, ["a"]])
def test_a_name_that_is_none_is_refused(browser: Browser, session: str, name: Any) -> None:
    assert browser.post(f"/api/sessions/{session}/start", json={"holder": name}).status_code == 422
