"""Multiple choice, with one answer or several."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from mock_moodle.quiz.questions.base import Answer, Question, Response, plain


class MultipleChoice(Question):
    """With `single`, a response is `{"answer": "<index>"}` (`-1` clears it), else `{"choice<index>": "1", …}`.

    Answers stand in the order of the definition: the mock never shuffles, so that tests can name an index.
    """

    qtype: Literal["multichoice"] = "multichoice"
    single: bool = True
    answers: list[Answer] = Field(min_length=2)

    @model_validator(mode="after")
    def _can_be_right(self) -> MultipleChoice:
        best = max(a.fraction for a in self.answers) if self.single else sum(max(a.fraction, 0) for a in self.answers)
        if best < 0.999:
            raise ValueError("the right answers' `fraction` must reach 1")
        return self

    def fields(self) -> tuple[str, ...]:
        return ("answer",) if self.single else tuple(f"choice{index}" for index in range(len(self.answers)))

    def chosen(self, response: Response) -> list[Answer]:
        return [self.answers[index] for index in self.chosen_indexes(response)]

    def chosen_indexes(self, response: Response) -> list[int]:
        if not self.single:
            return [index for index in range(len(self.answers)) if response.get(f"choice{index}", "0") not in ("", "0")]
        answer = response.get("answer", "")
        return [int(answer)] if answer.isascii() and answer.isdigit() and int(answer) < len(self.answers) else []

    def is_complete(self, response: Response) -> bool:
        """One that does not exist is an answer, too: a wrong one."""
        if self.single:
            return response.get("answer", "") not in ("", "-1")
        return bool(self.chosen_indexes(response))

    def complaint(self, response: Response) -> str:  # noqa: ARG002
        return "Please select an answer." if self.single else "Please select at least one answer."

    def settings(self) -> dict[str, Any]:
        return {"shuffleanswers": "0", "answernumbering": "abc", "showstandardinstruction": "0", "layout": 1}

    def same(self, first: Response, second: Response) -> bool:
        if self.single:
            return first.get("answer", "-1") == second.get("answer", "-1")
        return self.chosen_indexes(first) == self.chosen_indexes(second)

    def worth(self, answer: Answer) -> float:
        """How right an answer is by itself: of several each counts that earns something."""
        return answer.fraction if self.single else float(answer.fraction > 0)

    def grade(self, response: Response) -> float:
        return min(1.0, max(0.0, sum(answer.fraction for answer in self.chosen(response))))

    def summary(self, response: Response) -> str:
        return "; ".join(plain(answer.answer) for answer in self.chosen(response))

    def right_answer(self) -> str:
        right = [plain(answer.answer) for answer in self.answers if answer.fraction > 0]
        if self.single:
            best = max(self.answers, key=lambda answer: answer.fraction)
            return f"The correct answer is: {plain(best.answer)}"
        return f"The correct answers are: {', '.join(right)}"
