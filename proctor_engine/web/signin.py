"""Signing in with the Moodle, and out again."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue

from proctor_engine.lms import PendingSignIn, SignInError
from proctor_engine.service import CALLBACK_PATH
from proctor_engine.store import sign_ins
from proctor_engine.web import staff
from proctor_engine.web.current import opened, opening, profile, service
from proctor_engine.web.language import gettext as _
from proctor_engine.web.limits import limiter

pages = Blueprint("signin", __name__)


def _attempts() -> str:
    return f"{service().settings.limits.sign_ins_per_minute} per minute"


@pages.get("/")
def home() -> ResponseReturnValue:
    return redirect(url_for("exams.due")) if profile() else render_template("welcome.html")


@pages.get("/sign-in")
@limiter.limit(_attempts)
def begin() -> ResponseReturnValue:
    pending = service().sign_in.begin()
    browser["sign_in"] = {**asdict(pending), "to": _own_path(request.args.get("to", ""))}
    return redirect(pending.address)


@pages.get(CALLBACK_PATH)
@limiter.limit(_attempts)
def callback() -> ResponseReturnValue:
    pending = browser.pop("sign_in", None)
    if pending is None:
        abort(400, "This sign-in was not begun in this browser, or was already used. Begin again.")
    to = pending.pop("to")
    try:
        profile = service().sign_in.finish(PendingSignIn(**pending), request.args.to_dict())
    except SignInError as error:
        if error.error == "access_denied":
            return render_template("declined.html")
        abort(403, _("Moodle did not sign you in ({}). Begin again.").format(error))
    # Nothing is stored here yet: whoever reads what an exam records and leaves was never known.
    opened(profile=profile.model_dump())
    return redirect(to or url_for("exams.due"))


@pages.post("/sign-out")
def end() -> ResponseReturnValue:
    """Also on the server: a copy of the cookie opens nothing any more. An exam that runs has a token of its own."""
    known, opened = staff.name(), opening()
    if known is not None and opened is not None:
        with service().database.begin() as db:
            if request.form.get("everywhere"):
                sign_ins.end_all(db, known)
            else:
                sign_ins.end(db, opened[0])
    browser.clear()
    return redirect(url_for("signin.home"))


def _own_path(to: str) -> str:
    """Only a path of ours: a link to us must not lead elsewhere after the sign-in."""
    parts = urlsplit(to)
    return (
        to if to.startswith("/") and not to.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme else ""
    )
