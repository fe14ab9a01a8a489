"""What the pages of `/mod/quiz/` share: whose attempt, which quiz, and may this user be here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, g
from sqlalchemy import select

from mock_moodle.access import context_module, has_capability
from mock_moodle.errors import MissingByQuery, MoodleError
from mock_moodle.login.browser import require_login
from mock_moodle.page import optional_param, page, required_param
from mock_moodle.quiz.access import AccessRules
from mock_moodle.quiz.models import Quiz, QuizAttempt
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule, User


@dataclass(frozen=True)
class Place:
    """A quiz, where it stands, and who is there."""

    quiz: Quiz
    cm: CourseModule
    course: Course
    user: User
    rules: AccessRules

    @property
    def contextid(self) -> int:
        return context_module(self.cm.id).id

    @property
    def breadcrumb(self) -> list[tuple[str, str]]:
        return [
            (self.course.shortname, f"/course/view.php?id={self.course.id}"),
            (self.cm.name, f"/mod/quiz/view.php?id={self.cm.id}"),
        ]


def quiz_page(template: str, place: Place, title: str, **values: Any) -> Response:
    """A page of a quiz: under its name, in its course."""
    where = {"heading": place.cm.name, "place": place, "breadcrumb": place.breadcrumb, "contextid": place.contextid}
    return page(template, title=title, **{**where, **values})


def place_of_cm(cmid: int) -> Place:
    """For a signed-in user to whom the quiz is available."""
    cm = _quiz_module(cmid)
    if cm is None:
        if current.session.get(CourseModule, cmid):
            raise MoodleError("invalidcoursemoduleid", f"Invalid course module ID: {cmid}")
        raise MissingByQuery
    return _place(cm, current.session.get_one(Quiz, cm.instance))


def _quiz_module(cmid: int) -> CourseModule | None:
    cm = current.session.get(CourseModule, cmid)
    return cm if cm is not None and cm.modname == "quiz" else None


def place_of_attempt() -> tuple[QuizAttempt, Place]:
    """Of the page's `attempt` parameter; `cmid`, where it is sent, must be of the same quiz."""
    attempt_id, cmid = required_param("attempt", int), optional_param("cmid", 0, int)
    attempt = current.session.get(QuizAttempt, attempt_id)
    if attempt is None:
        raise _gone(cmid)
    cm = cm_of(attempt.quiz)
    if cmid and cm.id != cmid:
        raise MoodleError("invalidcoursemodule", "Invalid course module ID")
    return attempt, _place(cm, current.session.get_one(Quiz, attempt.quiz))


def _gone(cmid: int) -> MoodleError:
    if not cmid:
        return MoodleError("attempterrorinvalid", "Invalid quiz attempt ID")
    if _quiz_module(cmid) is None:
        return MissingByQuery()
    if has_capability("mod/quiz:preview", context_module(cmid)):
        removed = "(When a quiz is edited, any in-progress previews are automatically deleted.)"
        return MoodleError("attempterrorcontentchange", f"This quiz preview no longer exists. {removed}")
    return MoodleError("attempterrorcontentchangeforuser", "This quiz attempt no longer exists.")


def own_attempt() -> tuple[QuizAttempt, Place]:
    attempt, place = place_of_attempt()
    if attempt.userid != place.user.id:
        raise MoodleError("notyourattempt", "This is not your attempt!")
    return attempt, place


def cm_of(quizid: int) -> CourseModule:
    query = select(CourseModule).where(CourseModule.modname == "quiz", CourseModule.instance == quizid)
    cm = current.session.scalar(query)
    if cm is None:
        raise MissingByQuery
    return cm


def _place(cm: CourseModule, quiz: Quiz) -> Place:
    course = current.session.get_one(Course, cm.course)
    user = require_login(course, cm)
    g.error_place = (cm.name, f"/mod/quiz/view.php?id={cm.id}")
    return Place(quiz, cm, course, user, AccessRules.of(quiz, cm, user.id))
