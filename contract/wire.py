"""Paths, messages and numbers that both ends of a connection must share."""

from __future__ import annotations

from contract.entry import Status

PLUGIN_NAME = "examus"
COMPONENT = f"availability_{PLUGIN_NAME}"
PLUGIN_PATH = f"/availability/condition/{PLUGIN_NAME}"
ENTRY_PATH = f"{PLUGIN_PATH}/entry.php"
LOG_PATH = f"{PLUGIN_PATH}/index.php"
ACCESS_CODE_PARAMETER = "accesscode"

READY_MESSAGE = "proctoringReady_n6EY"
"""What v0.8's shade waits for. Anybody can post a constant: accepted only behind a setting that says it is weak."""

V08_VERSION = 2022040102

SLOT_GRACE_SECONDS = 900
"""How long after its slot a scheduled entry may still be opened before automatic rescheduling replaces it."""

TIMESCHEDULED_UNCHANGED = 0
TIMESCHEDULED_CLEAR = -1

PROFILE_SCOPE = "user_info"
"""The OAuth scope that hands out the profile."""

BOOKING_STATUS = Status.SCHEDULED
"""A "review" with this status is a calendar booking, not a verdict."""

OWN_DATA_PATH = "/my-data"
"""Under the engine's address: where people get a copy of what the engine knows of them."""
