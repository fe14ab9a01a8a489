"""True or false."""

from __future__ import annotations

from typing import Literal

from markupsafe import Markup

from mock_moodle.quiz.questions.base import Question, Response
from mock_moodle.webservice.php import to_int


class TrueFalse(Question):
    """A response is `{"answer": "1"}` for true and `"0"` for false; another number is as good as true."""

    qtype: Literal["truefalse"] = "truefalse"
    correct: bool = True
    feedback_true: str = ""
    feedback_false: str = ""

    def fields(self) -> tuple[str, ...]:
        return ("answer",)

    def is_complete(self, response: Response) -> bool:
        return "answer" in response

    def grade(self, response: Response) -> float:
        return float(self.says(response) == self.correct)

    def summary(self, response: Response) -> str:
        return str(self.says(response)) if "answer" in response else ""

    def specific_feedback(self, response: Response) -> str:
        if "answer" not in response:
            return ""
        return self.feedback_true if self.says(response) else self.feedback_false

    def cleaned(self, form: Response) -> dict[str, str]:
        return {name: str(to_int(value)) for name, value in super().cleaned(form).items()}

    @staticmethod
    def says(response: Response) -> bool:
        """What a response with an answer takes the sentence for."""
        return response.get("answer") != "0"

    def right_answer(self) -> str:
        return Markup(f"The correct answer is '{self.correct}'.")  # noqa: S704 - Moodle's words, quotation marks too
