"""Events that the plugin posts to the engine, so that the engine need not poll.

One event is one JSON object, POSTed with three headers. The signature is the HMAC-SHA256, in hexadecimal, of the
timestamp, a full stop and the body's bytes, under the push key that `KEY_HEADER` names.
"""

from __future__ import annotations

from enum import Enum


class PushEvent(str, Enum):
    """What has happened in Moodle."""

    ATTEMPT_STARTED = "attempt.started"
    ATTEMPT_SUBMITTED = "attempt.submitted"
    ATTEMPT_ABANDONED = "attempt.abandoned"
    ENTRY_RESET = "entry.reset"
    CONDITION_CHANGED = "condition.changed"
    ENTRIES_ERASED = "entries.erased"
    """By a privacy request: whatever the service knows of these entries must go, and a 2xx says that it has gone."""


PUSH_PATH = "/api/moodle/events"
"""Under the engine's address."""

KEY_HEADER = "X-Proctoring-Key"
TIMESTAMP_HEADER = "X-Proctoring-Timestamp"
SIGNATURE_HEADER = "X-Proctoring-Signature"
SIGNATURE_SCHEME = "v1"
"""The signature header reads `v1=<hex>`."""

TIMESTAMP_TOLERANCE_SECONDS = 300
"""A receiver refuses an older or later timestamp: a recorded event cannot be sent again."""

ENVELOPE: tuple[str, ...] = ("id", "type", "created", "site", "data")
"""`id` stays the same in every retry, so a receiver drops what it has seen; `created` is in epoch seconds."""

ENTRY_DATA: tuple[str, ...] = ("accesscode", "status", "userid", "useremail", "courseid", "cmid", "attemptid")
"""`data` of the attempt and entry events."""
CONDITION_DATA: tuple[str, ...] = ("courseid", "cmid", "present")
"""`data` of `condition.changed`; `present` tells whether the module still has the restriction."""
ERASED_DATA: tuple[str, ...] = ("accesscodes",)
"""`data` of `entries.erased`: a list of at most `ERASED_AT_ONCE`."""
ERASED_AT_ONCE = 50
"""Few enough to be erased while the plugin waits for the answer."""

RETRY_FOR_SECONDS = 24 * 3600
"""After this the plugin gives an undelivered event up and writes so to the log; an erasure it never gives up."""
REQUEST_TIMEOUT_SECONDS = 15
