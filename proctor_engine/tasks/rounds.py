"""What is due by the clock. Several processes may go their rounds at once: each piece of work is taken by one."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, or_, select, update

from proctor_engine import clock
from proctor_engine.service import Service
from proctor_engine.store import retention, sessions
from proctor_engine.store.model import ExamSession
from proctor_engine.tasks import claim, deliver, trim

HANDED_IN = timedelta(seconds=30)
"""How long a browser may take to send what is left, once Moodle has the answers."""


def go(service: Service) -> None:
    mend_times(service)
    end_silent(service)
    deliver.deliver_due(service)


def clean(service: Service) -> None:
    """Hourly."""
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
