"""Exams that want a booked slot: what is offered, and that they begin in it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from actors import ANN, BOB, Browser, Clock, FakeMoodle, make_exam
from servers import Postgres
from sqlalchemy import func, select

from proctor_engine.lms import UnreachableError
from proctor_engine.service import Service
from proctor_engine.settings import Settings, Slots
from proctor_engine.store import bookings, retention, sessions
from proctor_engine.store.database import Database
from proctor_engine.store.model import Booking

CODE = "a" * 32
HOURLY = Slots(from_hour=0, to_hour=24, every_minutes=60, days=2)


@pytest.fixture
def ann(service: Service, settings: Settings, moodle: FakeMoodle, browser: Browser) -> Browser:
    """Before an exam that wants a slot."""
    service.settings = settings.model_copy(update={"slots": HOURLY})
    moodle.exams_due = [make_exam(scheduling_required=True)]
    return browser.sign_in(ANN)


def offered(service: Service, exam: Any) -> list[datetime]:
    assert service.settings.slots is not None
    with service.database.begin() as db:
        return bookings.offered(db, service.settings.slots, exam)


def book(browser: Browser, slot: datetime, code: str = CODE) -> Any:
    return browser.post(f"/exams/{code}/slot", data={"slot": int(slot.timestamp())})


def test_a_slot_is_booked_here_and_in_moodle_and_the_exam_begins_in_it(
    service: Service, moodle: FakeMoodle, ann: Browser, clock: Clock
) -> None:
    assert "Choose a slot" in ann.get("/exams").text
    assert ann.get(f"/exams/{CODE}").status_code == 409
    slot = offered(service, moodle.exams_due[0])[1]
    assert f"{int(slot.timestamp())}" in ann.get(f"/exams/{CODE}/slot?day={slot.date()}").text  # Late, it is tomorrow.
    assert book(ann, slot).status_code == 302
    assert moodle.booked == {CODE: slot}
    assert "Move the slot" in ann.get("/exams").text
    refused = ann.post("/api/sessions", json={"access_code": CODE, "consent": True})
    assert refused.status_code == 409
    clock.advance(seconds=(slot - clock.now()).total_seconds() - 300)
    assert ann.get(f"/exams/{CODE}").status_code == 200
    assert ann.post("/api/sessions", json={"access_code": CODE, "consent": True}).status_code == 201


def test_a_missed_slot_is_gone_and_another_can_be_had(
    service: Service, moodle: FakeMoodle, ann: Browser, clock: Clock
) -> None:
    slot = offered(service, moodle.exams_due[0])[0]
    book(ann, slot)
    clock.advance(seconds=(slot - clock.now()).total_seconds() + 1000)
    assert ann.get(f"/exams/{CODE}").status_code == 409
    assert "Choose a slot" in ann.get("/exams").text
    assert book(ann, slot).status_code == 409
    assert book(ann, offered(service, moodle.exams_due[0])[0]).status_code == 302


def test_a_full_slot_is_not_offered(service: Service, settings: Settings, moodle: FakeMoodle, ann: Browser) -> None:
    service.settings = settings.model_copy(update={"slots": HOURLY.model_copy(update={"places": 1})})
    slot = offered(service, moodle.exams_due[0])[0]
    book(ann, slot)
    moodle.exams_due = [make_exam("b" * 32, scheduling_required=True)]
    bob = Browser(service).sign_in(BOB)
    assert slot not in offered(service, moodle.exams_due[0])
    taken = book(bob, slot, "b" * 32)
    assert taken.status_code == 409
    assert "not free any more" in taken.text


def test_of_many_who_want_the_last_places_at_once_as_many_get_one_as_there_are(postgres: Postgres) -> None:
    database, together = Database(postgres.url), Barrier(8)
    database.migrate()
    slots = HOURLY.model_copy(update={"places": 2})
    exams = [make_exam(f"{number:032}", scheduling_required=True) for number in range(together.parties)]
    with database.begin() as db:
        slot = bookings.offered(db, slots, exams[0])[0]

    def take(number: int) -> bool:
        together.wait()
        try:
            with database.begin() as db:
                person = sessions.remember(db, ANN.model_copy(update={"email": f"{number}@example.org"}))
                bookings.book(db, slots, person, exams[number], slot)
        except bookings.SlotError:
            return False
        return True

    with ThreadPoolExecutor(together.parties) as crowd:
        assert sorted(crowd.map(take, range(together.parties))) == [False] * 6 + [True] * 2
    with database.read() as db:
        assert db.scalar(select(func.count()).where(Booking.slot == slot)) == 2
    database.close()


def test_a_place_that_somebody_moves_from_is_theirs_until_moodle_agrees(
    service: Service, settings: Settings, moodle: FakeMoodle, ann: Browser
) -> None:
    service.settings = settings.model_copy(update={"slots": HOURLY.model_copy(update={"places": 1})})
    exam, other = moodle.exams_due[0], make_exam("b" * 32, scheduling_required=True)
    first, second = offered(service, exam)[:2]
    book(ann, first)
    meanwhile: list[datetime] = []
    moodle.meanwhile = lambda: meanwhile.extend(offered(service, other))
    moodle.failures = [UnreachableError("no answer")]
    assert book(ann, second).status_code == 503
    assert not {first, second} & set(meanwhile)
    assert (first in offered(service, other), second in offered(service, other)) == (False, True)
    assert book(ann, second).status_code == 302
    assert (first in offered(service, other), second in offered(service, other)) == (True, False)


def test_if_moodle_is_not_told_nothing_is_booked(service: Service, moodle: FakeMoodle, ann: Browser) -> None:
    moodle.failures = [UnreachableError("no answer")]
    assert book(ann, offered(service, moodle.exams_due[0])[0]).status_code == 503
    with service.database.begin() as db:
        assert db.query(Booking).count() == 0


@pytest.mark.usefixtures("ann")
def test_slots_lie_where_the_exam_is_open_from_beginning_to_end(service: Service, clock: Clock) -> None:
    opens, closes = clock.now() + timedelta(hours=5), clock.now() + timedelta(hours=10)
    exam = make_exam(start=int(opens.timestamp()), end=int(closes.timestamp()), time_limit_mins=90)
    slots = offered(service, exam)
    assert len(slots) in {3, 4}
    assert opens - timedelta(seconds=1) <= slots[0]
    assert slots[-1] + timedelta(minutes=90) <= closes


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata"])
def test_hours_are_those_of_the_zone(service: Service, settings: Settings, zone: str) -> None:
    slots = Slots(from_hour=9, to_hour=17, every_minutes=60, days=300, zone=zone)
    service.settings = settings.model_copy(update={"slots": slots})
    assert {slot.astimezone(ZoneInfo(zone)).hour for slot in offered(service, make_exam())} == set(range(9, 17))


def test_where_no_slots_are_set_the_exam_begins_at_any_time(service: Service, settings: Settings, ann: Browser) -> None:
    service.settings = settings
    assert ann.get(f"/exams/{CODE}").status_code == 200
    assert ann.get(f"/exams/{CODE}/slot").status_code == 404


@pytest.mark.parametrize("slot", ["", "x", "1e99", "9" * 30, "1"])
def test_what_is_no_slot_is_refused(ann: Browser, slot: str) -> None:
    assert ann.post(f"/exams/{CODE}/slot", data={"slot": slot}).status_code in {400, 409}


def test_a_booking_goes_with_its_time_and_with_its_person(
    service: Service, moodle: FakeMoodle, ann: Browser, clock: Clock
) -> None:
    slot = offered(service, moodle.exams_due[0])[0]
    book(ann, slot)
    clock.advance(days=4)
    retention.purge(service)
    book(ann, offered(service, moodle.exams_due[0])[0])
    retention.erase_person(service, ANN.email)
    with service.database.begin() as db:
        assert db.query(Booking).count() == 0
