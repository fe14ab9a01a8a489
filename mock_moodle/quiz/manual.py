"""Grading by hand: `comment.php`, where a teacher marks an essay or overrides a mark."""

from __future__ import annotations

from flask import Blueprint, Response, request

from mock_moodle.access import context_module, require_capability
from mock_moodle.errors import MissingRecord, MoodleError
from mock_moodle.login.browser import require_sesskey
from mock_moodle.page import redirect, required_param
from mock_moodle.quiz import attempts
from mock_moodle.quiz.models import FINISHED, QuestionAttempt, QuizAttempt
from mock_moodle.quiz.pages import Place, place_of_attempt, quiz_page
from mock_moodle.quiz.questions.base import plain
from mock_moodle.quiz.rendering import GRADING, render, view_of
from mock_moodle.quiz.state import graded_by_hand
from mock_moodle.site import current
from mock_moodle.store.core import LogEvent, User
from mock_moodle.webservice.clean import is_clean
from mock_moodle.webservice.php import to_float

NOT_SAVED = "Modification not saved. Please check the message below and try again."
OUT_OF_RANGE = "This grade is outside the valid range."
NO_NUMBER = "That is not a valid number."


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/comment.php", view_func=comment, methods=["GET", "POST"])


def comment() -> Response:
    attempt, place = place_of_attempt()
    slot = required_param("slot", int)
    if attempt.state != FINISHED:
        raise MoodleError("attemptclosed", "Attempt has not closed yet")
    require_capability("mod/quiz:grade", context_module(place.cm.id), place.user.id)
    row = next((row for row in attempts.question_attempts(attempt) if row.slot == slot), None)
    if row is None:
        raise MissingRecord("question_attempts")
    view = view_of(attempt, row, GRADING)
    mark = request.form.get(f"{view.prefix}-mark", "").strip()
    error = ""
    if request.method == "POST":
        require_sesskey()
        error = _problem(mark, row)
        if not error:
            grade_by_hand(attempt, row, place, mark, request.form.get(f"{view.prefix}-comment", ""))
            return redirect(_review(attempt, place, slot), "Changes saved", "success")
    student = current.session.get_one(User, attempt.userid)
    name = view.question.name or plain(view.question.text)
    return quiz_page(
        "quiz/comment.html",
        place,
        f"Manually grade question {name} in {place.cm.name} by {student.fullname}",
        heading=place.course.fullname,
        breadcrumb=[*place.breadcrumb, ("Review", _review(attempt, place, slot))],
        attempt=attempt,
        student=student,
        name=name,
        view=view,
        question=render(view),
        mark=mark or view.mark,
        error=error,
        failed=NOT_SAVED,
    )


def grade_by_hand(attempt: QuizAttempt, row: QuestionAttempt, place: Place, mark: str, comment: str) -> None:
    """`mark` out of the question's maximum; empty leaves the mark as it is. The attempt and the gradebook follow."""
    now = current.clock.time()
    row.comment = comment
    if mark:
        outcome = graded_by_hand(to_float(mark) / row.maxmark if row.maxmark else 0.0)
        row.state, row.fraction = outcome.state.key, outcome.fraction
    row.steps += 1
    row.timemodified = attempt.timemodified = now
    attempt.sumgrades = attempts.sum_of_marks(attempts.question_attempts(attempt))
    current.session.add(
        LogEvent(
            eventname="\\mod_quiz\\event\\question_manually_graded",
            userid=place.user.id,
            courseid=place.course.id,
            contextid=place.contextid,
            objectid=row.questionid,
            other={"quizid": place.quiz.id, "attemptid": attempt.id, "slot": row.slot},
            timecreated=now,
        )
    )
    current.session.flush()
    if not attempt.preview:
        attempts.update_grade(place.quiz.id, attempt.userid, place.cm)


def _problem(mark: str, row: QuestionAttempt) -> str:
    if not mark:
        return ""
    if not is_clean(mark, "float"):
        return NO_NUMBER
    return "" if 0 <= to_float(mark) <= row.maxmark else OUT_OF_RANGE


def _review(attempt: QuizAttempt, place: Place, slot: int) -> str:
    return f"/mod/quiz/review.php?attempt={attempt.id}&cmid={place.cm.id}#question-{attempt.uniqueid}-{slot}"
