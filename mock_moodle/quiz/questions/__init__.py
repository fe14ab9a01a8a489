"""The five question types: what a response may hold, whether it is complete, and what it earns.

question = read_question({"qtype": "shortanswer", "text": "<p>…</p>", "answers": [{"answer": "frog"}]})
question.grade({"answer": "Frog"})          # 1.0
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from mock_moodle.quiz.questions.base import Question, Response
from mock_moodle.quiz.questions.essay import Essay
from mock_moodle.quiz.questions.multichoice import MultipleChoice
from mock_moodle.quiz.questions.numerical import Numerical
from mock_moodle.quiz.questions.shortanswer import ShortAnswer
from mock_moodle.quiz.questions.truefalse import TrueFalse

AnyQuestion = Annotated[
    TrueFalse | MultipleChoice | ShortAnswer | Numerical | Essay,
    Field(discriminator="qtype"),
]
_adapter: TypeAdapter[TrueFalse | MultipleChoice | ShortAnswer | Numerical | Essay] = TypeAdapter(AnyQuestion)


def read_question(definition: Mapping[str, Any]) -> Question:
    """One of the world file's questions.

    Raises:
        pydantic.ValidationError: naming the field.
    """
    return _adapter.validate_python(dict(definition))


__all__ = ["AnyQuestion", "Question", "Response", "read_question"]
