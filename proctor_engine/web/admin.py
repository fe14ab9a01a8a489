"""The administrator's few pages: people's data, who did what, who works in which course where Moodle does not tell; and
the local administrator's sign-in."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, or_, select

from proctor_engine.store import admins, audit, disclosure, retention
from proctor_engine.store.model import Audit, ExamSession, Person, StaffCourse
from proctor_engine.web import staff
from proctor_engine.web.current import natural, opened, service, written
from proctor_engine.web.limits import limiter

pages = Blueprint("admin", __name__, url_prefix="/admin")

AUDIT_PAGE = 100
NAME_LENGTH = 64
ADDRESS_LENGTH = 254


@pages.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    _must_be_on()
    return render_template("admin/sign_in.html", wrong=False)


@pages.post("/sign-in")
@limiter.limit("5 per minute")
def enter() -> ResponseReturnValue:
    _must_be_on()
    name = written(request.form.get("name"), NAME_LENGTH)
    with service().database.begin() as db:
        right, seal = admins.is_right(db, name, request.form.get("password", "")), admins.seal(db, name)
        audit.record(db, f"{staff.LOCAL}{name}", "sign-in" if right else "sign-in.refused")
    if not right:
        return render_template("admin/sign_in.html", wrong=True), 403
    opened(administrator=(name, seal))
    return redirect(url_for("review.queue"))


@pages.get("/staff")
@staff.staff_only("admin")
def assignments() -> ResponseReturnValue:
    with service().database.begin() as db:
        rows = list(db.scalars(select(StaffCourse).order_by(StaffCourse.email, StaffCourse.course_id)))
        courses = db.execute(
            select(ExamSession.course_id, ExamSession.course_name).distinct().order_by(ExamSession.course_id)
        ).all()
    return render_template("admin/staff.html", rows=rows, courses=courses)


@pages.post("/staff")
@staff.staff_only("admin")
def assign() -> ResponseReturnValue:
    email = written(request.form.get("email"), ADDRESS_LENGTH).lower()
    course = request.form.get("course", type=natural)
    if "@" not in email or course is None:
        abort(400, "An e-mail address and the number of a course in Moodle are needed.")
    remove = request.form.get("action") == "remove"
    with service().database.begin() as db:
        if remove:
            db.execute(delete(StaffCourse).where(StaffCourse.email == email, StaffCourse.course_id == course))
        else:
            db.merge(StaffCourse(email=email, course_id=course))
        audit.record(db, staff.on_duty().name, "staff.remove" if remove else "staff.assign", detail=f"{email} {course}")
    return redirect(url_for("admin.assignments"))


@pages.get("/people")
@staff.staff_only("admin")
def people() -> ResponseReturnValue:
    """A person's own data: hand it out, or erase it."""
    return render_template("admin/people.html", erased=request.args.get("erased", type=natural))


@pages.post("/people")
@staff.staff_only("admin")
def person() -> ResponseReturnValue:
    email, action = written(request.form.get("email"), ADDRESS_LENGTH), request.form.get("action")
    who = staff.on_duty().name
    if action == "erase":
        if request.form.get("again", "").strip() != email:
            abort(400, "Type the address twice: erasing cannot be undone.")
        with service().database.begin() as db:
            audit.record(db, who, "person.erase")
        return redirect(url_for("admin.people", erased=retention.erase_person(service(), email)))
    content = disclosure.disclose(service(), email)
    if content is None:
        abort(404, "Nobody with this e-mail address is known here.")
    with service().database.begin() as db:
        audit.record(db, who, "person.export", detail=email)
    headers = {"Content-Disposition": 'attachment; filename="person.zip"'}
    return Response(content, headers=headers, content_type="application/zip")


@pages.get("/audit")
@staff.staff_only("admin")
def log() -> ResponseReturnValue:
    """The newest first; of one person or one session where that is asked."""
    before, whose = request.args.get("before", type=natural), written(request.args.get("whose"), ADDRESS_LENGTH)
    query = select(Audit).order_by(Audit.id.desc()).limit(AUDIT_PAGE)
    if before is not None:
        query = query.where(Audit.id < before)
    if whose:
        query = query.where(
            or_(
                Audit.actor.icontains(whose, autoescape=True),
                Audit.session_id.startswith(whose, autoescape=True),
                Audit.session_id.in_(select(ExamSession.id).join(Person).where(Person.email == whose)),
            )
        )
    with service().database.begin() as db:
        rows = list(db.scalars(query))
        audit.record(db, staff.on_duty().name, "audit.open")
    return render_template("admin/audit.html", rows=rows, whose=whose, more=len(rows) == AUDIT_PAGE)


def _must_be_on() -> None:
    if not service().settings.local_admin:
        abort(404)
