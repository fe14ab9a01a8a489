"""What this request belongs to: the service, the person, the session they may touch."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timezone
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import Response, abort, current_app, g, redirect, request, url_for
from flask import session as browser
from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter, Map

from proctor_engine import clock
from proctor_engine.lms.models import Profile
from proctor_engine.service import Service
from proctor_engine.store import sign_ins
from proctor_engine.store.model import ExamSession

LONGEST = 10**7
LARGEST = 2**31 - 1
TEXT_LENGTH = 500
"""Of a message, a note, a detail: longer ones are cut."""
P = ParamSpec("P")
R = TypeVar("R")


def service() -> Service:
    return cast(Service, current_app.extensions["proctor"])


def profile() -> Profile | None:
    """Who has signed in with Moodle in this browser."""
    if "profile" not in g:
        stored = browser.get("profile")
        who = Profile.model_validate(stored) if stored else None
        g.profile = who if who is not None and _stands(who.email) else None
    return cast("Profile | None", g.profile)


def signed_in() -> Profile:
    """For views behind `sign_in_required`."""
    who = profile()
    if who is None:
        abort(401, "sign in first")
    return who


def sign_in_required(view: Callable[P, R]) -> Callable[P, R]:
    """Pages lead to the sign-in and back; the JSON interface answers 401."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        return view(*args, **kwargs) if profile() is not None else cast(R, to_sign_in())

    return guarded


def opened(**who: Any) -> None:
    """A fresh browser session for whoever has just signed in: of an earlier visitor only the chosen language stays."""
    language = browser.get("language")
    browser.clear()
    browser.permanent = True
    browser.update(who if language is None else {**who, "language": language})
    browser["opened"] = (secrets.token_hex(16), clock.now().timestamp())


def opening() -> tuple[str, datetime] | None:
    """The number of this browser's sign-in and when it was opened; None where it has none, or has lasted too long."""
    number, since = browser.get("opened") or ("", 0.0)
    at = datetime.fromtimestamp(since, timezone.utc)
    return (number, at) if number and at + sign_ins.LASTS > clock.now() else None


def stands(who: str) -> ColumnElement[bool]:
    """For queries: whether the sign-in that this browser shows still opens anything."""
    opened = opening()
    return sign_ins.stands(opened[0], who, opened[1]) if opened else false()


def _stands(who: str) -> bool:
    if opening() is None:
        return False
    with service().database.read() as db:
        return bool(db.scalar(select(stands(who))))


def to_sign_in() -> Response:
    """Leads to the sign-in and back here."""
    if request.path.startswith("/api/"):
        abort(401, "sign in first: open /sign-in in this browser")
    # An address that takes posts only is not one to come back to.
    back = request.full_path if request.query_string else request.path
    return cast(Response, redirect(url_for("signin.begin", to=back if request.method == "GET" else None)))


def fields() -> dict[str, Any]:
    """The JSON object that this request sends; an empty one for anything else."""
    asked = request.get_json(silent=True)
    return asked if isinstance(asked, dict) else {}


def written(value: Any, limit: int) -> str:
    """A text that somebody typed, as a database takes it: without halves of characters and NUL, and not too long."""
    text = str(value).encode(errors="ignore").decode().replace("\0", "") if value is not None else ""
    return text.strip()[:limit]


def is_seconds(value: Any) -> bool:
    """Whether it can be a time of a session, which lasts no months."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < LONGEST


class ColumnNumber(IntegerConverter):
    """A number in an address that a column can hold; a larger one is no page of ours."""

    def __init__(self, map: Map) -> None:  # noqa: A002 - werkzeug's name
        super().__init__(map, max=LARGEST)


def natural(text: str) -> int:
    """For `args.get(..., type=natural)`: a number that a column can hold; for any other the default is taken."""
    number = int(text)
    if not 0 <= number <= LARGEST:
        raise ValueError(text)
    return number


def own_session(db: Session, session_id: str, *, lock: bool = False) -> ExamSession:
    """The signed-in candidate's session. Somebody else's is as unknown as one that does not exist."""
    query: Any = select(ExamSession).where(ExamSession.id == session_id)
    row: ExamSession | None = db.scalar(query.with_for_update(of=ExamSession) if lock else query)
    who = profile()
    if row is None or who is None or row.person.email != who.email:
        abort(404, "no such session")
    return row
