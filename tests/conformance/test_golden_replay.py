"""The mock answers what a real Moodle answered.

The recordings (hundreds of exchanges with Moodle 4.5.6, v0.8 and local_oauth) do not live in this repository: the
environment variable GOLDEN names their folder, else ../shared/golden beside the checkout is taken.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mock_server import plugin_zip, serving

REPOSITORY = Path(__file__).parents[2]
DEVIATIONS = Path(__file__).with_name("deviations.txt")


@pytest.fixture(scope="module")
def golden() -> Path:
    folder = Path(os.environ.get("GOLDEN", REPOSITORY.parent / "shared" / "golden"))
    if not (folder / "replay.py").is_file():
        missing = f"no recordings in {folder}: set GOLDEN to the folder that holds replay.py"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return folder


@pytest.fixture(scope="module")
def mock(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A mock of the recorded site, with our plugin in v0.8's place."""
    folder = tmp_path_factory.mktemp("golden")
    with serving(golden / "world.json", folder / "mock.log", plugin=plugin_zip(folder)) as address:
        yield address


def test_every_recorded_case_is_equal_but_the_listed_deviations(golden: Path, mock: str) -> None:
    replay = [sys.executable, str(golden / "replay.py"), mock, "--allow", str(DEVIATIONS)]
    answer = subprocess.run(replay, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_deviations_name_recorded_cases_that_differ(golden: Path, mock: str) -> None:
    """A deviation that is none any more must leave the list."""
    listed = set(deviations())
    replay = subprocess.run(
        [sys.executable, str(golden / "replay.py"), mock], capture_output=True, text=True, timeout=300
    )
    differing = {line.split(": ")[0] for line in replay.stdout.splitlines()[:-1]}
    assert listed <= differing
    assert listed <= set((golden / "manifest.txt").read_text(encoding="utf-8").split())


def test_deviations_are_the_plugin_s_own() -> None:
    """Nothing of Moodle's or of local_oauth may differ: the plugin is what we changed."""
    for case, reason in deviations().items():
        assert case.startswith("examus/"), case
        assert re.search(r"\b[SBP]\d+\b", reason), f"{case} names no row of the defects table"


def deviations() -> dict[str, str]:
    lines = DEVIATIONS.read_text(encoding="utf-8").splitlines()
    return dict(line.split(None, 1) for line in lines if line.strip() and not line.startswith("#"))  # type: ignore[misc]
