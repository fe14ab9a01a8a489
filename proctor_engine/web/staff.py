"""Who may proctor and review, and in which courses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Literal, ParamSpec, TypeVar, cast

from flask import abort, g, redirect, request, url_for
from flask import session as browser
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from proctor_engine import clock
from proctor_engine.store.model import ExamSession, StaffCourse
from proctor_engine.web.current import profile, service

P = ParamSpec("P")
R = TypeVar("R")
Role = Literal["proctor", "reviewer"]

ASKED_AGAIN_AFTER = 600
"""Seconds for which Moodle's answer about a person's access is believed."""


@dataclass(frozen=True)
class Staff:
    """A proctor, a reviewer or the local administrator. `courses` is None where all are open."""

    name: str
    proctor: bool
    reviewer: bool
    admin: bool
    courses: frozenset[int] | None

    def sees(self) -> ColumnElement[bool]:
        """For queries: the sessions of their courses."""
        return true() if self.courses is None else ExamSession.course_id.in_(self.courses)

    def may(self, role: Role) -> bool:
        return self.admin or (self.proctor if role == "proctor" else self.reviewer)


def present() -> Staff | None:
    """The member of staff in this browser, if there is one. Asks Moodle at most every ten minutes."""
    if "staff" not in g:
        g.staff = _local_admin() or _from_moodle()
    return cast("Staff | None", g.staff)


def on_duty() -> Staff:
    """For views behind `staff_only`."""
    staff = present()
    if staff is None:
        abort(403)
    return staff


def staff_only(role: Role | Literal["admin"]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Pages lead somebody unknown to the sign-in; somebody known without the right is told so."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            staff = present()
            if staff is None and profile() is None:
                if request.path.startswith("/api/"):
                    abort(401, "sign in first: open /sign-in in this browser")
                return cast(R, redirect(url_for("signin.begin", to=request.path)))
            if staff is None or not (staff.admin if role == "admin" else staff.may(role)):
                abort(
                    403,
                    "This is not for your account. Moodle decides who proctors and reviews: ask an administrator.",
                )
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


def _local_admin() -> Staff | None:
    name = browser.get("local_admin")
    if not name or not service().settings.local_admin:
        return None
    return Staff(f"local:{name}", proctor=True, reviewer=True, admin=True, courses=None)


def _from_moodle() -> Staff | None:
    who = profile()
    if who is None:
        return None
    known = browser.get("access")
    if not known or known["asked"] + ASKED_AGAIN_AFTER < clock.now().timestamp():
        access = service().moodle.access(who.email)
        known = {
            "asked": clock.now().timestamp(),
            "proctor": access.proctor_auth,
            "reviewer": access.reviewer_auth,
            "proctor_courses": access.proctor_courses,
            "reviewer_courses": access.reviewer_courses,
        }
        browser["access"] = known
    if not (known["proctor"] or known["reviewer"]):
        return None
    return Staff(who.email, known["proctor"], known["reviewer"], admin=False, courses=_courses(who.email, known))


def _courses(email: str, known: dict[str, list[int] | None]) -> frozenset[int]:
    """Moodle's own answer where it gives one; v0.8 gives none, so the administrator's assignments count."""
    told = [courses for courses in (known["proctor_courses"], known["reviewer_courses"]) if courses is not None]
    if told:
        return frozenset().union(*told)
    with service().database.begin() as db:
        return frozenset(db.scalars(select(StaffCourse.course_id).where(StaffCourse.email == email)))
