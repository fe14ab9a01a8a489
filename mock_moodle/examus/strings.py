"""The plugin's own strings: as its ZIP has them, in the reader's language, else these."""

from __future__ import annotations

from contract.wire import COMPONENT
from mock_moodle.site import current
from mock_moodle.store.core import Plugin

FALLBACK = {
    "use_examus": "Take this activity under proctoring",
    "use_not": "Take this activity without proctoring",
    "error_unknowncode": "This access code is not known. Open the exam from the list of your exams.",
    "error_foreigncode": "This access code belongs to somebody else. Sign in as the person it was issued to.",
    "error_closedcode": "This access code has been used up: {$a}.",
    "log_section": "Proctoring log",
    "new_entry": "New entry",
    "new_entry_force": "New entry (forced)",
    "new_entry_created": "New entry created",
    "entry_exist": "A new entry already exists",
}


def string(key: str, a: str = "") -> str:
    """get_string(key, "availability_examus", a)."""
    plugin = current.session.get(Plugin, COMPONENT)
    shipped: dict[str, str] = plugin.read.get("strings", {}) if plugin else {}
    text = shipped.get(key) or FALLBACK.get(key) or f"[[{key}]]"
    return text.replace("{$a}", a)
