"""What one exam asks of Moodle, from sign-in to review, as Moodle's own journal has it."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import requests
from rich.console import Console

from demo.exam import Exam
from demo.narration import Narrator
from demo.play import site
from demo.review import Review

BY_PAGE = frozenset({"token", "user_info", "picture"})
"""What is asked beside the web service."""


def of_one_exam() -> Counter[str]:
    """The demo's exam at the mock Moodle, the sign-ins of candidate and reviewer included."""
    silent = Narrator(Console(quiet=True))
    with tempfile.TemporaryDirectory() as folder, site(silent, Path(folder), "--control") as place:
        requests.delete(f"{place.moodle}/__mock__/journal", timeout=10)
        take(silent, place.moodle, place.engine, Path(folder) / "report.html")
        return asked(place.moodle)


def take(narrator: Narrator, moodle: str, engine: str, report: Path) -> None:
    """The exam, and its review's way to Moodle."""
    session = Exam(narrator, moodle, engine).sit()
    Review(narrator, engine, session).conclude(report)
    arrival = {"function": "availability_examus_submit_proctoring_review", "timeout": 30}
    requests.get(f"{moodle}/__mock__/journal/wait", params=arrival, timeout=60).raise_for_status()


def asked(moodle: str) -> Counter[str]:
    """What no person's browser asks for."""
    found: Counter[str] = Counter()
    for exchange in requests.get(f"{moodle}/__mock__/journal", timeout=10).json():
        page = exchange["path"].partition(".php")[0].rpartition("/")[2]
        if page in BY_PAGE:
            found[page] += 1
        elif exchange["function"]:
            found[exchange["function"].removeprefix("availability_examus_")] += 1
    return found
