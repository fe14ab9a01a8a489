"""Who may proctor and review, in which courses, and who administers the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Literal, ParamSpec, TypeVar, cast

from flask import abort, g
from flask import session as browser
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.store import admins, audit
from proctor_engine.store.model import ExamSession, StaffCourse
from proctor_engine.web.current import profile, service, stands, to_sign_in

P = ParamSpec("P")
R = TypeVar("R")
Role = Literal["proctor", "reviewer", "admin"]

MOODLES_ROLES: tuple[Role, ...] = ("proctor", "reviewer")

LOCAL = "local:"
ASKED_AGAIN_AFTER = 600
"""Seconds for which Moodle's answer about a person's access is believed."""


@dataclass(frozen=True)
class Duty:
    """Somebody at work in one role. `courses` is None where all are open."""

    name: str
    courses: frozenset[int] | None

    def sees(self) -> ColumnElement[bool]:
        """For queries: the sessions of their courses."""
        return true() if self.courses is None else ExamSession.course_id.in_(self.courses)


Staff = Mapping[Role, Duty]
"""What somebody may do. Who proctors one course and reviews another does neither in the other's."""


def present() -> Staff:
    """The duties of whoever is in this browser. Asks Moodle at most every ten minutes."""
    if "staff" not in g:
        g.staff = _local_admin() or _from_moodle()
    return cast(Staff, g.staff)


def roles() -> frozenset[Role]:
    """What pages show ways to; nobody is asked anew."""
    return frozenset(g.get("staff", ()))


def administers() -> bool:
    """Whether whoever has signed in with Moodle is named in the settings: Moodle knows no such right of ours."""
    who = profile()
    return who is not None and who.email.lower() in service().settings.administrators


def name() -> str | None:
    """Who has signed in: an e-mail address, or `local:` and an administrator's name."""
    who = profile()
    return who.email if who else next((duty.name for duty in present().values()), None)


def visitor() -> str | None:
    """The name that pages show beside "Sign out"."""
    who = profile()
    return who.name if who else (name() or "").removeprefix(LOCAL) or None


def on_duty() -> Duty:
    """For views behind `staff_only`: in the role that the view is for."""
    return cast(Duty, g.duty)


def staff_only(role: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Pages lead somebody unknown to the sign-in; somebody known without the right is told so."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            staff = present()
            if not staff and profile() is None:
                return cast(R, to_sign_in())
            if role not in staff:
                abort(
                    403,
                    "This is not for your account. Moodle decides who proctors and reviews: ask an administrator.",
                )
            g.duty = staff[role]
            return view(*args, **kwargs)

        return guarded

    return decorate


def session_of_course(db: Session, session_id: str, *, lock: bool = False) -> ExamSession:
    """A session of the staff member's courses. Another course's is as unknown as one that does not exist."""
    query = select(ExamSession).where(ExamSession.id == session_id, on_duty().sees())
    row = db.scalar(query.with_for_update(of=ExamSession) if lock else query)
    if row is None:
        abort(404, "no such session in your courses")
    return row


def looked(action: str, session_id: str | None = None, detail: str = "") -> None:
    """Notes what this request shows, unless the page that it belongs to has: one visit, one row."""
    with service().database.read() as db:
        known = audit.is_recorded(db, on_duty().name, action, session_id, detail)
    if not known:
        with service().database.begin() as db:
            audit.record(db, on_duty().name, action, session_id, detail)


def _local_admin() -> Staff:
    """A new password ends what was opened with the old one."""
    signed = browser.get("administrator")
    if not signed or not service().settings.local_admin:
        return {}
    name, seal = signed
    who = f"{LOCAL}{name}"
    with service().database.read() as db:
        if admins.seal(db, name, stands(who)) != seal:
            return {}
    everywhere = Duty(who, None)
    return {"proctor": everywhere, "reviewer": everywhere, "admin": everywhere}


def _from_moodle() -> Staff:
    who = profile()
    if who is None:
        return {}
    known = browser.get("duties")
    if not known or known["asked"] + ASKED_AGAIN_AFTER < clock.now().timestamp():
        access = service().moodle.access(who.email)
        if not known and (access.proctor_auth or access.reviewer_auth or administers()):
            with service().database.begin() as db:
                audit.record(db, who.email, "sign-in")
        known = {
            "asked": clock.now().timestamp(),
            "proctor": [access.proctor_auth, access.proctor_courses],
            "reviewer": [access.reviewer_auth, access.reviewer_courses],
        }
        browser["duties"] = known
    duties: dict[Role, Duty] = {}
    for role in MOODLES_ROLES:
        holds, courses = known[role]
        if holds:
            duties[role] = Duty(who.email, _assigned(who.email) if courses is None else frozenset(courses))
    if administers():
        duties["admin"] = Duty(who.email, None)
    return duties


def _assigned(email: str) -> frozenset[int]:
    """v0.8's plugin does not tell courses, so the administrator's assignments count."""
    with service().database.read() as db:
        return frozenset(db.scalars(select(StaffCourse.course_id).where(StaffCourse.email == email)))
