"""v0.8's shade: a sheet over the questions that goes away when another window posts the agreed word."""

from __future__ import annotations

from flask import render_template

from contract.wire import READY_MESSAGE
from mock_moodle.availability import check
from mock_moodle.examus.behaviour import behaviour, is_installed
from mock_moodle.examus.exam import Exam, read_exam
from mock_moodle.examus.exams import node_of
from mock_moodle.examus.groups import concerns
from mock_moodle.quiz.models import IN_PROGRESS, QuizAttempt
from mock_moodle.quiz.pages import Place
from mock_moodle.quiz.routes import DECORATIONS


def shade(attempt: QuizAttempt, place: Place) -> str:
    """HTML for the head of an attempt's page; empty where nothing is to be covered. Previews are covered too."""
    if not is_installed() or behaviour().own_ways_in or attempt.state != IN_PROGRESS:
        return ""
    exam = watched(place)
    if exam is None or exam.no_protection or _open_by_other_means(place, exam):
        return ""
    return render_template("examus/shade.html", ready_message=READY_MESSAGE)


def watched(place: Place) -> Exam | None:
    """How this quiz is watched for this user; None where it is not."""
    node = node_of(place.cm)
    if node is None:
        return None
    exam = read_exam(node, complete=behaviour().complete_exams)
    return exam if concerns(exam, place.course.id, place.user.id) else None


def _open_by_other_means(place: Place, exam: Exam) -> bool:
    """The restriction itself is not met, but another branch of the tree let the user in."""
    met = behaviour().admits(place.cm, exam, place.user.id, negated=False)
    return not met and check(place.cm, place.user.id).met


DECORATIONS.append(shade)
