"""The whole line, as `make demo` plays it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from contract.condition import WARNINGS
from demo import clip

TITLES = {warning.key: warning.title.en for warning in WARNINGS}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the demo printed, and the folder that it wrote to."""
    out = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "demo", "--out", str(out)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, out


def test_the_review_stands_in_moodles_log(played: tuple[str, Path]) -> None:
    said, _ = played
    log = said.partition("Moodle's log now shows:")[2]
    assert "Eileen Student" in log
    assert re.search(r"status: rules violation", log, re.IGNORECASE)


def test_all_five_incidents_are_told_and_nothing_else(played: tuple[str, Path]) -> None:
    said, _ = played
    told = re.findall(r"^ +(.+): begins at (\d+) s, found at ([\d.]+) s$", said, re.MULTILINE)
    assert [title for title, _, _ in told] == [TITLES[label.warning] for label in clip.labels()]
    assert all(abs(float(found) - float(start)) <= 2 for _, start, found in told)


def test_the_zip_its_checksum_and_a_report_that_needs_no_network_are_left(played: tuple[str, Path]) -> None:
    _, out = played
    archive = next(out.glob("*-4.5.zip"))
    assert archive.name in (out / "SHA256SUMS").read_text()
    report = (out / "report.html").read_text()
    assert "data:image/jpeg;base64," in report
    assert not re.search(r"(?:src|href)=[\"']https?://", report)
    assert not re.search(r"\d-\d\dT\d\d:", report), "times are written for people"
