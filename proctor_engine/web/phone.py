"""The phone as the second camera: it joins by a one-time link, with a consent of its own, and sends a picture now and
then that is kept for a person to look at."""

from __future__ import annotations

import io
import secrets
from datetime import datetime, timedelta
from typing import Any

import segno
from flask import Blueprint, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature
from PIL import Image, ImageStat
from sqlalchemy import select
from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.settings import Settings
from proctor_engine.store import audit, notices, sessions
from proctor_engine.store.model import Consent, Evidence, ExamSession, Purpose, State, UsedToken
from proctor_engine.store.notices import Notice
from proctor_engine.web import current, tokens, words
from proctor_engine.web.consent import phone_text
from proctor_engine.web.limits import A_HALL, csrf, limiter, whose
from proctor_engine.web.pictures import jpeg

pages = Blueprint("phone", __name__)

LINK_SECONDS = 600
PHONE_HOURS = 12
MISSED = 4
"""Pictures that may fail to come before the phone counts as away."""
EVEN = 4.0
"""Standard deviation of luma, 0..255, below which a lens is covered."""
_LOOKS = frozenset({Notice.PHONE_COVERED, Notice.PHONE_FROZEN, Notice.PHONE_CLEAR})
_BEFORE_AND_WHILE = frozenset({State.PREPARED, State.IDENTIFIED, *sessions.LIVE})


def phone_state(row: ExamSession, settings: Settings) -> str:
    return state_of_phone(bool(row.exam["auxiliary_camera"]), row.phone_seen_at, settings)


def state_of_phone(wanted: bool, seen_at: datetime | None, settings: Settings) -> str:
    """`off` where none is asked for, else `waiting`, `good` or `away`."""
    if not wanted:
        return "off"
    if seen_at is None:
        return "waiting"
    return "good" if clock.now() - seen_at < timedelta(seconds=MISSED * settings.phone_interval) else "away"


@pages.post("/api/sessions/<session_id>/phone")
@current.sign_in_required
@limiter.limit("60 per minute", key_func=whose)
def invite(session_id: str) -> ResponseReturnValue:
    """How the phone is doing; for `{"link": true}` also a fresh link and its QR code, good for one phone."""
    with current.service().database.begin() as db:
        row = current.own_session(db, session_id)
        answer: dict[str, Any] = {"phone": phone_state(row, current.service().settings)}
    if answer["phone"] != "off" and current.fields().get("link") is True:
        token = tokens.issue("phone-link", [session_id, secrets.token_hex(8)])
        link = current.service().settings.public_url + url_for("phone.door", token=token)
        answer |= {"link": link, "code": segno.make(link, error="l").svg_data_uri(scale=4), "seconds": LINK_SECONDS}
    return jsonify(answer)


@pages.get("/phone/<token>")
def door(token: str) -> ResponseReturnValue:
    """What the phone shows first. Opening the link spends nothing: messengers open links to preview them."""
    with current.service().database.begin() as db:
        row = _linked(db, token, spend=False)
        return _page(row.exam_name, token)


@pages.get("/phone")
def again() -> ResponseReturnValue:
    """Where a phone stands once it has joined: the link is spent, a reload goes on with the token that it keeps."""
    return _page("", None)


@pages.post("/api/phone/join")
@limiter.limit(A_HALL)
def join() -> ResponseReturnValue:
    """`{"link", "consent": true}`: spends the link and gives the phone's own token."""
    asked = current.fields()
    if asked.get("consent") is not True:
        abort(400, "consent: must be true; nothing is recorded without it")
    with current.service().database.begin() as db:
        row = _linked(db, str(asked.get("link", "")), spend=True)
        consent = db.get_one(Consent, row.id)
        lines = phone_text(current.service().settings)
        consent.text = "\n".join((consent.text, clock.now().isoformat(timespec="seconds"), *lines))
        consent.purposes = [*consent.purposes, "second_camera"]
        row.phone_seen_at = clock.now()
        notices.record(db, row, Notice.PHONE_JOINED)
        audit.record(db, row.person.email, "consent.phone", row.id)
        return jsonify({"token": tokens.issue("phone", row.id), **_news(row)})


