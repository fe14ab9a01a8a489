"""Time slots: which are offered, which are full, and whether a candidate's own has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text, union_all
from sqlalchemy.orm import Session

from contract.wire import SLOT_GRACE_SECONDS
from proctor_engine import clock
from proctor_engine.lms.models import Exam
from proctor_engine.settings import Slots
from proctor_engine.store.model import Booking, Person
from proctor_engine.store.sessions import ConflictError

EARLY = timedelta(minutes=10)
"""Before the slot, for consent and system check."""
GRACE = timedelta(seconds=SLOT_GRACE_SECONDS)
_LOCK = 7_030_252
"""Of PostgreSQL's advisory locks."""


class SlotError(ConflictError):
    """This slot cannot be booked, or this exam cannot begin now."""


def offered(db: Session, slots: Slots, exam: Exam) -> list[datetime]:
    """Slots to come in which the exam is open from beginning to end, without those that are full."""
    now = clock.now()
    opens = max(now, _moment(exam.start) or now)
    last = now + timedelta(days=slots.days)
    if closes := _moment(exam.end):
        last = min(last, closes - timedelta(minutes=exam.time_limit_mins))
    full = _full(db, slots.places, opens) if slots.places else frozenset()
    return [slot for slot in _all(slots, opens, last) if opens <= slot <= last and slot not in full]


def book(db: Session, slots: Slots, person: Person, exam: Exam, slot: datetime) -> None:
    """Books or moves; the slot until now is kept until `settle` or `restore`, so that nobody else takes it meanwhile.

    Raises `SlotError` for a slot that is not offered or not any more.
    """
    _lock(db)
    if slot not in offered(db, slots, exam):
        raise SlotError("This slot is not free any more. Choose another.")
    booking = db.get(Booking, exam.accesscode) or Booking(access_code=exam.accesscode)
    booking.moved_from = booking.slot
    booking.person_id, booking.course_id, booking.cm_id = person.id, exam.course_id, exam.cm_id
    booking.slot, booking.booked_at = slot, clock.now()
    db.add(booking)


def settle(db: Session, exam: Exam) -> None:
    """Moodle has agreed: the place in the slot before is free."""
    booking = db.get(Booking, exam.accesscode)
    if booking is not None:
        booking.moved_from = None


def restore(db: Session, exam: Exam) -> None:
    """Takes back a booking that Moodle refused."""
    booking = db.get(Booking, exam.accesscode)
    if booking is not None and booking.moved_from is not None:
        booking.slot, booking.moved_from = booking.moved_from, None
    elif booking is not None:
        db.delete(booking)


def of(db: Session, exam: Exam) -> datetime | None:
    """The exam's booked slot, if there is one that is not missed."""
    booking = db.get(Booking, exam.accesscode)
    return booking.slot if booking and clock.now() <= booking.slot + GRACE else None


def has_come(slot: datetime | None) -> bool:
    return slot is not None and slot - EARLY <= clock.now() <= slot + GRACE


def _all(slots: Slots, first: datetime, last: datetime) -> Iterator[datetime]:
    """Each day anew from its first hour: clocks that change in the night move no slot."""
    zone = ZoneInfo(slots.zone)
    day = first.astimezone(zone).date()
    while day <= last.astimezone(zone).date():
        begin = datetime.combine(day, time(slots.from_hour), zone)
        for minutes in range(0, (slots.to_hour - slots.from_hour) * 60, slots.every_minutes):
            yield (begin + timedelta(minutes=minutes)).astimezone(timezone.utc)
        day += timedelta(days=1)


def _full(db: Session, places: int, since: datetime) -> frozenset[datetime]:
    held = (Booking.slot, Booking.moved_from)
    taken = union_all(*(select(slot.label("slot")).where(slot >= since) for slot in held)).subquery()
    return frozenset(db.scalars(select(taken.c.slot).group_by(taken.c.slot).having(func.count() >= places)))


def _lock(db: Session) -> None:
    """One booking at a time: of two who see the last place, one takes it. SQLite has one writer anyway."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _moment(epoch: int | None) -> datetime | None:
    return datetime.fromtimestamp(epoch, timezone.utc) if epoch else None
