"""What a candidate's browser sends while the exam runs. Every answer carries what the page should know next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, lazyload

from contract.condition import BROWSER_SIGNS
from proctor_engine import clock
from proctor_engine.condition import ExamCondition
from proctor_engine.store import chunks, notices, sessions
from proctor_engine.store.model import Decision, ExamSession, IncidentRow, Kind, Message, MessageKind
from proctor_engine.store.notices import Notice
from proctor_engine.tasks.shed import frame_interval
from proctor_engine.web import holding, tokens
from proctor_engine.web.current import TEXT_LENGTH, fields, is_seconds, natural, service, written
from proctor_engine.web.limits import Pace, csrf, limiter, whose
from proctor_engine.web.phone import phone_state
from proctor_engine.web.pictures import body, jpeg

api = Blueprint("capture", __name__, url_prefix="/api/sessions/<session_id>")
csrf.exempt(api)  # Opened by a bearer token, which no other site can make a browser send.

REPORTABLE = frozenset(BROWSER_SIGNS.values())
"""A browser reports what happens in a browser. What cameras and people see is not for it to say."""
NOTICEABLE = frozenset(notice.value for notice in notices.BROWSERS)
PCM_SAMPLE = 2

pace = Pace()

# Put together once: each is asked with every frame.
_SESSION = (
    select(ExamSession)
    .where(ExamSession.id == bindparam("session"))
    .options(lazyload(ExamSession.person))
    .with_for_update()
)
_MESSAGES = (
    select(Message.id, Message.kind, Message.from_staff, Message.text, Message.at)
    .where(
        Message.session_id == bindparam("session"),
        Message.id > bindparam("after"),
        Message.kind.in_((MessageKind.CHAT, MessageKind.WARN)),
    )
    .order_by(Message.id)
)
_GOING_ON = (
    select(IncidentRow.type, IncidentRow.start)
    .where(
        IncidentRow.session_id == bindparam("session"),
        IncidentRow.open,
        IncidentRow.decision != Decision.DISMISSED,
    )
    .order_by(IncidentRow.start, IncidentRow.number)
)


@api.before_request
def _authorise() -> None:
    session_id = whose()
    if tokens.capture().session != session_id:
        abort(403, "the token belongs to another session")
    if not pace.allows(f"{session_id} {request.endpoint}", service().settings.limits.chunks_per_minute):
        abort(429)


@api.post("/frames")
def frames(session_id: str) -> ResponseReturnValue:
    """One JPEG; `sequence` and `time` in the query."""
    return _accept(session_id, Kind.FRAME, jpeg())


@api.post("/screen")
def screen(session_id: str) -> ResponseReturnValue:
    """One JPEG of the shared screen, where the settings ask for it."""
    if not service().settings.screen_interval:
        abort(403, "pictures of the screen are not asked for")
    return _accept(session_id, Kind.SCREEN, jpeg())


@api.post("/audio")
def audio(session_id: str) -> ResponseReturnValue:
    """Signed 16-bit little-endian mono sound at 16 kHz that begins at `time`."""
    content = body(service().settings.limits.audio_bytes)
    if len(content) % PCM_SAMPLE:
        abort(422, "audio: an odd number of bytes is not 16-bit sound")
    return _accept(session_id, Kind.AUDIO, content)


@api.post("/events")
def events(session_id: str) -> ResponseReturnValue:
    """`{"events": [{"type", "start", "end"?, "detail"?}]}`: warnings, and notices, which only have a start."""
    listed = fields().get("events")
    if not isinstance(listed, list) or len(listed) > service().settings.limits.events_per_request:
        abort(422, "events: a list of at most 100 events is needed")
    latest = _number("time", float) + service().settings.limits.clock_tolerance
    told = [_event(event, latest) for event in listed]
    warned = [event for event in told if event["type"] in REPORTABLE]
    noticed = [event for event in told if event["type"] not in REPORTABLE]
    return _accept(session_id, Kind.EVENTS, json.dumps(warned).encode(), noticed)


@api.post("/alive")
def alive(session_id: str) -> ResponseReturnValue:
    """A sign of life, and the way for messages to reach a page that has nothing to send."""
    with service().database.begin() as db:
        row = _row(db, session_id)
        if row.state in sessions.LIVE:
            sessions.seen(row)
        return jsonify(_news(db, row))


@api.post("/resume")
def resume(session_id: str) -> ResponseReturnValue:
    """For a page that was left and comes back with its token: where the session stands, and how to go on."""
    with service().database.begin() as db:
        return jsonify(progress(db, _row(db, session_id)))


def progress(db: Session, row: ExamSession) -> dict[str, Any]:
    """What a page needs to watch on: the session's clock, the next number, and a fresh token."""
    return {
        "session": row.id,
        "state": row.state.value,
        "token": tokens.issue_capture(row.id, row.holder),
        "elapsed": sessions.seconds_since_start(row),
        "frame_interval": frame_interval(row, service().settings),
        "next_sequence": chunks.next_sequence(db, row),
    }


