"""One setting of a settings page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

KEY_LINE = re.compile(r"[\w.-]+:\S{32,}")


@dataclass(frozen=True)
class Setting:
    """`plugin` is "core" for the site's own. A `keyring` has one `id:secret` a line; a `duration` counts seconds."""

    name: str
    title: str
    kind: Literal["checkbox", "text", "textarea", "select", "keyring", "duration", "url"]
    hint: str = ""
    plugin: str = "core"
    default: str = ""
    options: tuple[tuple[str, str], ...] = ()

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
        if self.kind == "duration" and not value.isdigit():
            return "Enter a number of seconds, 0 or above."
        if self.kind == "url" and value and not re.fullmatch(r"https?://[^\s/]+\S*", value):
            return "Enter an address that begins with http:// or https://."
        if self.kind == "keyring" and not all(KEY_LINE.fullmatch(line) for line in value.split()):
            return "Write one key a line as id:secret, the secret with at least 32 characters."
        return ""
