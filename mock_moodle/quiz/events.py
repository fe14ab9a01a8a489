"""What happens to attempts: written to the site's log, and told to whoever listens (plugins do).

@attempt_submitted.connect
def note(attempt: QuizAttempt, *, cm: CourseModule, actorid: int) -> None: ...
"""

from __future__ import annotations

from blinker import Signal

from mock_moodle.access import context_module
from mock_moodle.quiz.models import QuizAttempt
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule, LogEvent

attempt_started = Signal("a new attempt, or preview, has begun")
attempt_submitted = Signal("an attempt was handed in")
attempt_abandoned = Signal("an attempt was never handed in")
attempt_reopened = Signal("an attempt that was never handed in is in progress again")
attempt_deleted = Signal("an attempt was deleted")

_NAMES = {
    attempt_started: "attempt_started",
    attempt_submitted: "attempt_submitted",
    attempt_abandoned: "attempt_abandoned",
    attempt_reopened: "attempt_reopened",
    attempt_deleted: "attempt_deleted",
}


def tell(signal: Signal, attempt: QuizAttempt, cm: CourseModule, actorid: int) -> None:
    """`actorid` is who did it, 0 for the clock."""
    name = _NAMES[signal]
    if signal is attempt_started and attempt.preview:
        name = "attempt_preview_started"
    current.session.add(
        LogEvent(
            eventname=f"\\mod_quiz\\event\\{name}",
            userid=actorid,
            courseid=cm.course,
            contextid=context_module(cm.id).id,
            objectid=attempt.id,
            relateduserid=attempt.userid,
            other={"quizid": attempt.quiz, "submitterid": actorid},
            timecreated=current.clock.time(),
        )
    )
    current.session.flush()
    signal.send(attempt, cm=cm, actorid=actorid)
