"""Tables as CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

COLUMNS = ("number", "type", "title", "start", "end", "confidence", "scored", "decision", "detail")
_FORMULA = re.compile(r"(^|[;,\t\r\n])(?=\s*[=+\-@\t\r＝＋－＠])")
"""Where a cell begins that a spreadsheet would run, also for one that takes another separator than ours."""


def table(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """With a byte order mark, by which spreadsheets know UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([harmless(value) for value in row] for row in rows)
    return "\ufeff" + text.getvalue()


def incidents(facts: Mapping[str, Any]) -> str:
    return table(COLUMNS, ([incident[column] for column in COLUMNS] for incident in facts["incidents"]))


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula is marked as text."""
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value
