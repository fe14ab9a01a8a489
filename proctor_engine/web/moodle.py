"""What Moodle itself says to us: tickets of its quiz pages, and pushed events."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from contract.condition import BROWSER_SIGNS
from contract.panel import PANEL_PATH
from contract.push import PUSH_PATH, RETRY_FOR_SECONDS, PushEvent
from proctor_engine import clock
from proctor_engine.lms import Profile, push
from proctor_engine.lms.panel import PanelKeys, Ticket, TicketError
from proctor_engine.settings import origin
from proctor_engine.store import audit, retention, sessions
from proctor_engine.store.model import ExamSession, State, UsedToken
from proctor_engine.web import holding, language, tokens, words
from proctor_engine.web.capture import progress
from proctor_engine.web.current import fields, opened, service
from proctor_engine.web.limits import A_HALL, csrf, limiter, whose

pages = Blueprint("moodle", __name__)
csrf.exempt(pages)  # Each request here carries Moodle's own signature, or the candidate's token.


def keys() -> PanelKeys:
    settings = service().settings
    return PanelKeys(settings.moodle.panel_keys, settings.moodle.url, settings.public_url)


@pages.get(PANEL_PATH)
def panel() -> ResponseReturnValue:
    """The small frame on Moodle's quiz pages. It knows nobody until it is given a ticket."""
    settings = service().settings
    page = {"moodle": settings.moodle.origin, "panel": True, "framed": False, "signs": BROWSER_SIGNS}
    return render_template("panel.html", page=page, words=words.room())


@pages.post("/api/panel/open")
@limiter.limit(A_HALL)
def open_panel() -> ResponseReturnValue:
    """For a ticket, the session that it belongs to: how to go on with it, or that it must be prepared first.

    `language` is that of Moodle's page, if we speak it: the frame knows only what the browser prefers.
    """
    ticket = _ticket()
    spoken = language.known(ticket.language)
    with service().database.begin() as db:
        row = sessions.by_access_code(db, ticket.access_code, lock=True)
        if row is None or row.person.email != ticket.email or row.state is State.PREPARED:
            return jsonify({"state": "unprepared", "language": spoken})
        if row.state is State.IDENTIFIED:
            sessions.start(row, service().settings.retention)
            audit.record(db, row.person.email, "session.start", row.id)
        if row.state in sessions.LIVE:
            holding.hold(db, row, again=False)
        return jsonify(progress(db, row) | {"language": spoken})


@pages.post(f"{PANEL_PATH}/prepare")
@limiter.limit(A_HALL)
def prepare() -> ResponseReturnValue:
    """Signs in whom a ticket names, in a window of our own, for consent and identification. A ticket does this once."""
    if request.origin not in {None, origin(service().settings.public_url)}:
        abort(403, "This was not sent from the quiz page. Open it again there.")
    ticket = _ticket(request.form.get("ticket", ""))
    with service().database.begin() as db:
        db.add(UsedToken(token_id=ticket.nonce, expires_at=datetime.fromtimestamp(ticket.expires, timezone.utc)))
        try:
            db.flush()
        except IntegrityError:
            abort(403, "This link was used already. Open it again from the quiz page.")
    profile = Profile(id=ticket.user_id, email=ticket.email, firstname=ticket.name, lang=ticket.language)
    opened(profile=profile.model_dump())
    return redirect(url_for("exams.before", access_code=ticket.access_code))


@pages.post("/api/sessions/<session_id>/proof")
@limiter.limit("60 per minute", key_func=whose)
def proof(session_id: str) -> ResponseReturnValue:
    """A proof for a quiz page's ticket, while this session's camera is being received."""
    if tokens.capture().session != session_id:
        abort(403, "the token belongs to another session")
    ticket = _ticket()
    with service().database.begin() as db:
        row = db.get(ExamSession, session_id)
        if row is None or row.access_code != ticket.access_code or row.person.email != ticket.email:
            abort(403, "the ticket belongs to another exam")
        holding.must_hold(row)
        if row.state is State.PAUSED:
            abort(409, "the proctor has paused the exam")
        if not _is_watched(row):
            abort(409, "no picture has come from the camera lately")
    return jsonify({"proof": keys().prove(ticket)})


@pages.post(PUSH_PATH)
@limiter.limit("600 per minute")
def event() -> ResponseReturnValue:
    """Events may come late, twice and out of order: each is remembered, and what it asks for is asked of the state."""
    try:
        pushed = push.read(service().settings.moodle.push_keys, dict(request.headers), request.get_data(cache=False))
    except push.PushError as error:
        abort(403, str(error))
    if pushed.type == PushEvent.ENTRIES_ERASED:
        # Answered once it is done, and again harmlessly: until then Moodle asks again.
        erased = retention.erase_exams(service(), pushed.access_codes)
        with service().database.begin() as db:
            audit.record(db, "moodle", "exams.erase", detail=str(erased))
        return jsonify({"seen": False, "erased": erased})
    with service().database.begin() as db:
        if db.get(UsedToken, pushed.id[:64]) is not None:
            return jsonify({"seen": True})
        until = clock.now() + timedelta(seconds=RETRY_FOR_SECONDS * 2)
        db.add(UsedToken(token_id=pushed.id[:64], expires_at=until))
        row = sessions.by_access_code(db, pushed.access_code)
        over = pushed.type in {PushEvent.ATTEMPT_SUBMITTED, PushEvent.ATTEMPT_ABANDONED}
        ended = over and row is not None and row.state in sessions.LIVE
        if ended and row is not None:
            row.handed_in_at = clock.now()
    return jsonify({"seen": False})


def _is_watched(row: ExamSession) -> bool:
    """The first page asks before the first frame can be there."""
    if row.state not in sessions.LIVE or row.seen_at is None:
        return False
    return clock.now() - row.seen_at < timedelta(seconds=60)


def _ticket(token: str | None = None) -> Ticket:
    try:
        return keys().read(str(fields().get("ticket")) if token is None else token)
    except TicketError as error:
        abort(403, str(error))
