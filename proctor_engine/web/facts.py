"""All that is known of one session, as plain values: what the review page shows and what exports contain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contract.condition import BROWSER_SIGNS, SCORING, WARNINGS
from contract.titles import Language
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import Configuration
from proctor_engine.store import incidents, tracks
from proctor_engine.store.model import Delivery, Evidence, ExamSession, IncidentRow, MessageKind
from proctor_engine.web import words

FORMAT = 1
WEIGHTS = {scoring.key: scoring.title for scoring in SCORING}
TITLES = {warning.key: warning.title for warning in WARNINGS}


def gather(db: Session, row: ExamSession, configuration: Configuration, language: Language) -> dict[str, Any]:
    """Titles are in `language`; everything else is as stored."""
    found = incidents.of_session(db, row.id)
    weighed = incidents.weigh(found, row, configuration)
    pieces = db.scalars(select(Evidence).where(Evidence.session_id == row.id).order_by(Evidence.time))
    delivery = db.scalar(select(Delivery).where(Delivery.session_id == row.id).order_by(Delivery.id.desc()))
    return {
        "format": FORMAT,
        "id": row.id,
        "state": row.state.value,
        "candidate": row.person.name,
        "exam": row.exam_name,
        "course": row.course_name,
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "duration": row.analysed_seconds,
        "identity": row.identity,
        "score": {
            "value": weighed.value,
            "attention": weighed.attention,
            "rejected": weighed.rejected,
            "terms": [
                {
                    "key": term.key,
                    "title": WEIGHTS[term.key].in_language(language),
                    "points": term.points,
                    "text": words.term(term),
                }
                for term in weighed.terms
            ],
        },
        "proposal": weighed.conclusion.value,
        "conclusion": row.conclusion,
        "frames": {
            "received": row.frames_received,
            "shed": row.frames_shed,
            "missing": row.chunks_missing,
            "late": row.chunks_late,
        },
        "incidents": [
            {
                "number": incident.number,
                "type": incident.type,
                "title": TITLES[incident.type].in_language(language),
                "start": incident.start,
                "end": incident.end,
                "confidence": incident.confidence,
                "scored": incident.scored,
                "evidence": incident.evidence,
                "detail": incident.detail,
                "decision": incident.decision.value,
                "by": incident.decided_by,
            }
            for incident in found
        ],
        "evidence": [
            {"id": piece.id, "kind": piece.kind, "time": piece.time, "key": piece.key.partition("/")[2]}
            for piece in pieces
        ],
        "tracks": _with_focus(tracks.of_session(db, row.id), row, found),
        "messages": [
            {
                "at": message.at.isoformat(),
                "time": (message.at - row.started_at).total_seconds() if row.started_at else None,
                "kind": message.kind.value,
                "author": message.author,
                "text": words.notice(message) if message.kind is MessageKind.EVENT else message.text,
            }
            for message in sorted(row.messages, key=lambda message: message.at)
        ],
        "reviews": [
            {
                "at": review.at.isoformat(),
                "reviewer": review.reviewer,
                "conclusion": review.conclusion,
                "comment": review.comment,
                "score": review.score,
            }
            for review in row.reviews
        ],
        "delivery": {"state": delivery.state.value, "error": delivery.error} if delivery else None,
    }


def _with_focus(moments: list[dict[str, Any]], row: ExamSession, found: Sequence[IncidentRow]) -> list[dict[str, Any]]:
    """Adds whether the exam's window was in front. Where a rule silences that, nobody was told."""
    left = BROWSER_SIGNS["window_left"]
    if ExamCondition.from_module(row.exam).silences(left):
        return moments
    away = [(int(incident.start), incident.end) for incident in found if incident.type == left]
    return [
        {**moment, "focus": int(not any(start <= moment["time"] <= end for start, end in away))} for moment in moments
    ]
