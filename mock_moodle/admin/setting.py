"""One setting of a settings page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mock_moodle.webservice.php import to_int

UNITS = {604_800: "weeks", 86_400: "days", 3600: "hours", 60: "minutes", 1: "seconds"}
"""Of durations."""
Check = Callable[[str], str]
CHECKS: dict[str, Check] = {}
"""What a plugin's own class of settings says against a value (empty: nothing), by the class's name. Whoever plays the
plugin registers it."""
PREPARE: dict[str, Callable[[str], object]] = {}
"""Called with the setting's name before its first value is shown, for classes that make one."""


@dataclass(frozen=True)
class Setting:
    """`plugin` is "core" for the site's own; a `duration` is kept in seconds; `php_class` is the plugin's."""

    name: str
    title: str
    kind: Literal["checkbox", "text", "textarea", "select", "duration", "url"]
    hint: str = ""
    plugin: str = "core"
    default: str = ""
    options: tuple[tuple[str, str], ...] = ()
    php_class: str = ""

    @property
    def field(self) -> str:
        """`s__enablewebservices`, `s_availability_examus_wayin`."""
        return f"s_{'' if self.plugin == 'core' else self.plugin}_{self.name}"

    def stored(self, sent: str) -> str:
        """What a form's value is kept as."""
        return ("0" if sent in ("", "0") else "1") if self.kind == "checkbox" else sent.strip()

    def problem(self, sent: str) -> str:
        """What is wrong with a form's value; empty for nothing."""
        value = sent.strip()
        if self.kind == "select" and value not in {option for option, _ in self.options}:
            return "Choose one of the list."
        if self.kind == "duration" and not value.isdecimal():
            return "Enter a number, 0 or above."
        if self.kind == "url" and value and not re.fullmatch(r"https?://[^\s/]+\S*", value):
            return "Enter an address that begins with http:// or https://."
        check = CHECKS.get(self.php_class)
        return check(value) if check else ""


def duration_parts(stored: str) -> tuple[str, int]:
    """Seconds as a number of the largest unit that fits."""
    if not stored.isdecimal():
        return stored, 1
    seconds = to_int(stored)
    unit = next((unit for unit in UNITS if seconds and seconds % unit == 0), 86_400 if not seconds else 1)
    return str(seconds // unit), unit
