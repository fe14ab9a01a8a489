"""The mock answers what a real Moodle answered.

The recordings (hundreds of exchanges with Moodle 4.5.6, v0.8 and local_oauth) do not live in this repository: the
environment variable GOLDEN names their folder, else ../shared/golden beside the checkout is taken.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from mock_server import plugin_zip, serving

REPOSITORY = Path(__file__).parents[2]
DEVIATIONS = Path(__file__).with_name("deviations.txt")
REPLAY_SECONDS = 300
DIFFERS = re.compile(r"^(\w+/\w+): ", re.MULTILINE)


@pytest.fixture(scope="module")
def golden() -> Path:
    folder = Path(os.environ.get("GOLDEN", REPOSITORY.parent / "shared" / "golden"))
    if not (folder / "replay.py").is_file():
        missing = f"no recordings in {folder}: set GOLDEN to the folder that holds replay.py"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return folder


def test_every_recorded_case_is_equal(golden: Path, tmp_path: Path) -> None:
    """With v0.8, which the recorded world has installed."""
    with serving(golden / "world.json", tmp_path / "mock.log") as mock:
        answer = replay(golden, mock)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_our_plugin_differs_in_the_listed_cases_only(golden: Path, tmp_path: Path) -> None:
    """With our plugin as an upgrade of v0.8: whoever had a token of its service goes on calling it."""
    with serving(golden / "world.json", tmp_path / "mock.log", plugin=plugin_zip(tmp_path)) as mock:
        answer = replay(golden, mock)
    differing = set(DIFFERS.findall(answer.stdout))
    assert "equal" in answer.stdout, answer.stderr
    assert differing == set(deviations()), answer.stdout


def test_each_deviation_names_the_defect_that_it_mends() -> None:
    for case, reason in deviations().items():
        assert re.search(r"\b[SBP]\d+\b", reason), f"{case} names no row of the defects table"


def replay(golden: Path, mock: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(golden / "replay.py"), mock]
    return subprocess.run(command, capture_output=True, text=True, timeout=REPLAY_SECONDS)


def deviations() -> dict[str, str]:
    """Case to reason."""
    lines = DEVIATIONS.read_text(encoding="utf-8").splitlines()
    listed = [line.split(None, 1) for line in lines if line.strip() and not line.startswith("#")]
    return {entry[0]: entry[1] for entry in listed}
