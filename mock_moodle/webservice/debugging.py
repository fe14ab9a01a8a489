"""What errors tell beside, by Moodle's settings `debug` and `debugdisplay`. There is no trace of PHP's calls here but
its first line, without the place."""

from __future__ import annotations

from flask import has_request_context, request

from mock_moodle.errors import MoodleError
from mock_moodle.site import current

DEBUG_NORMAL, DEBUG_DEVELOPER = 15, 32767
SILENT = "/lib/ajax/"
"""Scripts whose answers a stray notice would spoil: they show nothing."""


def level() -> int:
    return int(current.config("debug") or 0)


def is_developing() -> bool:
    return level() >= DEBUG_DEVELOPER


def message_of(error: MoodleError) -> str:
    """While debugging is displayed, with what only developers are told."""
    shown = is_developing() and error.debuginfo and current.enabled("debugdisplay")
    if not shown or (has_request_context() and request.path.startswith(SILENT)):
        return error.message
    return f"{error.message} ({error.debuginfo})"


def trace_of(error: MoodleError) -> str:
    return f"* line ? of unknownfile: {current.site.release.exception_name(error.exception)} thrown\n"


def debuginfo_of(error: MoodleError) -> str:
    return f"{error.debuginfo or ''}\nError code: {error.errorcode}"
