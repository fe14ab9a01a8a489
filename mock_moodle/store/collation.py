"""How the recorded site's database compares texts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func


def folded(text: str) -> str:
    """MariaDB's utf8mb4_unicode_ci: capitals do not count, nor do blanks at the end."""
    return text.rstrip(" ").lower()


def same(column: Any, text: str) -> ColumnElement[bool]:
    return func.lower(column) == folded(text)
