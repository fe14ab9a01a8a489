"""docs/security.md shows what is tried: each row of its tables names a test, and each test that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent
PAGE = (FOLDER.parents[2] / "docs" / "security.md").read_text("utf-8")
NAMED = re.compile(r"`(?:(test_\w+)::)?(test_\w+?)(…?)`")


def test_every_threat_has_a_test() -> None:
    rows = re.findall(r"^\| (?!threat |---)(.+?) \| (.+) \| (.+?) \|$", PAGE, re.MULTILINE)
    assert len(rows) > 35
    assert [threat for threat, _, tests in rows if not NAMED.search(tests)] == []


def test_every_test_that_the_page_names_is_there() -> None:
    written = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("test_*.py")}
    named = NAMED.findall(PAGE)
    assert len(named) > 40
    for file, name, more in named:
        where = [written[file]] if file in written else [*written.values()]
        start = name if name in written else f"def {name}" + ("" if more else "(")
        assert name in written or any(start in text for text in where), f"docs/security.md names {name}"
