"""What the engine asks of Moodle: a constant for an exam, nothing while nobody takes one. Moodle's journal counts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import requests
from stage import mock_stage

from benchmarks.exam_requests import asked, take
from contract.panel import WayIn
from demo.narration import Narrator
from proctor_engine import clock
from proctor_engine.service import Service
from proctor_engine.settings import load
from proctor_engine.tasks import rounds

ASKED = {
    "token": 2,
    "user_info": 2,
    "user_proctored_modules": 4,
    "user_picture": 1,
    "picture": 1,
    "auth_access": 1,
    "submit_proctoring_review": 1,
}
"""Of one exam, with the sign-ins of candidate and reviewer, each of whom sees the list of exams first."""
DAYS = 183


def test_an_exam_asks_a_constant_number_of_things_and_six_idle_months_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    with mock_stage(site, WayIn.FRAME) as stage:
        requests.delete(f"{stage.moodle}/__mock__/journal", timeout=10)
        take(Narrator(), stage.moodle, stage.engine, tmp_path / "report.html")
        assert asked(stage.moodle) == ASKED

        service = Service.open(load(site / "engine.toml", {}, ""))
        start = clock.now()
        for day in range(DAYS):
            monkeypatch.setattr(clock, "now", lambda day=day: start + timedelta(days=day))
            rounds.go(service)
            rounds.clean(service)
        service.close()
        assert asked(stage.moodle) == ASKED
