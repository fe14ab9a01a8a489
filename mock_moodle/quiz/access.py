"""Moodle's access rules of a quiz: dates, number of attempts, delay between them, password, time limit."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from mock_moodle.access import context_module, has_capability
from mock_moodle.localtime import day_and_time
from mock_moodle.quiz.models import Quiz, QuizAttempt
from mock_moodle.quiz.overrides import Limits, effective
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule
from mock_moodle.webservice.subnet import address_in_subnet

NOT_AVAILABLE = "This quiz is currently not available."
NOT_HERE = "This quiz is only accessible from certain locations, and this computer is not on the allowed list."
NO_MORE_ATTEMPTS = "No more attempts are allowed"
WRONG_PASSWORD = "The password entered was incorrect"  # noqa: S105 - Moodle's sentence
MUST_WAIT = "You must wait before you may re-attempt this quiz. You will be allowed to start another attempt after {}."
CANNOT_WAIT = "This quiz closes before you will be allowed to start another attempt."
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
        reasons = [] if opened and not closed else [NOT_AVAILABLE]
        if self.quiz.subnet and not address_in_subnet(current.visit.address, self.quiz.subnet):
            reasons.append(NOT_HERE)
        return reasons

    def prevent_new_attempt(self, so_far: int, last: QuizAttempt | None) -> list[str]:
        """Why another attempt may not begin; `so_far` counts the user's attempts, `last` is the latest of them."""
        if self.limits.attempts and so_far >= self.limits.attempts:
            return [NO_MORE_ATTEMPTS]
        if self.limits.timeclose and self.now > self.limits.timeclose:
            return []
        start = self._next_start(so_far, last)
        if self.now >= start:
            return []
        if self.limits.timeclose and start > self.limits.timeclose:
            return [CANNOT_WAIT]
        return [MUST_WAIT.format(day_and_time(start))]

    def is_finished(self, so_far: int, last: QuizAttempt | None) -> bool:
        """Whether there is no way that the user may ever attempt the quiz again."""
        close = self.limits.timeclose
        if (self.limits.attempts and so_far >= self.limits.attempts) or (close and self.now > close):
            return True
        return bool(close) and self.now <= self._next_start(so_far, last) >= close

    def _next_start(self, so_far: int, last: QuizAttempt | None) -> int:
        """When the delay between attempts is over, epoch seconds; 0 for at once."""
        delay = self.quiz.delay1 if so_far == 1 else self.quiz.delay2
        if last is None or not so_far or not delay:
            return 0
        ended = last.timefinish
        if self.limits.timelimit:
            ended = min(ended, last.timestart + self.limits.timelimit)
        return ended + delay

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
        if self.limits.timeclose:
            ends.append(self.limits.timeclose)
        return min(ends, default=None)
