"""What is due by the clock. Several processes may go their rounds at once: each piece of work is taken by one."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from proctor_engine import clock
from proctor_engine.service import Service
from proctor_engine.store import sessions
from proctor_engine.store.model import ExamSession
from proctor_engine.tasks import deliver


def go(service: Service) -> None:
    end_silent(service)
    deliver.deliver_due(service)


def end_silent(service: Service) -> int:
    """Ends sessions whose browser was not heard of for long and whose time is up; returns how many.

    A student may lose the network for an hour and come back: as long as the exam's own time runs, we wait.
    """
    at = clock.now()
    limit = timedelta(seconds=service.settings.limits.silence_seconds)
    ended = 0
    with service.database.begin() as db:
        query = select(ExamSession).where(ExamSession.state.in_(sessions.LIVE), ExamSession.seen_at < at - limit)
        for row in db.scalars(query.with_for_update(skip_locked=True, of=ExamSession)):
            minutes = sessions.exam_of(row).time_limit_mins
            if row.started_at and row.started_at + timedelta(minutes=minutes) + limit < at:
                sessions.finish(row, "silence")
                ended += 1
    return ended
