"""What every question type answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from html import unescape
from re import sub
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

Response = Mapping[str, str]
"""The form's fields of one question without their `q<usage>:<slot>_` prefix: `{"answer": "frog"}`."""


class Answer(BaseModel):
    """`fraction` is what the answer earns of the question's mark; below 0 it costs."""

    model_config = ConfigDict(extra="forbid")
    answer: str
    fraction: float = Field(default=1.0, ge=-1.0, le=1.0)
    feedback: str = ""


class Question(BaseModel, ABC):
    """`text` and feedback are HTML; `defaultmark` is what a right answer is worth unless the quiz says otherwise."""

    model_config = ConfigDict(extra="forbid")
    behaviour: ClassVar[str] = "deferredfeedback"

    qtype: str
    name: str = ""
    text: str
    general_feedback: str = ""
    defaultmark: float = Field(default=1.0, ge=0)

    @abstractmethod
    def fields(self) -> tuple[str, ...]:
        """Names that a response may hold; anything else in a form is no part of it."""

    @abstractmethod
    def is_complete(self, response: Response) -> bool:
        """Whether the student may leave it at that."""

    def is_gradable(self, response: Response) -> bool:
        """Whether there is anything to grade; without it the student gave up."""
        return self.is_complete(response)

    @abstractmethod
    def grade(self, response: Response) -> float | None:
        """0 to 1, or None where a person has to grade."""

    @abstractmethod
    def summary(self, response: Response) -> str:
        """The response as plain text."""

    def complaint(self, response: Response) -> str:  # noqa: ARG002
        """What a response that cannot be left at that has to be told."""
        return "Please enter an answer."

    def specific_feedback(self, response: Response) -> str:  # noqa: ARG002
        """What the given answer has to be told, as HTML."""
        return ""

    def right_answer(self) -> str:
        """The sentence that gives it away, as plain text; empty where there is none."""
        return ""

    def settings(self) -> dict[str, Any]:
        """What clients are told of how the question is set up, in Moodle's order; most types tell nothing."""
        return {}

    def same(self, first: Response, second: Response) -> bool:
        """Whether two responses say the same: a field that is missing is as good as a blank one."""
        return all(first.get(name, "") == second.get(name, "") for name in self.fields())

    def cleaned(self, form: Response) -> dict[str, str]:
        """The part of `form` that belongs to a response."""
        return {name: form[name] for name in self.fields() if name in form}


def plain(html: str) -> str:
    """HTML as a line of text."""
    return unescape(sub(r"\s+", " ", sub(r"<[^>]*>", " ", html))).strip()
