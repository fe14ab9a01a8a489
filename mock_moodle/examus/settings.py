"""The successor's settings, under the plugin's own name in the site's configuration."""

from __future__ import annotations

from contract.panel import WayIn
from contract.wire import COMPONENT
from mock_moodle.site import current


def code_lifetime() -> int:
    """Seconds after which an unused access code is worth nothing; 0 keeps it good."""
    return int(current.config("codelifetime", COMPONENT) or 0)


def way_in() -> WayIn:
    value = current.config("wayin", COMPONENT)
    return WayIn(value) if value in {way.value for way in WayIn} else WayIn.FRAME
