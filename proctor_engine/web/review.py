"""Reviewing: the queue, one session with its evidence, decisions and the conclusion."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contract.entry import CONCLUSIONS, STATUS_TITLES
from proctor_engine.store import audit, incidents, reviews, sessions
from proctor_engine.store.model import Decision, ExamSession, ReviewRow, State
from proctor_engine.web import courses, marks, pictures, staff, words
from proctor_engine.web.current import fields, natural, service, written
from proctor_engine.web.export import sheet
from proctor_engine.web.facts import gather
from proctor_engine.web.language import current

pages = Blueprint("review", __name__)

PAGE = 50
COMMENT_LENGTH = 4000
RISK = (ExamSession.score.desc().nulls_last(), ExamSession.id)
"""The order of the queue."""


@pages.get("/review")
@staff.staff_only("reviewer")
def queue() -> ResponseReturnValue:
    """Those that wait, the highest score first."""
    state = request.args.get("state", State.PROPOSED, type=State)
    page = request.args.get("page", 0, type=natural)
    with service().database.begin() as db:
        query = select(ExamSession).where(ExamSession.state == state, staff.on_duty().sees())
        rows = list(db.scalars(query.order_by(*RISK).limit(PAGE + 1).offset(page * PAGE)))
        audit.record(db, staff.on_duty().name, "queue.open", detail=state.value)
    return render_template("queue.html", rows=rows[:PAGE], page=page, more=len(rows) > PAGE, state=state, states=State)


@pages.get("/review/next")
@staff.staff_only("reviewer")
def following() -> ResponseReturnValue:
    """The first of the queue that this reviewer has not reviewed yet, passing over the one they come from."""
    duty = staff.on_duty()
    reviewed = select(ReviewRow.id).where(ReviewRow.session_id == ExamSession.id, ReviewRow.reviewer == duty.name)
    query = select(ExamSession.id).where(ExamSession.state == State.PROPOSED, duty.sees(), ~reviewed.exists())
    query = query.where(ExamSession.id != request.args.get("but", "")).order_by(*RISK).limit(1)
    with service().database.read() as db:
        found = db.scalar(query)
    return redirect(url_for("review.one", session_id=found) if found else url_for("review.queue"))


@pages.get("/review/course/<int:course_id>")
@staff.staff_only("reviewer")
def course(course_id: int) -> ResponseReturnValue:
    """All sessions of a course: how the scores lie, filters, decisions for many at once."""
    asked = courses.Filter.read(request.args)
    with service().database.begin() as db:
        seen = (ExamSession.course_id == course_id, staff.on_duty().sees())
        view = courses.view(db, seen, asked)
        audit.record(db, staff.on_duty().name, "course.open", detail=str(course_id))
    if view.name is None:
        abort(404, "no session in such a course of yours")
    return render_template(
        "course.html",
        view=view,
        asked=asked,
        course_id=course_id,
        conclusions=CONCLUSIONS,
        states=State,
        done=request.args.get("done", type=natural),
        left=request.args.get("left", type=natural),
    )


@pages.get("/review/course/<int:course_id>/export.csv")
@staff.staff_only("reviewer")
def course_table(course_id: int) -> ResponseReturnValue:
    """All pages of what the course's view shows under its filter."""
    with service().database.begin() as db:
        seen = (ExamSession.course_id == course_id, staff.on_duty().sees())
        rows = courses.matching(db, seen, courses.Filter.read(request.args))
        audit.record(db, staff.on_duty().name, "course.export", detail=str(course_id))
    content = sheet.table(courses.COLUMNS, map(courses.cells, rows))
    headers = {"Content-Disposition": f'attachment; filename="course-{course_id}.csv"'}
    return Response(content, headers=headers, content_type="text/csv; charset=utf-8")


