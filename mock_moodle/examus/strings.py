"""The plugin's own strings: as its ZIP has them, in the reader's language, else these."""

from __future__ import annotations

from contract.condition import CUSTOM_RULES_LENGTH, DURATION_STEP_MINUTES
from contract.wire import COMPONENT
from mock_moodle.site import current
from mock_moodle.store.core import Plugin

FALLBACK = {
    "use_examus": "Take this activity under proctoring",
    "use_panel": 'This activity is proctored: <a href="{$a}">begin here</a>',
    "start_intro": "You are about to work under proctoring, for {$a} minutes. This is allowed:",
    "agreement": "User agreement",
    "begin": "Begin",
    "error_app": "This exam is proctored, which the Moodle app cannot do. Open it in this device's browser: {$a}",
    "error_noattempts": "No attempt is left.",
    "use_not": "Take this activity without proctoring",
    "error_unknowncode": "This access code is not known. Open the exam from the list of your exams.",
    "error_foreigncode": "This access code belongs to somebody else. Sign in as the person it was issued to.",
    "error_closedcode": "This access code has been used up: {$a}.",
    "log_section": "Proctoring log",
    "new_entry": "New entry",
    "new_entry_force": "New entry (forced)",
    "new_entry_created": "New entry created",
    "entry_exist": "A new entry already exists",
    "panel": "Proctoring",
    "fader_awaiting_proctoring": "Waiting for proctoring",
    "fader_instructions": "The questions appear as soon as the proctoring service sees you.",
    "error_noscript": "JavaScript is switched off. The questions of a proctored exam open only with JavaScript.",
    "error_notconfigured": "Proctoring is not set up on this site: the address of the service is missing.",
    "error_setduration": (f"The duration must be more than zero and a multiple of {DURATION_STEP_MINUTES} minutes."),
    "error_choice": "Choose the mode, the identification and the way in from their lists.",
    "error_agreementurl": "The address of the user agreement must begin with http:// or https://",
    "error_customrules": f"Further rules: shorten them to {CUSTOM_RULES_LENGTH} characters.",
    "error_scoring": "Scoring: give whole numbers within the limits, or leave fields empty.",
    "error_notproctored": "This activity is not proctored for you.",
    "error_keyring": "Write each key as id:secret, the secret with at least {$a} characters.",
    "error_origin": "This is not the origin of a web page: {$a}",
    "error_nokeys": "The site has no key to sign with. An administrator must set one.",
}


def string(key: str, a: str = "") -> str:
    """get_string(key, "availability_examus", a)."""
    plugin = current.session.get(Plugin, COMPONENT)
    shipped: dict[str, str] = plugin.read.get("strings", {}) if plugin else {}
    text = shipped.get(key) or FALLBACK.get(key) or f"[[{key}]]"
    return text.replace("{$a}", a)
