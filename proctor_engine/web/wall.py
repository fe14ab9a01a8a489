"""The proctor's pages: the wall of an exam's candidates, and one candidate close up."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.store import audit, sessions
from proctor_engine.store.model import (
    Chunk,
    ExamSession,
    IncidentRow,
    Kind,
    Message,
    MessageKind,
    Person,
    Purpose,
    State,
)
from proctor_engine.web import marks, pictures, staff, words
from proctor_engine.web.current import TEXT_LENGTH, fields, service, stands, written
from proctor_engine.web.facts import gather
from proctor_engine.web.language import current
from proctor_engine.web.phone import phone_state, state_of_phone

pages = Blueprint("wall", __name__)

LOOK = 1.0
"""Seconds between looks at the database for one stream."""
STREAM = 25.0
"""Seconds after which a stream ends; the browser opens the next by itself. It keeps dead ones from piling up."""
SHOWN = frozenset({State.PREPARED, State.IDENTIFIED, State.RUNNING, State.PAUSED, State.FINISHED})
RECENT = timedelta(hours=12)
SAID = frozenset({MessageKind.CHAT, MessageKind.WARN, MessageKind.NOTE})


@pages.get("/wall")
@staff.staff_only("proctor")
def exams() -> ResponseReturnValue:
    """Exams that somebody takes now or took lately."""
    query = (
        select(
            ExamSession.course_id,
            ExamSession.cm_id,
            func.max(ExamSession.course_name),
            func.max(ExamSession.exam_name),
            func.count(),
        )
        .where(staff.on_duty().sees(), ExamSession.state.in_(SHOWN), ExamSession.created_at > clock.now() - RECENT)
        .group_by(ExamSession.course_id, ExamSession.cm_id)
    )
    with service().database.begin() as db:
        return render_template("wall/exams.html", exams=db.execute(query).all())


@pages.get("/wall/<int:course_id>/<int:cm_id>")
@staff.staff_only("proctor")
def candidates(course_id: int, cm_id: int) -> ResponseReturnValue:
    _must_see(course_id)
    with service().database.begin() as db:
        name = db.scalar(
            select(ExamSession.exam_name).where(ExamSession.course_id == course_id, ExamSession.cm_id == cm_id).limit(1)
        )
        audit.record(db, staff.on_duty().name, "wall.open", detail=_of_exam(course_id, cm_id))
    if name is None:
        abort(404, "nobody has come to this exam yet")
    return render_template("wall/wall.html", name=name, course_id=course_id, cm_id=cm_id, words=words.wall())


@pages.get("/api/wall/<int:course_id>/<int:cm_id>")
@staff.staff_only("proctor")
def snapshot(course_id: int, cm_id: int) -> ResponseReturnValue:
    _must_see(course_id)
    staff.looked("wall.open", detail=_of_exam(course_id, cm_id))
    with service().database.read() as db:
        return jsonify({"candidates": list(_cards(db, course_id, cm_id).values())})


@pages.get("/api/wall/<int:course_id>/<int:cm_id>/stream")
@staff.staff_only("proctor")
def stream(course_id: int, cm_id: int) -> ResponseReturnValue:
    """Server-sent events: first everybody, then whoever has changed."""
    _must_see(course_id)
    staff.looked("wall.open", detail=_of_exam(course_id, cm_id))

    # Each stream holds a thread: who comes when all places are taken gets one answer and asks again.
    places: threading.BoundedSemaphore = current_app.extensions["proctor_streams"]
    signed_in = select(stands(staff.on_duty().name))

    def events() -> Iterator[str]:
        known: dict[str, str] = {}
        begun = False
        stays = places.acquire(blocking=False)
        try:
            until = time.monotonic() + (STREAM if stays else 0)
            while True:
                with service().database.read() as db:
                    if not db.scalar(signed_in):
                        return
                    cards = _cards(db, course_id, cm_id)
                changed = []
                for session_id, card in cards.items():
                    digest = json.dumps(card, sort_keys=True)
                    if known.get(session_id) != digest:
                        known[session_id] = digest
                        changed.append(card)
                # A comment keeps the line open, and finds out whether anybody still listens.
                told = changed or not begun  # That nobody is there is told, too.
                yield f"retry: 2000\ndata: {json.dumps(changed)}\n\n" if told else ": still here\n\n"
                begun = True
                if time.monotonic() >= until:
                    return
                time.sleep(LOOK)
        finally:
            if stays:
                places.release()

    return Response(stream_with_context(events()), content_type="text/event-stream")


@pages.get("/wall/session/<session_id>")
@staff.staff_only("proctor")
def one(session_id: str) -> ResponseReturnValue:
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id)
        audit.record(db, staff.on_duty().name, "session.watch", row.id)
    told = {"marks": marks.choices(row), "unseen": marks.unseen(row), "words": {**words.review(), **words.wall()}}
    return render_template("wall/one.html", session=row, **told)


@pages.get("/api/wall/session/<session_id>")
@staff.staff_only("proctor")
def facts(session_id: str) -> ResponseReturnValue:
    with service().database.read() as db:
        row = staff.session_of_course(db, session_id)
        live = {"online": _online(row.seen_at), "phone": phone_state(row, service().settings)}
        told = {**gather(db, row, service().configuration, current()), **live}
    staff.looked("session.watch", session_id)
    return jsonify(told)


@pages.get("/api/wall/session/<session_id>/picture")
@staff.staff_only("proctor")
def picture(session_id: str) -> ResponseReturnValue:
    """The newest frame; `?small` for the wall."""
    query = select(Chunk.evidence_key).where(
        Chunk.session_id == session_id, Chunk.kind == Kind.FRAME, Chunk.evidence_key.is_not(None), ~Chunk.discard
    )
    with service().database.read() as db:
        row = staff.session_of_course(db, session_id)
        key = db.scalar(query.order_by(Chunk.sequence.desc()).limit(1))
    if key is None:
        abort(404, "no picture yet")
    if "small" in request.args:
        staff.looked("wall.open", detail=_of_exam(row.course_id, row.cm_id))
    else:
        staff.looked("session.watch", session_id)
    tag = hashlib.sha256(f"{key} {'small' in request.args}".encode()).hexdigest()[:16]
    if tag in request.if_none_match:
        return Response(status=304)
    content = pictures.kept(key)
    if "small" in request.args:
        content = pictures.thumbnail(content)
    response = Response(content, content_type="image/jpeg", headers={"Cache-Control": "private, no-cache"})
    response.set_etag(tag)
    return response


@pages.get("/api/wall/session/<session_id>/evidence/<int:evidence_id>")
@staff.staff_only("proctor")
def surroundings(session_id: str, evidence_id: int) -> ResponseReturnValue:
    """A picture of the phone or of the shared screen, or one by which to tell who it is."""
    return pictures.evidence(session_id, evidence_id, only={Purpose.SURROUNDINGS, Purpose.IDENTIFICATION})


@pages.post("/api/wall/session/<session_id>/say")
@staff.staff_only("proctor")
def say(session_id: str) -> ResponseReturnValue:
    """`{"kind": "chat" | "warn" | "note", "text": …}`; a note is for staff only."""
    asked = fields()
    text = written(asked.get("text"), TEXT_LENGTH)
    if asked.get("kind") not in list(SAID) or not text:
        abort(422, "kind and text (1 to 500 characters) are needed")
    kind = MessageKind(asked["kind"])
    who = staff.on_duty().name
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id, lock=True)
        db.add(Message(session_id=row.id, at=clock.now(), kind=kind, from_staff=True, author=who, text=text))
        audit.record(db, who, f"message.{kind.value}", row.id)
    return jsonify({}), 201


@pages.post("/api/wall/session/<session_id>/mark")
@staff.staff_only("proctor")
def mark(session_id: str) -> ResponseReturnValue:
    """`{"type", "detail"?}`: what the proctor sees now."""
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id, lock=True)
        if row.state not in sessions.LIVE:
            abort(409, "the exam is not running")
        return jsonify({"number": marks.mark(db, row, fields(), staff.on_duty().name)}), 201


@pages.post("/api/wall/session/<session_id>/<any(pause, resume, stop, identify):order>")
@staff.staff_only("proctor")
def command(session_id: str, order: str) -> ResponseReturnValue:
    """`identify` says that a person has compared the pictures and they agree."""
    who = staff.on_duty().name
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id, lock=True)
        if order == "stop":
            sessions.finish(row, "proctor")
        elif order == "identify":
            row.identity = "person"
            if row.state is State.PREPARED:
                sessions.move(row, State.IDENTIFIED)
        else:
            sessions.move(row, State.PAUSED if order == "pause" else State.RUNNING)
        audit.record(db, who, f"session.{order}", row.id)
        state = row.state.value
    service().announce(session_id)
    return jsonify({"state": state})


def _of_exam(course_id: int, cm_id: int) -> str:
    return f"course {course_id}, module {cm_id}"


def _must_see(course_id: int) -> None:
    courses = staff.on_duty().courses
    if courses is not None and course_id not in courses:
        abort(404, "no such exam in your courses")


def _online(seen_at: datetime | None) -> bool:
    return seen_at is not None and clock.now() - seen_at < sessions.ALIVE


def _cards(db: Session, course_id: int, cm_id: int) -> dict[str, dict[str, Any]]:
    """One card a candidate, in three queries however many there are, of no more than the cards show."""
    of_exam = (ExamSession.course_id == course_id, ExamSession.cm_id == cm_id, ExamSession.state.in_(SHOWN))
    rows = db.execute(
        select(
            ExamSession.id,
            Person.name,
            ExamSession.state,
            ExamSession.score,
            ExamSession.identity,
            ExamSession.seen_at,
            ExamSession.phone_seen_at,
            ExamSession.exam["auxiliary_camera"].as_boolean().label("wants_phone"),
        )
        .join(Person)
        .where(*of_exam)
    ).all()
    opened: dict[str, set[str]] = defaultdict(set)
    query = select(IncidentRow.session_id, IncidentRow.type).join(ExamSession, IncidentRow.session_id == ExamSession.id)
    for session_id, kind in db.execute(query.where(*of_exam, IncidentRow.open)):
        opened[session_id].add(kind)
    latest: dict[tuple[str, bool], int] = {}
    talk = select(Message.session_id, Message.from_staff, func.max(Message.id)).where(Message.kind == MessageKind.CHAT)
    talk = talk.join(ExamSession, Message.session_id == ExamSession.id).where(*of_exam)
    for session_id, from_staff, number in db.execute(talk.group_by(Message.session_id, Message.from_staff)):
        latest[session_id, from_staff] = number
    return {
        row.id: {
            "id": row.id,
            "name": row.name,
            "state": row.state.value,
            "score": row.score or 0,
            "identity": row.identity,
            "online": _online(row.seen_at),
            "phone": state_of_phone(row.wants_phone, row.phone_seen_at, service().settings),
            "open": sorted(opened[row.id]),
            "asks": latest.get((row.id, False), 0) > latest.get((row.id, True), 0),
        }
        for row in rows
    }
