"""What of an attempt may be seen, by whom, and when."""

from __future__ import annotations

from mock_moodle.access import context_module, has_capability
from mock_moodle.access.resolve import title_of
from mock_moodle.errors import MoodleError, QuizError, RequiredCapability
from mock_moodle.quiz.models import ABANDONED, FINISHED, IN_PROGRESS, Quiz, QuizAttempt
from mock_moodle.quiz.overrides import effective
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule

IMMEDIATELY_SECONDS = 120
DURING, IMMEDIATELY, LATER_WHILE_OPEN, AFTER_CLOSE = 0x10000, 0x01000, 0x00100, 0x00010
"""Bits of the review options."""


def may_review(attempt: QuizAttempt, quiz: Quiz, cm: CourseModule, userid: int) -> MoodleError | None:
    """None for yes, else the refusal to raise."""
    context = context_module(cm.id)
    capability = "mod/quiz:attempt" if moment(attempt, quiz) == IMMEDIATELY else "mod/quiz:reviewmyattempts"
    reports = has_capability("mod/quiz:viewreports", context, userid)
    if not (reports or any(has_capability(one, context, userid) for one in (capability, "mod/quiz:preview"))):
        return RequiredCapability(title_of(capability))
    if attempt.userid != userid:
        return None if reports else QuizError("noreviewattempt", "You are not allowed to review this attempt.")
    if attempt.state not in (FINISHED, ABANDONED):
        return QuizError("attemptclosed", "Attempt has not closed yet")
    if reports or attempt.preview or is_shown(attempt, quiz):
        return None
    return QuizError("noreview", "You are not allowed to review this quiz")


def sees_marks(attempt: QuizAttempt, quiz: Quiz, cm: CourseModule, userid: int) -> bool:
    """Teachers always do, students once the attempt is finished, if the quiz says so."""
    if has_capability("mod/quiz:viewreports", context_module(cm.id), userid):
        return True
    return attempt.state == FINISHED and is_shown(attempt, quiz)


def is_shown(attempt: QuizAttempt, quiz: Quiz) -> bool:
    """Whether the review options show a student everything at the moment."""
    return bool(quiz.reviewoptions & moment(attempt, quiz))


def moment(attempt: QuizAttempt, quiz: Quiz) -> int:
    """The bit of the review options that counts now."""
    if attempt.state == IN_PROGRESS:
        return DURING
    now = current.clock.time()
    close = effective(quiz, attempt.userid).timeclose
    if close and now >= close:
        return AFTER_CLOSE
    return IMMEDIATELY if now < attempt.timefinish + IMMEDIATELY_SECONDS else LATER_WHILE_OPEN


def until_marks_are_shown(quiz: Quiz) -> int:
    """Until when the gradebook hides this quiz's grades, by the review options: 0 for not at all, 1 for good."""
    if quiz.reviewoptions & LATER_WHILE_OPEN:
        return 0
    return (quiz.reviewoptions & AFTER_CLOSE and quiz.timeclose) or 1
