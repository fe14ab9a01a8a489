"""Reviewing: the queue, one session with its evidence, decisions and the conclusion."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from contract.condition import WARNINGS
from contract.entry import CONCLUSIONS
from proctor_engine.store import audit, incidents, reviews
from proctor_engine.store.model import Decision, Delivery, Evidence, ExamSession, Measurement, State
from proctor_engine.web import staff
from proctor_engine.web.current import service
from proctor_engine.web.language import current

pages = Blueprint("review", __name__)

TITLES = {warning.key: warning.title for warning in WARNINGS}
PAGE = 50


@pages.get("/review")
@staff.staff_only("reviewer")
def queue() -> ResponseReturnValue:
    """Those that wait, the highest score first."""
    state = State(request.args.get("state", State.PROPOSED.value))
    page = max(0, request.args.get("page", 0, type=int))
    with service().database.begin() as db:
        query = select(ExamSession).where(ExamSession.state == state, staff.on_duty().sees())
        query = (
            query.order_by(ExamSession.score.desc().nulls_last(), ExamSession.id).limit(PAGE + 1).offset(page * PAGE)
        )
        rows = list(db.scalars(query))
    return render_template("queue.html", rows=rows[:PAGE], page=page, more=len(rows) > PAGE, state=state, states=State)


@pages.get("/review/<session_id>")
@staff.staff_only("reviewer")
def one(session_id: str) -> ResponseReturnValue:
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id)
        audit.record(db, staff.on_duty().name, "review.open", row.id)
        facts = report(db, row)
    return render_template("review.html", session=row, facts=facts, conclusions=CONCLUSIONS)


@pages.get("/api/review/<session_id>")
@staff.staff_only("reviewer")
def facts(session_id: str) -> ResponseReturnValue:
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id)
        audit.record(db, staff.on_duty().name, "review.open", row.id)
        return jsonify(report(db, row))


@pages.post("/api/review/<session_id>/incidents/<int:number>")
@staff.staff_only("reviewer")
def decide(session_id: str, number: int) -> ResponseReturnValue:
    """`{"decision": "confirmed" | "dismissed" | "undecided"}`; answers with the score that follows."""
    try:
        decision = Decision((request.get_json(silent=True) or {}).get("decision"))
    except ValueError:
        abort(422, f"decision: one of {', '.join(Decision)} is needed")
    who = staff.on_duty().name
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id, lock=True)
        if row.state not in {State.PROPOSED, State.CONCLUDED}:
            abort(409, "the analysis has not ended yet")
        try:
            incidents.decide(db, row, number, decision, who)
        except KeyError:
            abort(404, "no such incident")
        db.flush()
        weighed = incidents.weigh(incidents.of_session(db, row.id), row, service().configuration)
        row.score, row.proposal = weighed.value, weighed.conclusion.value
        audit.record(db, who, f"incident.{decision.value}", row.id, str(number))
        return jsonify({"score": row.score, "proposal": row.proposal})


@pages.post("/api/review/<session_id>/conclusion")
@staff.staff_only("reviewer")
def conclude(session_id: str) -> ResponseReturnValue:
    """`{"conclusion": "Clean" | "Suspicious" | "Rules Violation", "comment"?}`."""
    asked = request.get_json(silent=True) or {}
    who = staff.on_duty().name
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id, lock=True)
        try:
            review = reviews.conclude(
                db,
                service().configuration,
                row,
                who,
                str(asked.get("conclusion")),
                str(asked.get("comment") or "")[:4000],
                second_review=service().settings.second_review,
            )
        except ValueError as error:
            abort(422, str(error))
        audit.record(db, who, "review.conclude", row.id, review.conclusion)
        return jsonify({"state": row.state.value, "conclusion": review.conclusion, "score": review.score})


@pages.get("/api/review/<session_id>/evidence/<int:evidence_id>")
@staff.staff_only("reviewer")
def picture(session_id: str, evidence_id: int) -> ResponseReturnValue:
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id)
        piece = db.get(Evidence, evidence_id)
        if piece is None or piece.session_id != row.id:
            abort(404, "no such picture")
        audit.record(db, staff.on_duty().name, "evidence.view", row.id, piece.kind)
    content = service().evidence.get(piece.key)
    kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
    return Response(content, content_type=kind)


def report(db: Session, row: ExamSession) -> dict[str, Any]:
    """All that a reviewer sees, as plain values."""
    found = incidents.of_session(db, row.id)
    weighed = incidents.weigh(found, row, service().configuration)
    pieces = db.scalars(select(Evidence).where(Evidence.session_id == row.id).order_by(Evidence.time))
    tracks = db.scalars(select(Measurement).where(Measurement.session_id == row.id).order_by(Measurement.time))
    delivery = db.scalar(select(Delivery).where(Delivery.session_id == row.id).order_by(Delivery.id.desc()))
    return {
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
            "terms": [{"key": term.key, "points": term.points, "text": str(term)} for term in weighed.terms],
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
                "title": TITLES[incident.type].in_language(current()),
                "start": incident.start,
                "end": incident.end,
                "confidence": incident.confidence,
                "scored": incident.scored,
                "evidence": incident.evidence,
                "detail": incident.detail,
                "decision": incident.decision.value,
            }
            for incident in found
        ],
        "evidence": [{"id": piece.id, "kind": piece.kind, "time": piece.time} for piece in pieces],
        "tracks": [{"time": moment.time, **moment.values} for moment in tracks],
        "messages": [
            {"at": message.at.isoformat(), "kind": message.kind.value, "author": message.author, "text": message.text}
            for message in row.messages
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
