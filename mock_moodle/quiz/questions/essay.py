"""Free text, which a person grades."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from mock_moodle.quiz.questions.base import Question, Response, plain


class Essay(Question):
    """A response is `{"answer": text, "answerformat": "1"}`; `answerformat` is 1 for HTML, 2 for plain text."""

    behaviour: ClassVar[str] = "manualgraded"

    qtype: Literal["essay"] = "essay"
    responseformat: Literal["editor", "plain"] = "editor"
    responserequired: bool = True
    graderinfo: str = ""

    def settings(self) -> dict[str, Any]:
        return {
            "responseformat": self.responseformat,
            "responserequired": str(int(self.responserequired)),
            "responsefieldlines": "10",
            "attachments": "0",
            "attachmentsrequired": "0",
            "maxbytes": "0",
            "filetypeslist": [],
            "responsetemplate": "",
            "responsetemplateformat": "1",
            "minwordlimit": None,
            "maxwordlimit": None,
        }

    def same(self, first: Response, second: Response) -> bool:
        return first.get("answer", "") == second.get("answer", "")

    def fields(self) -> tuple[str, ...]:
        return ("answer", "answerformat")

    def is_complete(self, response: Response) -> bool:
        return not self.responserequired or plain(response.get("answer", "")) != ""

    def is_gradable(self, response: Response) -> bool:
        return plain(response.get("answer", "")) != ""

    def grade(self, response: Response) -> None:  # noqa: ARG002
        return None

    def summary(self, response: Response) -> str:
        return plain(response.get("answer", ""))
