"""The plugin's observers: what happens to attempts changes the entries."""

from __future__ import annotations

from mock_moodle.admin.events import module_saved
from mock_moodle.examus.behaviour import behaviour, is_installed
from mock_moodle.quiz import events
from mock_moodle.quiz.models import QuizAttempt
from mock_moodle.store.core import CourseModule


@events.attempt_started.connect
def attempt_started(attempt: QuizAttempt, *, cm: CourseModule, actorid: int) -> None:  # noqa: ARG001
    if is_installed():
        behaviour().attempt_started(attempt.id, cm, attempt.userid)


@events.attempt_submitted.connect
def attempt_submitted(attempt: QuizAttempt, *, cm: CourseModule, actorid: int) -> None:
    if is_installed():
        behaviour().attempt_submitted(attempt.id, cm, actorid)


@events.attempt_abandoned.connect
def attempt_abandoned(attempt: QuizAttempt, *, cm: CourseModule, actorid: int) -> None:  # noqa: ARG001
    if is_installed():
        behaviour().attempt_abandoned(attempt.id, cm)


@module_saved.connect
def course_module_saved(cm: CourseModule) -> None:
    if is_installed():
        behaviour().module_saved(cm)


@events.attempt_deleted.connect
def attempt_deleted(attempt: QuizAttempt, *, cm: CourseModule, actorid: int) -> None:  # noqa: ARG001
    if is_installed():
        behaviour().attempt_deleted(attempt.id, cm)
