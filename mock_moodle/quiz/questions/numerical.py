"""A number within a tolerance."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import Field, field_validator

from mock_moodle.quiz.questions.base import Answer, Question, Response

THOUSANDS = ","


class NumericalAnswer(Answer):
    """`answer` is a number, or `*` for every other one; `tolerance` is absolute."""

    tolerance: float = Field(default=0.0, ge=0)

    @field_validator("answer", mode="before")
    @classmethod
    def _is_number(cls, value: object) -> str:
        text = str(value).strip()
        if text != "*" and parse_number(text) is None:
            raise ValueError(f"{text!r} is neither a number nor *")
        return text

    def matches(self, number: float) -> bool:
        if self.answer == "*":
            return True
        expected = parse_number(self.answer) or 0.0
        return abs(number - expected) <= self.tolerance + abs(expected) * 1e-13


class Numerical(Question):
    """A text field; a comma groups thousands, as in Moodle's English, and should be left out."""

    qtype: Literal["numerical"] = "numerical"
    answers: list[NumericalAnswer] = Field(min_length=1)

    def settings(self) -> dict[str, Any]:
        return {"unitgradingtype": "0", "unitpenalty": "0.1000000", "unitdisplay": "3", "unitsleft": "0"}

    def fields(self) -> tuple[str, ...]:
        return ("answer",)

    def cleaned(self, form: Response) -> dict[str, str]:
        return {name: value.strip() for name, value in super().cleaned(form).items()}

    def is_complete(self, response: Response) -> bool:
        answer = response.get("answer", "")
        return parse_number(answer) is not None and THOUSANDS not in answer

    def complaint(self, response: Response) -> str:
        if parse_number(response.get("answer", "")) is None:
            return "You must enter a valid number."
        return f"Please enter your answer without using the thousand separator ({THOUSANDS})."

    def is_gradable(self, response: Response) -> bool:
        return response.get("answer", "").strip() != ""

    def match(self, response: Response) -> NumericalAnswer | None:
        number = parse_number(response.get("answer", ""))
        return None if number is None else next((a for a in self.answers if a.matches(number)), None)

    def grade(self, response: Response) -> float:
        answer = self.match(response)
        return max(0.0, answer.fraction) if answer else 0.0

    def summary(self, response: Response) -> str:
        return response.get("answer", "").strip()

    def specific_feedback(self, response: Response) -> str:
        answer = self.match(response)
        return answer.feedback if answer else ""

    def right_answer(self) -> str:
        numbers = [answer for answer in self.answers if answer.answer != "*"]
        best = max(numbers, key=lambda answer: answer.fraction, default=None)
        return f"The correct answer is: {best.answer}" if best else ""


def parse_number(text: str) -> float | None:
    """None for what is no finite number."""
    try:
        number = float(text.replace(THOUSANDS, "").replace(" ", "").replace("_", "?"))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
