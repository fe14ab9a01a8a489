"""A word or a phrase, compared with patterns in which `*` stands for anything."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from pydantic import Field

from mock_moodle.quiz.questions.base import Answer, Question, Response


class ShortAnswer(Question):
    """The first pattern that matches decides. `\\*` in a pattern is a plain asterisk."""

    qtype: Literal["shortanswer"] = "shortanswer"
    usecase: bool = False
    answers: list[Answer] = Field(min_length=1)

    def fields(self) -> tuple[str, ...]:
        return ("answer",)

    def cleaned(self, form: Response) -> dict[str, str]:
        return {name: value.strip() for name, value in super().cleaned(form).items()}

    def is_complete(self, response: Response) -> bool:
        return response.get("answer", "").strip() != ""

    def match(self, response: Response) -> Answer | None:
        given = unicodedata.normalize("NFC", response.get("answer", "").strip())
        flags = re.DOTALL if self.usecase else re.DOTALL | re.IGNORECASE
        return next((a for a in self.answers if re.fullmatch(_pattern(a.answer), given, flags)), None)

    def grade(self, response: Response) -> float:
        answer = self.match(response)
        return max(0.0, answer.fraction) if answer else 0.0

    def summary(self, response: Response) -> str:
        return response.get("answer", "").strip()

    def specific_feedback(self, response: Response) -> str:
        answer = self.match(response) if self.is_complete(response) else None
        return answer.feedback if answer else ""

    def right_answer(self) -> str:
        best = max(self.answers, key=lambda answer: answer.fraction)
        return "The correct answer is: " + best.answer.replace("\\*", "*")


def _pattern(answer: str) -> str:
    parts = re.split(r"(?<!\\)\*+", unicodedata.normalize("NFC", answer.strip()))
    return ".*".join(re.escape(part.replace("\\*", "*")) for part in parts)
