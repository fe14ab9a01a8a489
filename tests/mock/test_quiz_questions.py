"""What responses earn, for each type of question; layouts and grades."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mock.campus import QUESTIONS
from pydantic import ValidationError

from mock_moodle.quiz.grading import AVERAGE, FIRST, HIGHEST, LAST, final_mark, rescale
from mock_moodle.quiz.layout import make_layout, read_layout
from mock_moodle.quiz.questions import read_question
from mock_moodle.quiz.state import QuestionState, after_finishing, after_saving


@pytest.mark.parametrize(
    ("name", "response", "fraction"),
    [
        ("moon", {"answer": "1"}, 1.0),
        ("moon", {"answer": "0"}, 0.0),
        ("one", {"answer": "1"}, 1.0),
        ("one", {"answer": "0"}, 0.0),
        ("one", {"answer": "9"}, 0.0),
        ("several", {"choice0": "1", "choice1": "1"}, 1.0),
        ("several", {"choice0": "1", "choice1": "0"}, 0.5),
        ("several", {"choice0": "1", "choice1": "1", "choice2": "1"}, 0.5),
        ("several", {"choice2": "1"}, 0.0),
        ("frog", {"answer": "frog"}, 1.0),
        ("frog", {"answer": "  FROG "}, 1.0),
        ("frog", {"answer": "toad"}, 0.8),
        ("frog", {"answer": "newt"}, 0.0),
        ("pi", {"answer": "3.14159"}, 1.0),
        ("pi", {"answer": "3.15"}, 1.0),
        ("pi", {"answer": "3,1.5"}, 0.0),
        ("pi", {"answer": "4"}, 0.0),
        ("pi", {"answer": "1e400"}, 0.0),
    ],
)
def test_what_a_response_earns(name: str, response: dict[str, str], fraction: float) -> None:
    outcome = after_finishing(read_question(QUESTIONS[name]), response)
    assert outcome.fraction == pytest.approx(fraction)
    assert outcome.state in (QuestionState.RIGHT, QuestionState.PARTIAL, QuestionState.WRONG)


@pytest.mark.parametrize(
    ("name", "response"),
    [
        *((name, {}) for name in QUESTIONS),
        *((name, {"answer": ""}) for name in QUESTIONS if name != "moon"),
        ("one", {"answer": "-1"}),
        ("several", {"choice0": "0"}),
    ],
)
def test_nothing_said_is_given_up(name: str, response: dict[str, str]) -> None:
    outcome = after_finishing(read_question(QUESTIONS[name]), response)
    assert (outcome.state, outcome.fraction) == (QuestionState.GAVE_UP, None)


def test_an_essay_waits_for_a_person() -> None:
    essay = read_question(QUESTIONS["essay"])
    assert after_finishing(essay, {"answer": "<p>Because.</p>"}).state is QuestionState.NEEDS_GRADING
    assert after_finishing(essay, {"answer": "<p> </p>"}).state is QuestionState.GAVE_UP
    assert essay.summary({"answer": "<p>A &lt; B</p>"}) == "A < B"


@pytest.mark.parametrize(
    ("pattern", "answer", "matches"),
    [
        ("f*g", "flying dog", True),
        ("f*g", "gf", False),
        (r"2 \* 2", "2 * 2", True),
        ("a.c", "abc", False),
        ("É", "e\u0301", True),
    ],
)
def test_patterns(pattern: str, answer: str, matches: bool) -> None:
    question = read_question({"qtype": "shortanswer", "text": "?", "answers": [{"answer": pattern}]})
    assert after_finishing(question, {"answer": answer}).fraction == float(matches)


def test_letter_case_can_matter() -> None:
    spec = {"qtype": "shortanswer", "text": "?", "usecase": True, "answers": [{"answer": "Frog"}]}
    assert read_question(spec).grade({"answer": "frog"}) == 0.0


@pytest.mark.parametrize(
    ("name", "response", "state"),
    [
        ("moon", {}, QuestionState.TODO),
        ("moon", {"answer": "1"}, QuestionState.COMPLETE),
        ("pi", {"answer": "round"}, QuestionState.INVALID),
        ("several", {"choice0": "1"}, QuestionState.COMPLETE),
    ],
)
def test_where_an_unfinished_question_stands(name: str, response: dict[str, str], state: QuestionState) -> None:
    assert after_saving(read_question(QUESTIONS[name]), response) is state


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"qtype": "riddle", "text": "?"}, "riddle"),
        ({"qtype": "truefalse"}, "text"),
        ({"qtype": "truefalse", "text": "?", "hints": []}, "hints"),
        ({"qtype": "multichoice", "text": "?", "answers": [{"answer": "x"}]}, "answers"),
        ({"qtype": "multichoice", "text": "?", "answers": [{"answer": "x", "fraction": 0.5}] * 2}, "fraction"),
        ({"qtype": "shortanswer", "text": "?", "answers": []}, "answers"),
        ({"qtype": "numerical", "text": "?", "answers": [{"answer": "many"}]}, "many"),
    ],
)
def test_a_definition_that_cannot_be_is_named(spec: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        read_question(spec)


RESPONSES = st.dictionaries(
    st.sampled_from(["answer", "answerformat", "choice0", "choice1", "choice2", "choice9"]),
    st.text(max_size=12),
    max_size=4,
)


@given(st.sampled_from(list(QUESTIONS)), RESPONSES)
def test_any_response_has_an_outcome(name: str, response: dict[str, str]) -> None:
    question = read_question(QUESTIONS[name])
    cleaned = question.cleaned(response)
    outcome = after_finishing(question, cleaned)
    assert outcome.state.finished
    assert outcome.fraction is None or 0.0 <= outcome.fraction <= 1.0
    assert not after_saving(question, cleaned).finished
    assert isinstance(question.summary(cleaned) + question.specific_feedback(cleaned), str)


@given(st.integers(1, 40), st.integers(0, 12))
def test_every_slot_stands_on_one_page(slots: int, per_page: int) -> None:
    pages = read_layout(make_layout(slots, per_page))
    assert [slot for page in pages for slot in page] == list(range(1, slots + 1))
    assert all(len(page) <= (per_page or slots) for page in pages)


def test_the_layout_of_a_quiz_without_questions_is_empty() -> None:
    assert read_layout(make_layout(0, 1)) == []


@pytest.mark.parametrize(("method", "mark"), [(HIGHEST, 4.0), (AVERAGE, 3.0), (FIRST, 2.0), (LAST, 3.0)])
def test_which_attempt_counts(method: int, mark: float) -> None:
    assert final_mark([2.0, 4.0, 3.0], method) == mark


def test_attempts_that_nobody_graded_count_for_nothing() -> None:
    assert final_mark([None, 2.0], HIGHEST) == 2.0
    assert final_mark([None], AVERAGE) is None
    assert final_mark([], LAST) is None


@pytest.mark.parametrize(("mark", "sumgrades", "grade"), [(1.8, 2, 9.0), (None, 2, None), (1, 0, 0.0)])
def test_marks_become_grades(mark: float | None, sumgrades: float, grade: float | None) -> None:
    assert rescale(mark, sumgrades, 10) == (pytest.approx(grade) if grade is not None else None)


@pytest.mark.parametrize(
    ("sent", "summary"), [("1", "True"), ("7", "True"), ("0", "False"), ("", "False"), ("x", "False")]
)
def test_whatever_is_sent_for_true_or_false_is_read_as_a_number(sent: str, summary: str) -> None:
    question = read_question(QUESTIONS["moon"])
    assert question.summary(question.cleaned({"answer": sent})) == summary


@pytest.mark.parametrize(
    ("name", "answer", "told"),
    [
        ("pi", "round", "You must enter a valid number."),
        ("pi", "3,141", "Please enter your answer without using the thousand separator (,)."),
    ],
)
def test_what_is_wrong_with_an_answer(name: str, answer: str, told: str) -> None:
    asked = read_question(QUESTIONS[name])
    assert after_saving(asked, {"answer": answer}) == QuestionState.INVALID
    assert asked.complaint({"answer": answer}) == told


def test_what_was_not_answered_is_told_nothing() -> None:
    other = {"answer": "*", "fraction": 0, "feedback": "Not quite."}
    frog = read_question({"qtype": "shortanswer", "text": "Name one.", "answers": [{"answer": "frog"}, other]})
    assert frog.specific_feedback({"answer": "newt"}) == "Not quite."
    assert frog.specific_feedback({"answer": " "}) == ""
