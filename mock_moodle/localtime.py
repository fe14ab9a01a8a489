"""Times of day as the person who looks sees them: a call's own time zone, else the account's, else the site's."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from mock_moodle.login.browser import signed_in_userid
from mock_moodle.site import current
from mock_moodle.store.core import User

SERVER = "99"
"""Moodle's word for "the site's zone"."""


def local(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp, _viewers_zone())


def is_midnight(timestamp: int) -> bool:
    return f"{local(timestamp):%H%M%S}" == "000000"


def day_and_time(timestamp: int) -> str:
    """userdate() as people read it: "Tuesday, 1 January 2030, 12:00 AM"."""
    moment = local(timestamp)
    return f"{moment:%A}, {date_and_time(moment)}"


def date_and_time(moment: datetime) -> str:
    """ "1 January 2030, 12:00 AM"."""
    return f"{moment.day} {moment:%B %Y}, {moment.hour % 12 or 12}:{moment:%M %p}"


def timestamp_of(year: int, month: int, day: int, hour: int, minute: int) -> int:
    """Of a time of day there; 0 for one that no calendar has."""
    try:
        return int(datetime(year, month, day, hour, minute, tzinfo=_viewers_zone()).timestamp())
    except (ValueError, OverflowError):
        return 0


_UNITS = ((365 * 86_400, "year"), (86_400, "day"), (3600, "hour"), (60, "min"), (1, "sec"))


def duration(seconds: int) -> str:
    """format_time(): "2 hours 5 mins", in the largest unit that fits and the next one."""
    first = next((number for number, (size, _) in enumerate(_UNITS) if seconds >= size), None)
    if first is None:
        return "now"
    told = []
    for size, unit in _UNITS[first : first + 2]:
        count, seconds = divmod(seconds, size)
        if count:
            told.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " ".join(told)


def _viewers_zone() -> tzinfo:
    user = current.session.get(User, signed_in_userid())
    forced = current.config("forcetimezone") or SERVER
    asked = current.visit.settings.get("timezone") or SERVER
    own = user.timezone if user else SERVER
    wanted = (name for name in (asked, forced, own, current.config("timezone") or SERVER) if name != SERVER)
    return _zone(next(wanted, "UTC"))


@cache
def _zone(name: str) -> tzinfo:
    """A zone by its name or, as old accounts have it, by its hours; UTC for what is neither."""
    try:
        return timezone(timedelta(hours=float(name)))
    except ValueError:
        pass
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return timezone.utc
