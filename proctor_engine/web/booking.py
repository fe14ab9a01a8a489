"""Choosing a time slot, for exams that want one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from itertools import groupby
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from proctor_engine.lms import LmsError
from proctor_engine.lms.models import Exam
from proctor_engine.settings import Slots
from proctor_engine.store import audit, bookings, sessions
from proctor_engine.web import due
from proctor_engine.web.current import service, sign_in_required, signed_in
from proctor_engine.web.language import locale

pages = Blueprint("booking", __name__)


@pages.get("/exams/<access_code>/slot")
@sign_in_required
def choose(access_code: str) -> ResponseReturnValue:
    exam, slots = _bookable(access_code)
    with service().database.begin() as db:
        days = _by_day(bookings.offered(db, slots, exam), ZoneInfo(slots.zone))
        own = bookings.of(db, exam)
    asked = request.args.get("day")
    day = next((day for day in days if day.date.isoformat() == asked), days[0] if days else None)
    return render_template("slot.html", exam=exam, days=days, day=day, own=own, zone=slots.zone)


@pages.post("/exams/<access_code>/slot")
@sign_in_required
def book(access_code: str) -> ResponseReturnValue:
    """The place is taken, then Moodle is told: if it refuses, what was booked before stands again."""
    exam, slots = _bookable(access_code)
    try:
        slot = datetime.fromtimestamp(int(request.form.get("slot", "")), timezone.utc)
    except (ValueError, OverflowError, OSError):
        abort(400, "Choose a slot.")
    with service().database.begin() as db:
        person = sessions.remember(db, signed_in())
        bookings.book(db, slots, person, exam, slot)
        audit.record(db, person.email, "slot.book", detail=slot.isoformat(timespec="minutes"))
    try:
        service().moodle.book(exam.accesscode, slot)
    except LmsError:
        with service().database.begin() as db:
            bookings.restore(db, exam)
        raise
    with service().database.begin() as db:
        bookings.settle(db, exam)
    return redirect(url_for("exams.due"))


def wants_slot(exam: Exam) -> bool:
    """Whether this exam begins only in a booked slot."""
    return exam.scheduling_required and service().settings.slots is not None


def must_have_come(exam: Exam) -> None:
    """Raises `SlotError` where a slot is wanted and is not now."""
    if not wants_slot(exam):
        return
    with service().database.begin() as db:
        if not bookings.has_come(bookings.of(db, exam)):
            raise bookings.SlotError("This exam begins in its booked slot. Go back to the list: it says when.")


def _bookable(access_code: str) -> tuple[Exam, Slots]:
    exam, slots = due.own_exam(access_code), service().settings.slots
    if not exam.scheduling_required or slots is None:
        abort(404, "This exam wants no slot: it can begin at any time.")
    return exam, slots


@dataclass(frozen=True)
class Day:
    """`title` names it whole, `short` in a row of days; slots are epoch seconds and the time on the zone's clock."""

    date: date
    title: str
    short: str
    slots: tuple[tuple[int, str], ...]


def _by_day(slots: Sequence[datetime], zone: ZoneInfo) -> list[Day]:
    local = [slot.astimezone(zone) for slot in slots]
    return [
        Day(
            day,
            format_date(day, "full", locale()),
            format_skeleton("MMMEd", day, locale=locale()),
            tuple((int(slot.timestamp()), f"{slot:%H:%M}") for slot in of_day),
        )
        for day, of_day in groupby(local, key=lambda slot: slot.date())
    ]
