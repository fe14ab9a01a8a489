"""Questions as a real Moodle 4.5.6 put them into HTML and told clients of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from mock.campus import OPEN_QUIZ, STUDENT_TOKEN, TEACHER_TOKEN, Campus

from mock_moodle.cleaned_html import cleaned_html
from mock_moodle.quiz.models import Quiz

QUIZ_ID = 2
VERSION = '<span class="badge bg-primary text-light">v1 (latest)</span>'
SLOTS = {"moon": 1, "one": 2, "several": 3, "frog": 4, "pi": 5, "essay": 6}


class Attempt:
    """Anna's at the open quiz."""

    def __init__(self, campus: Campus) -> None:
        self.campus = campus
        begun = campus.call("mod_quiz_start_attempt", STUDENT_TOKEN, quizid=QUIZ_ID)["attempt"]
        self.id, self.usage = begun["id"], begun["uniqueid"]

    def send(self, name: str, steps: int = 1, *, finish: bool = False, **answer: str) -> Any:
        prefix = f"q{self.usage}:{SLOTS[name]}_"
        fields = {":sequencecheck": str(steps), **answer}
        data = [{"name": prefix + key, "value": value} for key, value in fields.items()]
        return self.campus.call(
            "mod_quiz_process_attempt", STUDENT_TOKEN, attemptid=self.id, data=data, finishattempt=int(finish)
        )

    def question(self, name: str, token: str = STUDENT_TOKEN) -> dict[str, Any]:
        told = self.campus.call("mod_quiz_get_attempt_review", token, attemptid=self.id)
        if "questions" not in told:
            told = self.campus.call("mod_quiz_get_attempt_summary", token, attemptid=self.id)
        return next(one for one in told["questions"] if one["slot"] == SLOTS[name])

    def soup(self, name: str) -> BeautifulSoup:
        return BeautifulSoup(self.question(name)["html"], "lxml")


@pytest.fixture
def attempt(campus: Campus) -> Attempt:
    return Attempt(campus)


def test_a_choice_can_be_cleared_once_it_was_made(attempt: Attempt) -> None:
    before = attempt.soup("one").select_one(".qtype_multichoice_clearchoice")
    attempt.send("one", answer="1")
    after = attempt.soup("one").select_one(".qtype_multichoice_clearchoice")
    assert before is not None
    assert after is not None
    assert ("sr-only" in before["class"], "sr-only" in after["class"]) == (True, False)
    assert [bool(each.select("input[checked]")) for each in (before, after)] == [True, False]


def test_feedback_of_a_choice_stands_beside_it(attempt: Attempt) -> None:
    attempt.send("one", answer="1", finish=True)
    html = attempt.soup("one")
    assert [each.get_text() for each in html.select(".answer .specificfeedback")] == ["Well done."]
    assert html.select(".outcome .specificfeedback") == []


def test_each_of_several_right_choices_is_right(attempt: Attempt) -> None:
    attempt.send("several", choice0="1", choice1="1", finish=True)
    assert len(attempt.soup("several").select(".answer > .correct")) == 2
    assert attempt.soup("several").select("input[type=hidden][name$=choice0]") == []


def test_an_essay_shows_what_was_written_without_harm(attempt: Attempt) -> None:
    attempt.send("essay", answer="<p>So <b>it</b> is.</p><script>alert(1)</script>", answerformat="1", finish=True)
    shown = attempt.soup("essay").select_one(".qtype_essay_response.readonly")
    assert shown is not None
    assert (shown.decode_contents(), shown["role"]) == ("<p>So <b>it</b> is.</p>", "textbox")
    state = attempt.soup("essay").select_one(".state")
    assert state is not None
    assert (state.get_text(), attempt.question("essay")["status"]) == ("Complete", "Requires grading")


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ('<p onclick="x()">a</p>', "<p>a</p>"),
        ("<style>b</style>c", "c"),
        ('<a href="javascript:x">d</a><a href="https://e.example/?f&amp;g">h</a>',
         '<a>d</a><a href="https://e.example/?f&amp;g">h</a>'),
        ("1 < 2 <blink>3</blink>", "1 &lt; 2 3"),
        ("<br/>", "<br>"),
    ],
)  # fmt: skip
def test_harm_is_taken_out_of_html(html: str, cleaned: str) -> None:
    assert cleaned_html(html) == cleaned


