"""Names that the plugin's code and its service agree on."""

from __future__ import annotations

COMPONENT = "availability_examus2"
CONDITION_TYPE = "examus2"
PLUGIN_PATH = "/availability/condition/examus2"
TABLE = "availability_examus2_entries"
ACCESS_CODE_PARAMETER = "examus2_accesscode"
KEY_SCRIPT = COMPONENT
"""Of the user key that signs a student in."""
KEY_SECONDS = 259_200
SLOT_GRACE_SECONDS = 900
ACCOUNT_ID = 1
READY_MESSAGE = "proctoringReady_n6EY"

NEW, SCHEDULED, CANCELED, STARTED, FINISHED = "new", "scheduled", "canceled", "started", "finished"
RESCHEDULED, FORCE_RESET = "rescheduled", "force_reset"
OPEN = (NEW, SCHEDULED, STARTED)
USED_UP_NOTHING = (RESCHEDULED, CANCELED, FORCE_RESET)
"""Entries that do not count against the quiz's attempts."""

_SAME = "ar de el en es fr hu id it kk lt ms pt ro ru th tr vi zh"
LANGUAGES = {**{code: code for code in _SAME.split()}, "de_ch": "de-ch", "zh_cn": "zh-cn"}
"""Moodle's language packs and the service's own words for them."""
