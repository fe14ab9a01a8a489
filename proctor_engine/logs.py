"""One line an event, `key=value`: machines can read it, and it names sessions, never people."""

from __future__ import annotations

import json
import logging
import re
from datetime import datetime, timezone

FIELDS = ("session", "sequence")
"""What a message may carry in `extra`."""
_DETAIL = re.compile(r"^(DETAIL|CONTEXT):.*\n?", re.MULTILINE)
"""Where PostgreSQL quotes the row that it refuses."""


class Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        values = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{field: getattr(record, field) for field in FIELDS if hasattr(record, field)},
        }
        if record.exc_info:
            values["error"] = _DETAIL.sub("", self.formatException(record.exc_info))
        return " ".join(f"{key}={_quoted(str(value))}" for key, value in values.items())


def configure() -> None:
    """For each process that we start."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)  # It names the addresses of those whom it stops.


def _quoted(value: str) -> str:
    return value if value and value.isprintable() and not set(value) & set(' "=') else json.dumps(value)
