"""Entries as stored: found, issued, changed. Every change of status is written to the site's log."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select

from contract.entry import OPEN_STATUSES, Status
from contract.wire import SLOT_GRACE_SECONDS
from mock_moodle.examus.models import Entry
from mock_moodle.site import current
from mock_moodle.store.core import LogEvent

OPEN = frozenset(status.value for status in OPEN_STATUSES)


def by_code(code: str) -> Entry | None:
    return current.session.scalar(select(Entry).where(Entry.accesscode == code)) if code else None


def of_exam(userid: int, courseid: int, cmid: int) -> list[Entry]:
    """All of a user's entries at one exam, the oldest first."""
    query = select(Entry).where(Entry.userid == userid, Entry.courseid == courseid, Entry.cmid == cmid)
    return list(current.session.scalars(query.order_by(Entry.id)))


def of_course(userid: int, courseid: int) -> list[Entry]:
    """The same at all exams of a course; in a visit that only reads, to read."""

    def read() -> list[Entry]:
        query = select(Entry).where(Entry.userid == userid, Entry.courseid == courseid)
        return list(current.session.scalars(query.order_by(Entry.id)))

    return (
        read() if current.visit.write else current.cached((Entry.__tablename__,), ("entries", userid, courseid), read)
    )


def siblings(entry: Entry) -> list[Entry]:
    """Entries of the same user at the same exam, this one among them."""
    return of_exam(entry.userid, entry.courseid, entry.cmid)


def issue(courseid: int, cmid: int, userid: int) -> Entry:
    """A fresh access code."""
    current.require_writing()
    now = current.clock.time()
    entry = Entry(
        courseid=courseid,
        cmid=cmid,
        userid=userid,
        accesscode=current.keys.md5(),
        status=Status.NOT_INITED.value,
        timecreated=now,
        timemodified=now,
    )
    current.session.add(entry)
    current.session.flush()
    _log("entry_created", entry, {"status": entry.status})
    return entry


def move(entry: Entry, status: str, *, touch: bool = True) -> None:
    """`touch` False leaves the time of change alone, as v0.8's observers do."""
    current.require_writing()
    before, entry.status = entry.status, status
    if touch:
        entry.timemodified = current.clock.time()
    if before != status:
        _log("entry_updated", entry, {"before": before, "status": status})
    current.session.flush()


def unused(entries: Iterable[Entry]) -> Entry | None:
    return next((entry for entry in entries if entry.status == Status.NOT_INITED), None)


def missed_slot(entry: Entry) -> bool:
    """Booked, never used, and the slot is past."""
    return (
        entry.status == Status.SCHEDULED
        and not entry.attemptid
        and bool(entry.timescheduled)
        and current.clock.time() > (entry.timescheduled or 0) + SLOT_GRACE_SECONDS
    )


def delete_unused(found: Iterable[Entry], *, except_cmids: Iterable[int]) -> None:
    """Where an exam is no longer watched."""
    kept = set(except_cmids)
    for entry in found:
        if entry.status == Status.NOT_INITED and entry.cmid not in kept:
            current.require_writing()
            current.session.delete(entry)


def delete_unused_of_module(cmid: int) -> None:
    current.session.execute(delete(Entry).where(Entry.cmid == cmid, Entry.status == Status.NOT_INITED.value))


def _log(event: str, entry: Entry, other: dict[str, str]) -> None:
    current.session.add(
        LogEvent(
            eventname=f"\\availability_examus\\event\\{event}",
            courseid=entry.courseid,
            objectid=entry.id,
            relateduserid=entry.userid,
            other=other,
            timecreated=current.clock.time(),
        )
    )
