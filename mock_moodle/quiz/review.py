"""Who may look at a finished attempt, and when."""

from __future__ import annotations

from mock_moodle.access import context_module, has_capability
from mock_moodle.errors import MoodleError
from mock_moodle.quiz.models import ABANDONED, FINISHED, Quiz, QuizAttempt
from mock_moodle.quiz.overrides import effective
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule

IMMEDIATELY_SECONDS = 120
IMMEDIATELY, LATER_WHILE_OPEN, AFTER_CLOSE = 0x01000, 0x00100, 0x00010
"""Bits of the review options."""


def may_review(attempt: QuizAttempt, quiz: Quiz, cm: CourseModule, userid: int) -> MoodleError | None:
    """None for yes, else the refusal to raise."""
    context = context_module(cm.id)
    if has_capability("mod/quiz:viewreports", context, userid):
        return None
    if attempt.userid != userid or not has_capability("mod/quiz:reviewmyattempts", context, userid):
        return MoodleError("noreviewattempt", "You are not allowed to review this attempt.")
    if attempt.state not in (FINISHED, ABANDONED):
        return MoodleError("attemptclosed", "Attempt has not closed yet")
    if attempt.preview or quiz.reviewoptions & _moment(attempt, quiz):
        return None
    return MoodleError("noreview", "You are not allowed to review this attempt")


def _moment(attempt: QuizAttempt, quiz: Quiz) -> int:
    now = current.clock.time()
    if now < attempt.timefinish + IMMEDIATELY_SECONDS:
        return IMMEDIATELY
    close = effective(quiz, attempt.userid).timeclose
    return LATER_WHILE_OPEN if not close or now < close else AFTER_CLOSE
