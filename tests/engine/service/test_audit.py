"""The audit of dependencies: what is pinned is either asked about or on the recorded list."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

SCRIPT = Path(__file__).parents[3] / "deploy" / "audit.py"
PINNED = "flask==3.0.1 \\\n    --hash=sha256:0\nuvloop==0.19 ; sys_platform != 'win32' \\\n    --hash=sha256:1\n"


@pytest.fixture
def audit(tmp_path: Path) -> dict[str, Any]:
    """The script's names, with its files in a folder of the test, and no database to ask."""
    names = runpy.run_path(str(SCRIPT))
    names["main"].callback.__globals__.update(
        PINNED=tmp_path / "constraints.txt", RECORDED=tmp_path / "audited.txt", vulnerabilities=lambda _pinned: None
    )
    (tmp_path / "constraints.txt").write_text(PINNED)
    return names


def test_a_version_that_nobody_has_looked_at_is_named(audit: dict[str, Any], tmp_path: Path) -> None:
    runner = CliRunner()
    assert runner.invoke(audit["main"], ["--record"]).output == "Recorded 2 versions.\n"
    assert runner.invoke(audit["main"]).exit_code == 0
    (tmp_path / "constraints.txt").write_text(PINNED.replace("3.0.1", "3.0.2"))
    answer = runner.invoke(audit["main"])
    assert answer.exit_code == 1
    assert "flask==3.0.2 is pinned and not on the list" in answer.output


def test_a_known_hole_is_named(audit: dict[str, Any]) -> None:
    audit["main"].callback.__globals__["vulnerabilities"] = lambda _pinned: ["flask 3.0.1: PYSEC-1"]
    answer = CliRunner().invoke(audit["main"])
    assert answer.exit_code == 1
    assert "flask 3.0.1: PYSEC-1" in answer.output
