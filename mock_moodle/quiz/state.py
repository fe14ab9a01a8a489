"""What has become of one question of an attempt, and what moves it on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mock_moodle.quiz.questions import Question, Response

RIGHT_FROM, WRONG_BELOW = 0.9999999, 0.0000001
"""Fractions are sums of decimals such as 0.33333: a hair's breadth is forgiven."""


class QuestionState(Enum):
    """Value, CSS class and what a person reads."""

    TODO = ("todo", "notyetanswered", "Not yet answered")
    INVALID = ("invalid", "invalidanswer", "Incomplete answer")
    COMPLETE = ("complete", "answersaved", "Answer saved")
    GAVE_UP = ("gaveup", "notanswered", "Not answered")
    NEEDS_GRADING = ("needsgrading", "requiresgrading", "Requires grading")
    WRONG = ("gradedwrong", "incorrect", "Incorrect")
    PARTIAL = ("gradedpartial", "partiallycorrect", "Partially correct")
    RIGHT = ("gradedright", "correct", "Correct")
    WRONG_BY_HAND = ("mangrwrong", "incorrect", "Incorrect")
    PARTIAL_BY_HAND = ("mangrpartial", "partiallycorrect", "Partially correct")
    RIGHT_BY_HAND = ("mangrright", "correct", "Correct")

    @property
    def key(self) -> str:
        return self.value[0]

    @property
    def css_class(self) -> str:
        return self.value[1]

    @property
    def title(self) -> str:
        return self.value[2]

    @property
    def finished(self) -> bool:
        return self not in (QuestionState.TODO, QuestionState.INVALID, QuestionState.COMPLETE)

    @classmethod
    def of(cls, key: str) -> QuestionState:
        return next(state for state in cls if state.key == key)


@dataclass(frozen=True)
class Outcome:
    """`fraction` is None while nobody has graded."""

    state: QuestionState
    fraction: float | None = None


def after_saving(question: Question, response: Response) -> QuestionState:
    """Where an unfinished question stands with this response."""
    if question.is_complete(response):
        return QuestionState.COMPLETE
    return QuestionState.INVALID if any(value.strip() for value in response.values()) else QuestionState.TODO


def after_finishing(question: Question, response: Response) -> Outcome:
    """What the response earns when the attempt is handed in."""
    if not question.is_gradable(response):
        return Outcome(QuestionState.GAVE_UP)
    fraction = question.grade(response)
    return Outcome(QuestionState.NEEDS_GRADING) if fraction is None else graded(fraction)


def graded(fraction: float) -> Outcome:
    """0 to 1 as right, partly right or wrong."""
    if fraction >= RIGHT_FROM:
        return Outcome(QuestionState.RIGHT, fraction)
    return Outcome(QuestionState.WRONG if fraction <= WRONG_BELOW else QuestionState.PARTIAL, fraction)


BY_HAND = {
    QuestionState.RIGHT: QuestionState.RIGHT_BY_HAND,
    QuestionState.PARTIAL: QuestionState.PARTIAL_BY_HAND,
    QuestionState.WRONG: QuestionState.WRONG_BY_HAND,
}


def graded_by_hand(fraction: float) -> Outcome:
    """What a teacher gave, 0 to 1."""
    return Outcome(BY_HAND[graded(fraction).state], fraction)
