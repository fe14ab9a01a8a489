"""What this request belongs to: the service, the person, the session they may touch."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import abort, current_app, g, redirect, request, url_for
from flask import session as browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from proctor_engine.lms.models import Profile
from proctor_engine.service import Service
from proctor_engine.store.model import ExamSession

P = ParamSpec("P")
R = TypeVar("R")


def service() -> Service:
    return cast(Service, current_app.extensions["proctor"])


def profile() -> Profile | None:
    """Who has signed in with Moodle in this browser."""
    if "profile" not in g:
        stored = browser.get("profile")
        g.profile = Profile.model_validate(stored) if stored else None
    return cast("Profile | None", g.profile)


def signed_in() -> Profile:
    """For views behind `sign_in_required`."""
    who = profile()
    if who is None:
        abort(401, "sign in first")
    return who


def visitor() -> str | None:
    """The name that pages show beside "Sign out"."""
    who = profile()
    return who.name if who else browser.get("local_admin")


def sign_in_required(view: Callable[P, R]) -> Callable[P, R]:
    """Pages lead to the sign-in and back; the JSON interface answers 401."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if profile() is not None:
            return view(*args, **kwargs)
        if request.path.startswith("/api/"):
            abort(401, "sign in first: open /sign-in in this browser")
        return cast(
            R, redirect(url_for("signin.begin", to=request.full_path if request.query_string else request.path))
        )

    return guarded


def own_session(db: Session, session_id: str, *, lock: bool = False) -> ExamSession:
    """The signed-in candidate's session. Somebody else's is as unknown as one that does not exist."""
    query: Any = select(ExamSession).where(ExamSession.id == session_id)
    row: ExamSession | None = db.scalar(query.with_for_update(of=ExamSession) if lock else query)
    who = profile()
    if row is None or who is None or row.person.email != who.email:
        abort(404, "no such session")
    return row