@api.post("/messages")
@limiter.limit("30 per minute", key_func=whose)
def say(session_id: str) -> ResponseReturnValue:
    text = written(fields().get("text"), TEXT_LENGTH)
    if not text:
        abort(422, "text: 1 to 500 characters are needed")
    with service().database.begin() as db:
        row = _row(db, session_id)
        name = row.person.name
        db.add(
            Message(session_id=row.id, at=clock.now(), kind=MessageKind.CHAT, from_staff=False, author=name, text=text)
        )
        db.flush()
        return jsonify(_news(db, row)), 201


@api.post("/finish")
def finish(session_id: str) -> ResponseReturnValue:
    """Ends the session. The page sends all that waits before it calls this."""
    with service().database.begin() as db:
        row = _row(db, session_id)
        sessions.finish(row, "candidate")
        answer = {"state": row.state.value}
    service().announce(session_id)
    return jsonify(answer)


def _accept(session_id: str, kind: Kind, content: bytes, noticed: Sequence[dict[str, Any]] = ()) -> ResponseReturnValue:
    arrival = chunks.Arrival(_number("sequence", int), kind, _number("time", float), content)
    engine = service()
    with engine.database.begin() as db:
        row = _row(db, session_id)
        receipt = chunks.accept(db, engine.evidence, engine.vault, row, arrival, engine.settings.limits.clock_tolerance)
        for event in () if receipt.duplicate else noticed:
            notices.record(db, row, Notice(event["type"]), event["detail"] or "", time=event["start"])
        answer = {"duplicate": receipt.duplicate, "late": receipt.late, **_news(db, row)}
    engine.announce(session_id)
    return jsonify(answer), 202


def _news(db: Session, row: ExamSession) -> dict[str, Any]:
    """State, our clock, the asked-for frame rate, new messages, and the warnings that this candidate may see."""
    messages = {"session": row.id, "after": request.args.get("after", 0, type=natural)}
    return {
        "state": row.state.value,
        "elapsed": sessions.seconds_since_start(row) if row.started_at else 0.0,
        "frame_interval": frame_interval(row, service().settings),
        "phone": phone_state(row, service().settings),
        "handed_in": row.handed_in_at is not None,
        "messages": [
            {"id": number, "kind": kind.value, "from_staff": from_staff, "text": text, "at": at.isoformat()}
            for number, kind, from_staff, text, at in db.execute(_MESSAGES, messages)
        ],
        "warnings": _warnings(db, row),
    }


def _warnings(db: Session, row: ExamSession) -> list[dict[str, Any]]:
    """What goes on now and this candidate may see."""
    going_on = db.execute(_GOING_ON, {"session": row.id}).all()
    if not going_on:
        return []
    condition = ExamCondition.from_module(row.exam)
    return [{"type": kind, "start": start} for kind, start in going_on if condition.shows(kind)]


def _row(db: Session, session_id: str) -> ExamSession:
    row = db.scalar(_SESSION, {"session": session_id})
    if row is None:
        abort(404, "no such session")
    holding.must_hold(row)
    return row


def _number(name: str, kind: type[int] | type[float]) -> Any:
    try:
        value = kind(request.args[name])
    except (KeyError, ValueError):
        abort(422, "sequence, time: numbers are needed in the query")
    if not is_seconds(value):
        abort(422, "sequence, time: out of range")
    return value


def _event(event: Any, latest: float) -> dict[str, Any]:
    if not isinstance(event, dict) or str(event.get("type")) not in REPORTABLE | NOTICEABLE:
        abort(422, "type: not something that a browser can report")
    start, end = event.get("start"), event.get("end")
    times: list[Any] = [start] if end is None else [start, end]
    if not all(map(is_seconds, times)) or times != sorted(times):
        abort(422, "start, end: seconds since the session's start are needed")
    if times[-1] > latest:
        abort(422, "start, end: later than the time of the report")
    return {
        "type": event["type"],
        "start": start,
        "end": end,
        "detail": written(event.get("detail"), TEXT_LENGTH) or None,
    }
