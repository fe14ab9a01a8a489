"""May this user begin or go on? The same answer for the page and for the web service."""

from __future__ import annotations

from dataclasses import dataclass

from mock_moodle.access import context_module, require_capability
from mock_moodle.quiz.access import AccessRules
from mock_moodle.quiz.attempts import handle_if_time_expired, user_attempts
from mock_moodle.quiz.models import IN_PROGRESS, NOT_STARTED, OVERDUE, QuizAttempt
from mock_moodle.site import current


@dataclass(frozen=True)
class Entrance:
    """`running` is the attempt to go on with; `reasons` speak against that, or against a new one."""

    rules: AccessRules
    running: QuizAttempt | None
    reasons: list[str]


def entrance(rules: AccessRules) -> Entrance:
    """Raises RequiredCapability for a user who may not take quizzes at all."""
    preview = rules.preview
    if not preview:
        require_capability("mod/quiz:attempt", context_module(rules.cm.id), rules.userid)
    attempts = user_attempts(rules.quiz.id, rules.userid)
    last = attempts[-1] if attempts else None
    if last is not None and last.state in (IN_PROGRESS, OVERDUE):
        handle_if_time_expired(last, rules)
        current.session.flush()
        if last.state in (IN_PROGRESS, OVERDUE):
            return Entrance(rules, last, [] if preview else rules.prevent_access())
    if last is not None and last.state == NOT_STARTED:
        return Entrance(rules, None, [] if preview else rules.prevent_access())
    real = [attempt for attempt in attempts if not attempt.preview]
    closed = rules.prevent_access()
    reasons = closed or rules.prevent_new_attempt(len(real), real[-1] if real else None)
    return Entrance(rules, None, [] if preview else reasons)