@pages.post("/review/course/<int:course_id>")
@staff.staff_only("reviewer")
def conclude_many(course_id: int) -> ResponseReturnValue:
    """Concludes the ticked sessions alike. The form says how many it means, so that a stale page decides nothing."""
    ticked = request.form.getlist("session")
    if not ticked or request.form.get("sure") != str(len(ticked)):
        abort(400, "Tick the sessions, then type how many they are.")
    who, done, left = staff.on_duty().name, 0, 0
    with service().database.begin() as db:
        for session_id in ticked:
            row = staff.session_of_course(db, session_id, lock=True)
            try:
                if row.course_id != course_id or row.state is not State.PROPOSED:
                    raise sessions.WrongStateError("the session is {state}, so this cannot be done", state=row.state)
                reviews.conclude(
                    db,
                    service().configuration,
                    row,
                    who,
                    request.form.get("conclusion", ""),
                    written(request.form.get("comment"), COMMENT_LENGTH),
                    second_review=service().settings.second_review,
                )
            except sessions.ConflictError:  # Concluded meanwhile, or the first of two reviews was their own.
                left += 1
                continue
            except ValueError as error:
                abort(422, str(error))
            audit.record(db, who, "review.conclude", row.id, "with others")
            done += 1
    return redirect(url_for("review.course", course_id=course_id, done=done, left=left or None))


@pages.get("/review/<session_id>")
@staff.staff_only("reviewer")
def one(session_id: str) -> ResponseReturnValue:
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id)
        audit.record(db, staff.on_duty().name, "review.open", row.id)
    return render_template(
        "review.html",
        session=row,
        conclusions=CONCLUSIONS,
        titles=STATUS_TITLES,
        marks=marks.choices(row),
        unseen=marks.unseen(row),
        words=words.review(),
    )


@pages.get("/api/review/<session_id>")
@staff.staff_only("reviewer")
def facts(session_id: str) -> ResponseReturnValue:
    with service().database.read() as db:
        row = staff.session_of_course(db, session_id)
        told = gather(db, row, service().configuration, current())
    staff.looked("review.open", session_id)
    return jsonify(told)


@pages.post("/api/review/<session_id>/incidents/<int:number>")
@staff.staff_only("reviewer")
def decide(session_id: str, number: int) -> ResponseReturnValue:
    """`{"decision": "confirmed" | "dismissed" | "undecided"}`; answers with the score that follows."""
    try:
        decision = Decision(fields().get("decision"))
    except ValueError:
        abort(422, "decision: confirmed, dismissed or undecided is needed")
    who = staff.on_duty().name
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id, lock=True)
        if row.state not in {State.PROPOSED, State.CONCLUDED}:
            abort(409, "the analysis has not ended yet")
        try:
            incidents.decide(db, row, number, decision, who)
        except KeyError:
            abort(404, "no such incident")
        db.flush()
        marks.weigh(db, row)
        audit.record(db, who, f"incident.{decision.value}", row.id, str(number))
        return jsonify({"score": row.score, "proposal": row.proposal})


@pages.post("/api/review/<session_id>/incidents")
@staff.staff_only("reviewer")
def add(session_id: str) -> ResponseReturnValue:
    """`{"type", "start", "end"?, "detail"?}`: what the reviewer saw and the analysis did not."""
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id, lock=True)
        if row.state not in {State.PROPOSED, State.CONCLUDED}:
            abort(409, "the analysis has not ended yet")
        number = marks.mark(db, row, fields(), staff.on_duty().name)
        return jsonify({"number": number, "score": row.score, "proposal": row.proposal}), 201


@pages.post("/api/review/<session_id>/identity")
@staff.staff_only("reviewer")
def identify(session_id: str) -> ResponseReturnValue:
    """Says that a person has compared the pictures and they agree."""
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id, lock=True)
        row.identity = "person"
        audit.record(db, staff.on_duty().name, "session.identify", row.id)
        return jsonify({"identity": row.identity})


@pages.post("/api/review/<session_id>/conclusion")
@staff.staff_only("reviewer")
def conclude(session_id: str) -> ResponseReturnValue:
    """`{"conclusion": "Clean" | "Suspicious" | "Rules Violation", "comment"?}`."""
    asked = fields()
    who = staff.on_duty().name
    with service().database.begin() as db:
        row = staff.session_of_course(db, session_id, lock=True)
        try:
            review = reviews.conclude(
                db,
                service().configuration,
                row,
                who,
                str(asked.get("conclusion")),
                written(asked.get("comment"), COMMENT_LENGTH),
                second_review=service().settings.second_review,
            )
        except ValueError as error:
            abort(422, str(error))
        audit.record(db, who, "review.conclude", row.id, review.conclusion)
        return jsonify({"state": row.state.value, "conclusion": review.conclusion, "score": review.score})


@pages.get("/api/review/<session_id>/evidence/<int:evidence_id>")
@staff.staff_only("reviewer")
def picture(session_id: str, evidence_id: int) -> ResponseReturnValue:
    return pictures.evidence(session_id, evidence_id)
