"""docs/security.md shows what is tried: each test that it names is there."""

from __future__ import annotations

import re
from pathlib import Path


def test_every_test_that_the_page_names_is_there() -> None:
    folder = Path(__file__).parent
    page = (folder.parents[2] / "docs" / "security.md").read_text("utf-8")
    written = {path.stem: path.read_text("utf-8") for path in folder.glob("test_*.py")}
    named = re.findall(r"`(?:(test_\w+)::)?(test_\w+?)(…?)`", page)
    assert len(named) > 40
    for file, name, more in named:
        where = [written[file]] if file in written else [*written.values()]
        start = name if name in written else f"def {name}" + ("" if more else "(")
        assert name in written or any(start in text for text in where), f"docs/security.md names {name}"
