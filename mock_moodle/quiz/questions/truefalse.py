"""True or false."""

from __future__ import annotations

from typing import Literal

from mock_moodle.quiz.questions.base import Question, Response


class TrueFalse(Question):
    """A response is `{"answer": "1"}` for true and `"0"` for false."""

    qtype: Literal["truefalse"] = "truefalse"
    correct: bool = True
    feedback_true: str = ""
    feedback_false: str = ""

    def fields(self) -> tuple[str, ...]:
        return ("answer",)

    def is_complete(self, response: Response) -> bool:
        return response.get("answer") in ("0", "1")

    def grade(self, response: Response) -> float:
        return float((response.get("answer") == "1") == self.correct)

    def summary(self, response: Response) -> str:
        return {"1": "True", "0": "False"}.get(response.get("answer", ""), "")

    def specific_feedback(self, response: Response) -> str:
        return {"1": self.feedback_true, "0": self.feedback_false}.get(response.get("answer", ""), "")

    def right_answer(self) -> str:
        return f"The correct answer is '{self.correct}'."
