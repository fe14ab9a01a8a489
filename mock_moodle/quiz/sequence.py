"""Sequential navigation: a page once left is not shown again."""

from __future__ import annotations

from mock_moodle.errors import QuizError
from mock_moodle.quiz.layout import read_layout
from mock_moodle.quiz.models import Quiz, QuizAttempt

SEQUENTIAL = "sequential"


def is_sequential(quiz: Quiz) -> bool:
    return quiz.navmethod == SEQUENTIAL


def may_open(attempt: QuizAttempt, quiz: Quiz, number: int) -> bool:
    """Any page of a free attempt, of a sequential one only the present and the next."""
    return not is_sequential(quiz) or number - attempt.currentpage in (0, 1)


def require_page(attempt: QuizAttempt, quiz: Quiz, number: int) -> list[list[int]]:
    """The attempt's pages. Raises as web services do for one that is not there, or not now."""
    pages = read_layout(attempt.layout)
    if not 0 <= number < len(pages):
        raise QuizError("Invalid page number", "quiz/Invalid page number")
    if not may_open(attempt, quiz, number):
        raise QuizError("Out of sequence access", "quiz/Out of sequence access")
    return pages
