"""What a person saw with their own eyes: an incident like the analysis's own, with a name behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort
from sqlalchemy.orm import Session

from contract.condition import WARNINGS
from proctor_engine.condition import ExamCondition
from proctor_engine.incidents import Incident
from proctor_engine.incidents.rules import REPORTED
from proctor_engine.store import audit, incidents, sessions
from proctor_engine.store.model import ExamSession, State
from proctor_engine.tasks import objects
from proctor_engine.web.current import TEXT_LENGTH, service, written
from proctor_engine.web.language import current


def choices(row: ExamSession) -> list[tuple[str, str]]:
    """Keys and titles of what may be marked in this exam: its rules silence some."""
    condition = ExamCondition.from_module(row.exam)
    return [
        (warning.key, warning.title.in_language(current()))
        for warning in WARNINGS
        if warning.key in incidents.MARKABLE and not condition.silences(warning.key)
    ]


def unseen(row: ExamSession) -> list[str]:
    """Titles of what this exam forbids and no object detector of ours looks for in its pictures."""
    unseen = objects.DETECTABLE - objects.looked_for(service().settings.detector)
    return [title for key, title in choices(row) if key in unseen]


def mark(db: Session, row: ExamSession, asked: Mapping[str, Any], who: str) -> int:
    """Adds `{"type", "start"?, "end"?, "detail"?}`, now where no time is given; returns its number."""
    now = sessions.seconds_since_start(row)
    start = _time(asked.get("start"), now, now)
    end = _time(asked.get("end"), start, now)
    if end < start:
        abort(422, "end: before the start")
    detail = written(asked.get("detail"), TEXT_LENGTH) or None
    seen = Incident(
        number=0,
        type=str(asked.get("type")),
        rule=REPORTED,
        start=start,
        end=end,
        open=False,
        confidence=1.0,
        scored=True,
        evidence=(start,),
        detail=detail,
    )
    try:
        added = incidents.mark(db, row, seen, who)
    except ValueError as error:
        abort(422, str(error))
    weigh(db, row)
    audit.record(db, who, "incident.mark", row.id, str(added.number))
    return added.number


def weigh(db: Session, row: ExamSession) -> None:
    """The score follows what people decide, and after the analysis the proposal does too."""
    weighed = incidents.weigh(incidents.of_session(db, row.id), row, service().configuration)
    row.score = weighed.value
    if row.state in {State.PROPOSED, State.CONCLUDED}:
        row.proposal = weighed.conclusion.value


def _time(value: Any, default: float, latest: float) -> float:
    if value is None:
        return default
    if not isinstance(value, int | float) or isinstance(value, bool):
        abort(422, "start, end: seconds since the session's start are needed")
    return float(max(0, min(value, latest)))
