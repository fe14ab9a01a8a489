"""Reopening an attempt that was never submitted, as Moodle does from 4.2 on."""

from __future__ import annotations

from contract.webservice import Value
from mock_moodle.access import context_module, require_capability
from mock_moodle.errors import MoodleError
from mock_moodle.localtime import day_and_time
from mock_moodle.quiz import attempts, events
from mock_moodle.quiz.access import AccessRules
from mock_moodle.quiz.asked import ATTEMPT_ID
from mock_moodle.quiz.models import ABANDONED, IN_PROGRESS, STATE_TITLES, Quiz, QuizAttempt
from mock_moodle.quiz.pages import cm_of
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule, User
from mock_moodle.webservice.context import validate_module_context
from mock_moodle.webservice.registry import Call, function

CAPABILITY = "mod/quiz:reopenattempts"


def reopen(attempt: QuizAttempt, cm: CourseModule, actorid: int) -> None:
    """In progress again; handed in at once where its time is up."""
    _refuse_unfit(attempt)
    attempt.state, attempt.timecheckstate = IN_PROGRESS, None
    attempt.timemodified = current.clock.time()
    events.tell(events.attempt_reopened, attempt, cm, actorid)
    end = _end(attempt, cm)
    if end is not None and current.clock.time() > end:
        attempts.finish_attempt(attempt, cm, actorid, at=end)


def _refuse_unfit(attempt: QuizAttempt) -> None:
    if attempt.state != ABANDONED:
        title = STATE_TITLES.get(attempt.state, attempt.state)
        told = f"Attempt {attempt.id} is in the wrong state ({title}) to be reopened."
        raise MoodleError("reopenattemptwrongstate", told)


def _end(attempt: QuizAttempt, cm: CourseModule) -> int | None:
    quiz = current.session.get_one(Quiz, attempt.quiz)
    return AccessRules.of(quiz, cm, attempt.userid).end_time(attempt)


def _asked(attempt_id: int, userid: int) -> tuple[QuizAttempt, CourseModule]:
    attempt = attempts.find_attempt(attempt_id)
    cm = cm_of(attempt.quiz)
    require_capability(CAPABILITY, context_module(cm.id), userid)
    validate_module_context(cm, userid)
    return attempt, cm


@function(
    "mod_quiz_reopen_attempt",
    {"attemptid": ATTEMPT_ID},
    None,
    type="write",
    ajax=True,
    capabilities=CAPABILITY,
    php="mod_quiz\\external\\reopen_attempt::execute",
)
def reopen_attempt(call: Call, attemptid: int) -> None:
    attempt, cm = _asked(attemptid, call.userid)
    reopen(attempt, cm, call.userid)


@function(
    "mod_quiz_get_reopen_attempt_confirmation",
    {"attemptid": ATTEMPT_ID},
    Value("raw", "Confirmation to show the user before the attempt is reopened."),
    ajax=True,
    capabilities=CAPABILITY,
    php="mod_quiz\\external\\get_reopen_attempt_confirmation::execute",
)
def get_reopen_attempt_confirmation(call: Call, attemptid: int) -> str:
    attempt, cm = _asked(attemptid, call.userid)
    _refuse_unfit(attempt)
    student, end = current.session.get_one(User, attempt.userid), _end(attempt, cm)
    if end is None:
        outcome = "The attempt will remain open and can be continued."
    elif current.clock.time() > end:
        outcome = "The attempt will be immediately submitted for grading."
    else:
        outcome = f"The attempt will remain open and can be continued until the quiz closes on {day_and_time(end)}."
    return f"<p>This will reopen attempt {attempt.attempt} by {student.fullname}.</p><p>{outcome}</p>"
