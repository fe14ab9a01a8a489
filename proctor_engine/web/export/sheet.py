"""Tables as CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

COLUMNS = ("number", "type", "title", "start", "end", "confidence", "scored", "decision", "detail")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
