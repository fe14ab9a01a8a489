"""benchmarks/load.py finds the most that is sustained, soon, and calls nothing so that falls behind."""

from __future__ import annotations

import json
import time
from math import inf
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import capacity, search
from benchmarks.crowd import Delay
from benchmarks.search import Conditions, Run

GIVEN = Conditions(seconds=30, database="", broker="", frames=[], sound=[])


def run(candidates: int, *, cores: float, p95: float = 1.0, growth: float = 0.0) -> Run:
    return Run(
        workers=1,
        candidates=candidates,
        p50_seconds=0.5,
        p95_seconds=p95,
        growth_seconds=growth,
        shed=0,
        lost=0,
        web_cores=0.3,
        worker_cores=cores,
        server_cores=0.0,
        uploader_cores=0.1,
        machine_cores=0.5,
        worker_ms_per_frame=7.0,
        web_ms_per_frame=3.0,
        server_ms_per_frame=0.0,
        web_megabytes=200.0,
    )


@pytest.mark.parametrize("most", [7, 45, 131, 600])
@pytest.mark.parametrize("start", [60, 130])
def test_the_most_is_found_in_a_few_attempts(monkeypatch: pytest.MonkeyPatch, most: int, start: int) -> None:
    def attempt(_workers: int, candidates: int, _given: Conditions) -> Run:
        return run(candidates, cores=min(1.0, candidates / most), growth=0.0 if candidates <= most else 2.0)

    monkeypatch.setattr(search, "attempt", attempt)
    found = search.search(1, start, GIVEN, until=inf)
    assert found.complete
    assert 0.9 * most - 1 <= found.best.candidates <= most
    assert len(found.tried) <= 8


def test_a_search_ends_in_time_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "attempt", lambda _workers, candidates, _given: run(candidates, cores=0.1))
    found = search.search(1, 60, GIVEN, until=time.monotonic())
    assert (len(found.tried), found.complete, found.best.candidates) == (1, False, 60)


def test_delays_that_grow_within_an_attempt_are_not_sustained() -> None:
    """Within five seconds still, and over them in a longer one."""
    keeps_up = [Delay(due, 0.4 + due % 3 * 0.1) for due in range(30)]
    falls_behind = [Delay(due, due * 0.15) for due in range(30)]
    assert abs(search.growth(keeps_up)) < 0.2
    assert search.growth(falls_behind) > search.GROWTH_SECONDS
    assert not run(100, cores=1.0, growth=search.growth(falls_behind)).sustained
    assert not run(
        100, cores=1.0, growth=search.growth([*keeps_up, *[Delay(30 + late, inf) for late in range(12)]])
    ).sustained


def test_what_was_measured_becomes_machines_and_money(tmp_path: Path) -> None:
    measured = tmp_path / "load.json"
    runs = [run(130, cores=0.9).as_json(), run(200, cores=1.0, p95=inf).as_json()]
    measured.write_text(json.dumps({"runs": runs, "frame_kilobytes": 35.0}, allow_nan=False))
    told = CliRunner().invoke(capacity.main, ["--measured", str(measured)], env={"COLUMNS": "120"})
    assert told.exit_code == 0, told.output
    for row in ("web processes, a core each", "bandwidth in", "evidence kept of one exam", "price a candidate"):
        assert row in told.output
    assert "1,167" in told.output, "100,000 candidates at 7 ms a frame and 60 % of a core"
