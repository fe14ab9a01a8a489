"""The one source of the present: aware, in UTC, and replaceable in tests."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> datetime:
    return datetime.now(timezone.utc)
