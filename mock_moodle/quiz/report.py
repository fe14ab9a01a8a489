"""Results: every attempt of a quiz, for the staff, who may also delete or reopen one."""

from __future__ import annotations

from flask import Blueprint, Response, request
from sqlalchemy import select

from mock_moodle.access import context_module, has_capability, require_capability
from mock_moodle.errors import MoodleError
from mock_moodle.login.browser import require_sesskey
from mock_moodle.page import optional_param, redirect, required_param
from mock_moodle.quiz import attempts, reopen
from mock_moodle.quiz.grading import rescale
from mock_moodle.quiz.models import STATE_TITLES, QuizAttempt
from mock_moodle.quiz.pages import Place, place_of_cm, quiz_page
from mock_moodle.site import current
from mock_moodle.store.core import User
from mock_moodle.webservice.php import to_int


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/report.php", view_func=report, methods=["GET", "POST"])


def report() -> Response:
    place = place_of_cm(required_param("id", int))
    context = context_module(place.cm.id)
    if not has_capability("mod/quiz:viewreports", context):
        raise MoodleError("noreport", "You cannot access this report")
    if request.method == "GET" and not optional_param("mode"):
        return redirect(f"/mod/quiz/report.php?id={place.cm.id}&mode=overview")
    if request.method == "POST":
        require_sesskey()
        return _reopen(place) if "reopen" in request.form else _delete(place)
    query = select(QuizAttempt, User).join(User, User.id == QuizAttempt.userid).where(QuizAttempt.quiz == place.quiz.id)
    rows = current.session.execute(query.order_by(User.lastname, User.firstname, QuizAttempt.attempt)).all()
    grades = {one.id: rescale(one.sumgrades, place.quiz.sumgrades, place.quiz.grade) for one, _ in rows}
    return quiz_page(
        "quiz/report.html",
        place,
        place.cm.name,
        rows=rows,
        grades=grades,
        states=STATE_TITLES,
        may_delete=has_capability("mod/quiz:deleteattempts", context),
        may_reopen=_may_reopen(place),
    )


def _may_reopen(place: Place) -> bool:
    since = current.site.release.at_least("4.4")
    return since and has_capability(reopen.CAPABILITY, context_module(place.cm.id))


def _reopen(place: Place) -> Response:
    require_capability(reopen.CAPABILITY, context_module(place.cm.id))
    attempt = attempts.find_attempt(to_int(request.form["reopen"]))
    if attempt.quiz == place.quiz.id:
        reopen.reopen(attempt, place.cm, place.user.id)
    return redirect(f"/mod/quiz/report.php?id={place.cm.id}&mode=overview", "Changes saved", "success")


def _delete(place: Place) -> Response:
    require_capability("mod/quiz:deleteattempts", context_module(place.cm.id))
    for number in request.form.getlist("attemptid[]"):
        attempt = attempts.find_attempt(to_int(number))
        if attempt.quiz == place.quiz.id:
            attempts.delete_attempt(attempt, place.cm, place.user.id)
    return redirect(f"/mod/quiz/report.php?id={place.cm.id}&mode=overview", "Attempts deleted", "success")
