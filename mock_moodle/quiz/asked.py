"""What the functions `mod_quiz_*` take, and the quiz that a call is about."""

from __future__ import annotations

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.errors import MissingRecord
from mock_moodle.quiz.models import Quiz
from mock_moodle.quiz.pages import cm_of
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule
from mock_moodle.webservice.context import validate_module_context
from mock_moodle.webservice.registry import WARNINGS

PREFLIGHT: Schema = Multiple(
    Single({"name": Value("alphanumext", "data name"), "value": Value("raw", "data value")}),
    "Preflight required data (like passwords)",
    Presence.DEFAULT,
    (),
)
DATA = Multiple(
    Single({"name": Value("raw", "data name"), "value": Value("raw", "data value")}), "the data to be saved"
)
OPTIONAL_DATA = Multiple(DATA.content, "the data to be saved", Presence.DEFAULT, ())
STATUS = Single({"status": Value("bool", "status: true if success"), "warnings": WARNINGS})
ATTEMPT_ID: Schema = Value("int", "attempt id")
QUIZ_ID: Schema = Value("int", "quiz instance id")
USER_ID: Schema = Value("int", "user id, empty for current user", Presence.DEFAULT, 0)


def enter_quiz(quizid: int, userid: int) -> tuple[Quiz, CourseModule]:
    """The quiz, to the caller of a function, if it is open to them."""
    quiz = current.session.get(Quiz, quizid)
    if quiz is None:
        raise MissingRecord("quiz", id=quizid)
    cm = cm_of(quizid)
    validate_module_context(cm, userid)
    return quiz, cm
