"""Settings pages that plugins bring, by the name of their section."""

from __future__ import annotations

from contract.panel import WayIn
from contract.wire import COMPONENT, PLUGIN_NAME
from mock_moodle.admin.setting import Setting

DAY_SECONDS = 86_400

_EXAMUS = (
    Setting(
        "wayin",
        "Way in",
        "select",
        "Whether the service's page frames Moodle, or Moodle's pages carry the service's panel.",
        COMPONENT,
        WayIn.PANEL.value,
        ((WayIn.FRAME.value, "The service frames Moodle"), (WayIn.PANEL.value, "Moodle carries the service's panel")),
    ),
    Setting("engineurl", "Address of the service", "url", "Without a slash at the end.", COMPONENT),
    Setting("origins", "Further origins", "textarea", "Also allowed to talk with quiz pages, one a line.", COMPONENT),
    Setting("panelkeys", "Panel keys", "keyring", "One key a line, id:secret; the first one signs.", COMPONENT),
    Setting("acceptplainready", "Accept the plain ready message", "checkbox", "Weak: anybody can post it.", COMPONENT),
    Setting("pushenabled", "Push events", "checkbox", "Tell the service at once what happens.", COMPONENT),
    Setting("pushkeys", "Push keys", "keyring", "One key a line, id:secret; the first one signs.", COMPONENT),
    Setting(
        "codelifetime", "Lifetime of access codes", "duration", "Seconds; 0 for ever.", COMPONENT, str(30 * DAY_SECONDS)
    ),
    Setting("retention", "Keep entries for", "duration", "Seconds; 0 for ever.", COMPONENT, "0"),
)

PLUGIN_SETTINGS: dict[str, tuple[str, str, tuple[Setting, ...]]] = {
    f"availabilitysetting{PLUGIN_NAME}": (COMPONENT, "Examus", _EXAMUS),
}
"""Component, title, settings."""
