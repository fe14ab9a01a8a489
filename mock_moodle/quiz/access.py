"""Moodle's access rules of a quiz: dates, number of attempts, delay between them, password, time limit."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from mock_moodle.access import context_module, has_capability
from mock_moodle.quiz.models import Quiz, QuizAttempt
from mock_moodle.quiz.overrides import Limits, effective
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule

NOT_AVAILABLE = "This quiz is currently not available."
NO_MORE_ATTEMPTS = "No more attempts are allowed"
WRONG_PASSWORD = "The password entered was incorrect"  # noqa: S105 - Moodle's sentence
PASSWORD_FIELD = "quizpassword"  # noqa: S105 - the field's name
GRACE = "graceperiod"


@dataclass(frozen=True)
class AccessRules:
    """The rules of one quiz for one user at one moment. Limits include the user's overrides."""

    quiz: Quiz
    cm: CourseModule
    userid: int
    limits: Limits
    now: int

    @classmethod
    def of(cls, quiz: Quiz, cm: CourseModule, userid: int) -> AccessRules:
        return cls(quiz, cm, userid, effective(quiz, userid), current.clock.time())

    @property
    def preview(self) -> bool:
        """Whether the user's attempts are previews, to which no rule applies."""
        return has_capability("mod/quiz:preview", context_module(self.cm.id), self.userid)

    def prevent_access(self) -> list[str]:
        """Why the quiz is closed altogether."""
        opened = self.now >= self.limits.timeopen
        closed = bool(self.limits.timeclose) and self.now > self.limits.timeclose
        if closed and self.quiz.overduehandling == GRACE:
            closed = self.now > self.limits.timeclose + self.quiz.graceperiod
        return [] if opened and not closed else [NOT_AVAILABLE]

    def prevent_new_attempt(self, finished: int, last: QuizAttempt | None) -> list[str]:
        """Why another attempt may not begin; `finished` are the user's real attempts so far."""
        reasons = []
        if self.limits.attempts and finished >= self.limits.attempts:
            reasons.append(NO_MORE_ATTEMPTS)
        delay = self.quiz.delay1 if finished == 1 else self.quiz.delay2
        if last is not None and finished and delay and self.now < last.timefinish + delay:
            reasons.append("You must wait before you may re-attempt this quiz.")
        if self.limits.timeclose and self.now > self.limits.timeclose:
            reasons.append(NOT_AVAILABLE)
        return list(dict.fromkeys(reasons))

    @property
    def wants_password(self) -> bool:
        return bool(self.limits.password)

    def wants_preflight(self, *, has_attempt: bool) -> bool:
        """Whether a form stands before the attempt: for a password, or to confirm a time limit."""
        return self.wants_password or (bool(self.limits.timelimit) and not has_attempt)

    def preflight_errors(self, given: Mapping[str, str]) -> list[str]:
        if not self.wants_password:
            return []
        right = hmac.compare_digest(given.get(PASSWORD_FIELD, "").encode(), self.limits.password.encode())
        return [] if right else [WRONG_PASSWORD]

    def end_time(self, attempt: QuizAttempt) -> int | None:
        """When the attempt runs out, epoch seconds; None if it never does."""
        ends = []
        if self.limits.timelimit:
            ends.append(attempt.timestart + self.limits.timelimit)
        if self.limits.timeclose and not attempt.preview:
            ends.append(self.limits.timeclose)
        return min(ends, default=None)
