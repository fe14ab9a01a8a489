"""What machines are told that watch this one."""

from __future__ import annotations

import pytest
from actors import ANN, Browser
from sqlalchemy.exc import OperationalError

from proctor_engine.service import Service


@pytest.fixture
def away(service: Service, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Ann's browser, before a service whose database does not answer."""
    browser.sign_in(ANN)

    def refuse() -> None:
        raise OperationalError("SELECT", {}, ConnectionError())

    for opened in ("read", "begin"):
        monkeypatch.setattr(service.database, opened, refuse)
    browser.client.application.testing = False
    return browser


def test_without_its_database_a_process_lives_and_is_not_ready(away: Browser) -> None:
    assert away.get("/health/live").status_code == 200
    answer = away.get("/health/ready")
    assert (answer.status_code, answer.json["ready"]) == (503, False)


def test_a_database_that_is_away_is_told_on_a_page_of_ours(away: Browser) -> None:
    """Which asks nobody who is there."""
    answer = away.get("/exams")
    assert (answer.status_code, "Something went wrong here" in answer.text) == (500, True)
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_workers_are_scaled_by_is_told(browser: Browser) -> None:
    lines = browser.get("/metrics").text.splitlines()
    values = dict(line.split(" ") for line in lines if not line.startswith("#") and "{" not in line)
    for name in ("chunks_waiting", "longest_wait_seconds", "sessions_running", "reviews_undelivered"):
        assert float(values[f"proctor_{name}"]) == 0, name
