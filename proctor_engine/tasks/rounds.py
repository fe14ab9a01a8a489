"""What is due by the clock. Several processes may go their rounds at once: each piece of work is taken by one."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update

from contract.entry import OPEN_STATUSES
from proctor_engine import clock
from proctor_engine.lms import LmsError
from proctor_engine.service import Service
from proctor_engine.store import retention, sessions
from proctor_engine.store.model import ExamSession
from proctor_engine.tasks import claim, deliver, trim

log = logging.getLogger(__name__)

EVERY = 2.0
CLEANING = 3600.0
DOUBT = 600.0
AWAY = 60.0
"""Seconds, all four. Doubt lasts that after the clock was set, and after we were away ourselves: by then each browser
that is there has been heard again, as its pauses are at most 15 s."""
SILENT = timedelta(seconds=15)
"""A page that is there gives a sign of life more often."""
ASKED_AT_ONCE = 20
HANDED_IN = timedelta(seconds=30)
"""How long a browser may take to send what is left, once Moodle has the answers."""


class Rounds:
    """Goes the rounds until it is told to stop: everything every two seconds, cleaning every hour.

    For a while after the start, after a round that failed and after the clock was set, nobody's silence is believed and
    nothing is deleted. We may have been away ourselves, so that candidates could not be heard; what looks old may have
    been heard of a moment ago; and somebody may set the clock right again.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._stopping = threading.Event()
        self._next_cleaning = self._doubtful_until = time.monotonic()
        self._offset = _offset()
        self._doubt(AWAY)

    def run(self) -> None:
        while not self._stopping.wait(EVERY):
            self.once()

    def stop(self) -> None:
        self._stopping.set()

    def once(self) -> None:
        try:
            self._go()
        except Exception:
            log.exception("a round failed; the next one tries again")
            self._doubt(AWAY)

    @property
    def is_doubtful(self) -> bool:
        return time.monotonic() < self._doubtful_until

    def _doubt(self, seconds: float) -> None:
        self._doubtful_until = max(self._doubtful_until, time.monotonic() + seconds)

    def _go(self) -> None:
        if abs(_offset() - self._offset) > sessions.CLOCK_STEP.total_seconds():
            log.warning("the clock was set by %.0f s", _offset() - self._offset)
            self._offset = _offset()
            self._doubt(DOUBT)
        doubtful = self.is_doubtful
        go(self._service, believe_silence=not doubtful)
        if time.monotonic() >= self._next_cleaning and not doubtful:
            clean(self._service)
            self._next_cleaning = time.monotonic() + CLEANING


def go(service: Service, *, believe_silence: bool = True) -> None:
    mend_times(service)
    if believe_silence:
        ask_about_silent(service)
        end_silent(service)
    deliver.deliver_due(service)


def clean(service: Service) -> None:
    trim.discard(service)
    retention.purge(service)


def mend_times(service: Service) -> None:
    """Where somebody set the clock back, what waits since a time to come would be everybody's last."""
    at = clock.now()
    late = or_(ExamSession.pending_since > at + sessions.CLOCK_STEP, ExamSession.busy_until > at + 2 * claim.LEASE)
    these = (ExamSession.pending_since.is_not(None), late)
    with service.database.read() as db:
        if db.scalar(select(ExamSession.id).where(*these).limit(1)) is None:
            return
    with service.database.begin() as db:
        db.execute(update(ExamSession).where(*these).values(pending_since=at, busy_until=None))


def ask_about_silent(service: Service) -> int:
    """Asks Moodle whether exams whose browser has gone silent are handed in; returns how many are.

    In the `panel` way our frame goes with the quiz's last page, and Moodle's own message waits for its cron. Each
    silence is asked about after `SILENT` and then after ever longer pauses, so that an outage costs a few requests.
    """
    at = clock.now()
    with service.database.read() as db:
        query = select(ExamSession.id, ExamSession.access_code, ExamSession.seen_at, ExamSession.asked_at).where(
            ExamSession.state.in_(sessions.LIVE), ExamSession.handed_in_at.is_(None), ExamSession.seen_at < at - SILENT
        )
        due = [(key, code) for key, code, seen, asked in db.execute(query) if _is_due(at, seen, asked)][:ASKED_AT_ONCE]
    if not due:
        return 0
    with service.database.begin() as db:
        db.execute(update(ExamSession).where(ExamSession.id.in_([key for key, _ in due])).values(asked_at=at))
    try:
        return sum(_is_handed_in(service, session_id, access_code) for session_id, access_code in due)
    except LmsError as error:
        log.info("not told whether exams are handed in: %s", type(error).__name__)
        return 0


def _is_due(at: datetime, seen: datetime | None, asked: datetime | None) -> bool:
    """Whether as much time has passed since the last question as the silence had lasted by then, twice."""
    return seen is None or asked is None or asked < seen or at - asked >= 2 * (asked - seen)


def _is_handed_in(service: Service, session_id: str, access_code: str) -> bool:
    exam = service.moodle.exam(access_code)
    if exam is None or exam.status in {status.value for status in OPEN_STATUSES}:
        return False
    with service.database.begin() as db:
        row = db.get_one(ExamSession, session_id)
        row.handed_in_at = row.handed_in_at or clock.now()
    return True


def end_silent(service: Service) -> int:
    """Ends sessions whose browser was not heard of for long and whose time is up; returns how many.

    A student may lose the network for an hour and come back: as long as the exam's own time runs, we wait.
    """
    at = clock.now()
    limit = timedelta(seconds=service.settings.limits.silence_seconds)
    ended = 0
    with service.database.begin() as db:
        query = select(ExamSession).where(
            ExamSession.state.in_(sessions.LIVE),
            or_(
                ExamSession.seen_at < at - limit,
                and_(ExamSession.handed_in_at < at - HANDED_IN, ExamSession.seen_at < at - HANDED_IN),
            ),
        )
        for row in db.scalars(query.with_for_update(skip_locked=True, of=ExamSession)):
            time_up = sessions.started(row) + timedelta(minutes=sessions.exam_of(row).time_limit_mins) + limit
            if row.handed_in_at is not None or time_up < at:
                sessions.finish(row, "handed in" if row.handed_in_at else "silence")
                ended += 1
    return ended


def _offset() -> float:
    """Seconds between the clock and one that nobody can set."""
    return clock.now().timestamp() - time.monotonic()
