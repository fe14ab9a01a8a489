"""What is worth a reviewer's look and is none of the plugin's warnings: told with its time, never scored or sent on."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.store import sessions
from proctor_engine.store.model import ExamSession, Message, MessageKind

_DETAIL_LENGTH = 200


class Notice(str, Enum):
    """`BROWSERS` are those that a page reports; the service sees the others itself."""

    RELOADED = "reloaded"
    TAKEN_OVER = "taken_over"
    PHONE_JOINED = "phone_joined"
    PHONE_COVERED = "phone_covered"
    PHONE_FROZEN = "phone_frozen"
    PHONE_CLEAR = "phone_clear"
    PHONE_AWAY = "phone_away"
    """With the seconds for which nothing came."""
    COPIED = "copied"
    CUT = "cut"
    PASTED = "pasted"
    PRINTED = "printed"
    LEFT_FULL_SCREEN = "left_full_screen"
    CAMERA_CHANGED = "camera_changed"
    MICROPHONE_CHANGED = "microphone_changed"
    ASLEEP = "asleep"
    """The computer slept or the browser froze the page, with the seconds that are missing."""
    ANALYSIS_RENEWED = "analysis_renewed"
    """The service was updated while the exam ran."""
    CANNOT_TELL = "cannot_tell"
    """With what this browser does not let a page know: `screens`, `screen_share`, `full_screen`."""


BROWSERS: frozenset[Notice] = frozenset(
    {
        Notice.COPIED,
        Notice.CUT,
        Notice.PASTED,
        Notice.PRINTED,
        Notice.LEFT_FULL_SCREEN,
        Notice.CAMERA_CHANGED,
        Notice.MICROPHONE_CHANGED,
        Notice.ASLEEP,
        Notice.CANNOT_TELL,
    }
)


def record(db: Session, row: ExamSession, notice: Notice, detail: str = "", *, time: float | None = None) -> None:
    """`time` is in seconds since the session's start; without one it is now."""
    at = clock.now() if time is None else sessions.started(row) + timedelta(seconds=time)
    text = f"{notice.value}:{detail[:_DETAIL_LENGTH]}" if detail else notice.value
    db.add(Message(session_id=row.id, at=at, kind=MessageKind.EVENT, from_staff=False, author="", text=text))


def read(message: Message) -> tuple[Notice, str]:
    """The notice that a message of the kind `event` holds, and its detail."""
    name, _, detail = message.text.partition(":")
    return Notice(name), detail


def latest(db: Session, row: ExamSession, among: frozenset[Notice]) -> Notice | None:
    """The newest of some notices, for what is only told when it changes."""
    query = select(Message).where(Message.session_id == row.id, Message.kind == MessageKind.EVENT)
    for message in db.scalars(query.order_by(Message.id.desc())):
        notice, _ = read(message)
        if notice in among:
            return notice
    return None