@pages.post("/api/phone/pictures")
@limiter.limit("60 per minute", key_func=lambda: request.headers.get("Authorization", ""))
def picture() -> ResponseReturnValue:
    """One JPEG, kept from the exam's start on. Before that it only shows that the phone is there."""
    session_id, content = tokens.bearer("phone", PHONE_HOURS * 3600), jpeg()
    service = current.service()
    with service.database.begin() as db:
        row = _row(db, session_id)
        if row.state not in _BEFORE_AND_WHILE:
            return jsonify(_news(row))
        if row.state in sessions.LIVE:
            _take(db, row, content)
        row.phone_seen_at = clock.now()
        return jsonify(_news(row)), 202


# A phone has no cookie of ours: it carries a signed link, then a bearer token.
for view in (join, picture):
    csrf.exempt(view)


def _take(db: Session, row: ExamSession, content: bytes) -> None:
    """Keeps a picture, and notes what is wrong with it when that changes."""
    service = current.service()
    away = (clock.now() - row.phone_seen_at).total_seconds() if row.phone_seen_at else 0.0
    if away > MISSED * service.settings.phone_interval:
        notices.record(db, row, Notice.PHONE_AWAY, f"{away:.0f}")
    before = db.scalar(
        select(Evidence.key)
        .where(Evidence.session_id == row.id, Evidence.kind == "phone")
        .order_by(Evidence.time.desc())
        .limit(1)
    )
    seen = _look(content, service.evidence.get(before) if before else b"")
    if seen is not (notices.latest(db, row, _LOOKS) or Notice.PHONE_CLEAR):
        notices.record(db, row, seen)
    time = sessions.seconds_since_start(row)
    key = f"{row.id}/phone-{int(time * 1000):010d}.jpg"
    service.evidence.put(key, content)
    db.add(
        Evidence(
            session_id=row.id,
            key=key,
            kind="phone",
            purpose=Purpose.SURROUNDINGS,
            time=round(time, 3),
            delete_after=row.evidence_until,
        )
    )


def _page(exam: str, link: str | None) -> str:
    consent = phone_text(current.service().settings)
    return render_template("phone.html", exam=exam, consent=consent, page={"link": link}, words=words.phone())


def _look(content: bytes, before: bytes) -> Notice:
    """A camera never takes the same picture twice, to the byte; a covered one takes an even one."""
    if content == before:
        return Notice.PHONE_FROZEN
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
            image.draft("L", (160, 120))  # Decodes an eighth of the resolution: a fraction of the work.
            spread = ImageStat.Stat(image.convert("L")).stddev[0]
    except (OSError, ValueError, SyntaxError):
        return Notice.PHONE_COVERED
    return Notice.PHONE_COVERED if spread < EVEN else Notice.PHONE_CLEAR


def _linked(db: Session, token: str, *, spend: bool) -> ExamSession:
    """The session of a link that is fresh, unspent and whose exam is not over."""
    try:
        session_id, nonce = tokens.read("phone-link", token, LINK_SECONDS)
    except BadSignature:
        abort(403, "This link is old. Take the new one from the computer's screen.")
    row = _row(db, session_id)
    if db.get(UsedToken, nonce) is not None or row.state not in _BEFORE_AND_WHILE:
        abort(403, "This link is old. Take the new one from the computer's screen.")
    if spend:
        db.add(UsedToken(token_id=nonce, expires_at=clock.now() + timedelta(seconds=LINK_SECONDS)))
        db.flush()
    return row


def _row(db: Session, session_id: str) -> ExamSession:
    row = db.scalar(select(ExamSession).where(ExamSession.id == session_id).with_for_update(of=ExamSession))
    if row is None:
        abort(404, "no such session")
    return row


def _news(row: ExamSession) -> dict[str, Any]:
    return {"state": row.state.value, "interval": current.service().settings.phone_interval}
