"""docs/watching.md shows what is so: every warning has a source there, and a test that there is."""

from __future__ import annotations

import re
from pathlib import Path

from contract.condition import WARNING_KEYS
from proctor_engine.store.notices import Notice

TESTS = Path(__file__).parents[2]
PAGE = (TESTS.parent / "docs" / "watching.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(warning_\w+)` \| ([^|]+) \| `([^`]+)` \|$", PAGE, re.MULTILINE)


def test_every_warning_has_one_row() -> None:
    assert [key for key, _, _ in ROWS] == list(WARNING_KEYS)


def test_every_named_test_is_there() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("engine", "e2e")
        for path in (TESTS / folder).rglob("*test*")
        if path.suffix in {".py", ".mjs"}
    )
    missing = [name for _, _, name in ROWS if f"def {name}(" not in code and f'test("{name}"' not in code]
    assert missing == []


def test_every_notice_is_told_about() -> None:
    notices = PAGE.partition("## Notices")[2].partition("##")[0]
    for notice in Notice:
        words = {"asleep": "slept", "cannot_tell": "does not tell", "reloaded": "opened again", "cut": "cut"}
        assert words.get(notice.value, notice.value.split("_")[-1]) in notices, notice


def test_no_script_names_a_warning_by_itself() -> None:
    """The page hands them over from the contract."""
    static = TESTS.parent / "proctor_engine" / "web" / "static"
    assert [path.name for path in static.rglob("*.js") if "warning_" in path.read_text(encoding="utf-8")] == []
