"""One exam, one browser: which one watches, and how another takes over."""

from __future__ import annotations

import json
from datetime import datetime

from flask import abort
from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.store import audit, chunks, notices, sessions
from proctor_engine.store.model import ExamSession, Kind
from proctor_engine.store.notices import Notice
from proctor_engine.web import tokens
from proctor_engine.web.current import fields, service

NAME_LENGTH = 32


def must_hold(row: ExamSession) -> None:
    """Raises `ElsewhereError` for a token whose browser has lost the session to another."""
    if tokens.capture().holder != row.holder:
        raise sessions.ElsewhereError("this exam is being watched in another browser")


def hold(db: Session, row: ExamSession, *, again: bool) -> None:
    """Gives a running session to the browser that asks, by the name it sends: `{"holder"?, "take_over"?}`.

    `again` tells that the same browser coming back is worth a notice. Raises `ElsewhereError`, which the page answers
    by offering to take over; the browser that had the session learns of it from its next upload.
    """
    asked = fields()
    holder = asked.get("holder")
    if holder is not None and not (isinstance(holder, str) and 0 < len(holder) <= NAME_LENGTH):
        abort(422, "holder: a name of at most 32 characters is needed")
    last = row.seen_at
    if sessions.hold(row, holder, take_over=asked.get("take_over") is True):
        _end_signs(db, row, last)
        notices.record(db, row, Notice.TAKEN_OVER)
        audit.record(db, row.person.email, "session.take-over", row.id)
    elif again:
        notices.record(db, row, Notice.RELOADED)


def _end_signs(db: Session, row: ExamSession, last: datetime | None) -> None:
    """What the browser before had told the beginning of, it cannot tell the end of: its last sign of life is the end.

    A chunk of our own says so, behind all that the browser has sent: the analysis comes to it in its turn.
    """
    engine = service()
    time = ((last or clock.now()) - sessions.started(row)).total_seconds()
    told = json.dumps([{"type": Notice.TAKEN_OVER.value, "start": time}]).encode()
    arrival = chunks.Arrival(chunks.next_sequence(db, row), Kind.EVENTS, time, told)
    chunks.accept(db, engine.evidence, engine.vault, row, arrival, engine.settings.limits.clock_tolerance)