@pytest.mark.parametrize(
    ("name", "answer"),
    [("one", {"answer": "-1"}), ("several", {"choice0": "0"}), ("essay", {"answer": "", "answerformat": "1"})],
)
def test_what_says_nothing_is_no_step(attempt: Attempt, name: str, answer: dict[str, str]) -> None:
    attempt.send(name, **answer)
    assert attempt.question(name)["sequencecheck"] == 1


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("one", ("answernumbering", "abc")),
        ("several", ("layout", 1)),
        ("pi", ("unitdisplay", "3")),
        ("essay", ("responseformat", "editor")),
    ],
)
def test_clients_are_told_how_a_question_is_set_up(attempt: Attempt, name: str, setting: tuple[str, Any]) -> None:
    settings = json.loads(attempt.question(name)["settings"])
    assert settings[setting[0]] == setting[1]
    assert attempt.question("moon")["settings"] is None


def test_marks_have_the_quizs_decimal_places(campus: Campus, attempt: Attempt) -> None:
    with campus.site.visit() as visit:
        visit.session.get_one(Quiz, QUIZ_ID).decimalpoints = 1
    attempt.send("moon", answer="1", finish=True)
    assert attempt.question("moon")["mark"] == "1.0"
    assert "Mark 1.0 out of 1.0" in attempt.question("moon")["html"]


def test_a_quiz_may_keep_secret_what_its_questions_are_worth(campus: Campus, attempt: Attempt) -> None:
    with campus.site.visit() as visit:
        visit.session.get_one(Quiz, QUIZ_ID).reviewoptions = 0
    told = attempt.question("moon")
    assert not {"mark", "maxmark", "state"} & set(told)
    assert 'class="grade"' not in told["html"]
    attempt.send("moon", answer="1", finish=True)
    refused = campus.call("mod_quiz_get_attempt_review", STUDENT_TOKEN, attemptid=attempt.id)
    assert refused["message"] == "You are not allowed to review this quiz"
    assert attempt.question("moon", TEACHER_TOKEN)["mark"] == "1.00"


def test_a_quiz_opens_only_from_its_addresses(campus: Campus) -> None:
    def reasons(subnet: str) -> list[str]:
        with campus.site.visit() as visit:
            visit.session.get_one(Quiz, QUIZ_ID).subnet = subnet
        told = campus.call("mod_quiz_get_quiz_access_information", STUDENT_TOKEN, quizid=QUIZ_ID)
        return [reason[:35] for reason in told["preventaccessreasons"]]

    assert (reasons("10.0.0.0/8"), reasons("127.0.0.1")) == (["This quiz is only accessible from c"], [])
    campus.call("mod_quiz_start_attempt", STUDENT_TOKEN, quizid=QUIZ_ID)
    with campus.site.visit() as visit:
        visit.session.get_one(Quiz, QUIZ_ID).subnet = "10.0.0.0/8"
    assert "only accessible from certain" in campus.sign_in("anna").get("/mod/quiz/view.php", id=OPEN_QUIZ).text


def test_staff_are_led_to_grading_and_told_the_version(attempt: Attempt, campus: Campus) -> None:
    """But of a preview there is nothing to grade."""
    attempt.send("moon", finish=True, _answer="1")
    html = attempt.question("moon", TEACHER_TOKEN)["html"]
    assert f'/mod/quiz/comment.php?attempt={attempt.id}&slot=1" id="action_link' in html
    assert VERSION not in html  # whose review is asked about the whole site
    preview = campus.call("mod_quiz_start_attempt", TEACHER_TOKEN, quizid=QUIZ_ID)["attempt"]["id"]
    for token, each, told in ((TEACHER_TOKEN, preview, True), (STUDENT_TOKEN, Attempt(campus).id, False)):
        page = campus.call("mod_quiz_get_attempt_data", token, attemptid=each, page=0)
        assert (VERSION in page["questions"][0]["html"]) == told
    campus.call("mod_quiz_process_attempt", TEACHER_TOKEN, attemptid=preview, finishattempt=1)
    told = campus.call("mod_quiz_get_attempt_review", TEACHER_TOKEN, attemptid=preview)["questions"]
    assert "comment.php" not in told[0]["html"]


def test_choices_stand_one_a_line(attempt: Attempt) -> None:
    assert '</div>\n<div class="r1">' in attempt.question("one")["html"]


def test_a_number_that_was_not_given_is_marked_wrong(attempt: Attempt) -> None:
    attempt.send("moon", finish=True, _answer="1")
    field = attempt.soup("pi").select_one("input[readonly]")
    assert field is not None
    assert "incorrect" in field["class"]
