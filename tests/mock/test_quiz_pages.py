"""A student's way through a quiz in a browser, and what the teacher sees of it."""

from __future__ import annotations

import pytest
from mock.campus import AUTOMATIC, EXAM, OPEN_QUIZ, STUDENT_TOKEN, V08, Browser, Campus, Page, world

RIGHT = {
    "moon": {"answer": "1"},
    "one": {"answer": "1"},
    "several": {"choice0": "1", "choice1": "1"},
    "frog": {"answer": "frog"},
    "pi": {"answer": "3.1416"},
    "essay": {"answer": "Because."},
}


def begin(browser: Browser, cmid: int = OPEN_QUIZ) -> Page:
    view = browser.get("/mod/quiz/view.php", id=cmid)
    return browser.follow(browser.submit(view, "form[action*=startattempt]"))


def fill(page: Page, answers: dict[str, dict[str, str]], names: list[str]) -> dict[str, str]:
    """Field names of the page's questions, in the order of `names`."""
    fields = {}
    for question, name in zip(page.soup.select(".que"), names, strict=True):
        prefix = question.select_one("[name$=':sequencecheck']")["name"].removesuffix(":sequencecheck")
        fields |= {prefix + field: value for field, value in answers[name].items()}
    return fields


def take(browser: Browser, answers: dict[str, dict[str, str]]) -> Page:
    """All three pages of the open quiz, then "Submit all and finish"; the review."""
    page = begin(browser)
    for names in (["moon", "one"], ["several", "frog"], ["pi", "essay"]):
        page = browser.follow(browser.submit(page, "#responseform", fill(page, answers, names), press="next"))
    assert page.title == "Open quiz: Attempt summary | campus"
    return browser.follow(browser.submit(page, "#frm-finishattempt"))


def test_every_question_can_be_answered_and_reviewed(campus: Campus) -> None:
    review = take(campus.sign_in("anna"), RIGHT)
    assert review.title == "Open quiz: Attempt review | campus"
    states = [state.get_text() for state in review.soup.select(".que .state")]
    assert states == ["Correct"] * 5 + ["Complete"]
    assert "Not yet graded" in review.text
    assert "Well done." in review.text


def test_answers_are_kept_between_pages(campus: Campus) -> None:
    anna = campus.sign_in("anna")
    page = begin(anna)
    page = anna.follow(anna.submit(page, "#responseform", fill(page, RIGHT, ["moon", "one"]), press="next"))
    page = anna.follow(anna.submit(page, "#responseform", press="previous"))
    checked = [box["value"] for box in page.soup.select("input[type=radio][checked]")]
    assert checked == ["1", "1"]
    assert [state.get_text() for state in page.soup.select(".que .state")] == ["Answer saved"] * 2


def test_partly_right_wrong_and_given_up(campus: Campus) -> None:
    answers = {
        "moon": {"answer": "0"},
        "one": {},
        "several": {"choice0": "1"},
        "frog": {"answer": " TOAD "},
        "pi": {"answer": "about three"},
        "essay": {"answer": ""},
    }
    review = take(campus.sign_in("anna"), answers)
    states = [state.get_text() for state in review.soup.select(".que .state")]
    assert states == [
        "Incorrect",
        "Not answered",
        "Partially correct",
        "Partially correct",
        "Incorrect",
        "Not answered",
    ]
    assert "Mark 0.80 out of 1.00" in review.text


def test_what_is_no_number_is_asked_for_again(campus: Campus) -> None:
    anna = campus.sign_in("anna")
    page = begin(anna)
    for names in (["moon", "one"], ["several", "frog"]):
        page = anna.follow(anna.submit(page, "#responseform", fill(page, RIGHT, names), press="next"))
    fields = fill(page, {"pi": {"answer": "round"}, "essay": {}}, ["pi", "essay"])
    page = anna.follow(anna.submit(page, "#responseform", fields, press="previous"))
    page = anna.follow(anna.submit(page, "#responseform", press="next"))
    assert "You must enter a valid number." in page.text


def test_a_form_from_before_the_last_step_is_refused(campus: Campus) -> None:
    anna = campus.sign_in("anna")
    page = begin(anna)
    anna.submit(page, "#responseform", fill(page, RIGHT, ["moon", "one"]), press="next")
    again = anna.submit(page, "#responseform", fill(page, RIGHT, ["moon", "one"]), press="next")
    assert again.status == 404
    assert "outside the normal sequence" in again.text


def test_an_attempt_goes_on_where_it_was_left(campus: Campus) -> None:
    anna = campus.sign_in("anna")
    first = begin(anna)
    view = anna.get("/mod/quiz/view.php", id=OPEN_QUIZ)
    assert "Continue your attempt" in view.text
    assert (
        begin(anna).form("#responseform [name=attempt]")["value"] == first.form("#responseform [name=attempt]")["value"]
    )


def test_others_attempts_are_closed_to_students_and_open_to_teachers(campus: Campus) -> None:
    anna, boris, tamara = (campus.sign_in(name) for name in ("anna", "boris", "tamara"))
    take(anna, RIGHT)
    for path in ("attempt", "summary"):
        assert "This is not your attempt!" in boris.get(f"/mod/quiz/{path}.php", attempt=1).text
    assert "You are not allowed to review this attempt." in boris.get("/mod/quiz/review.php", attempt=1).text
    assert tamara.get("/mod/quiz/review.php", attempt=1).status == 200


def test_a_finished_attempt_leads_to_its_review(campus: Campus) -> None:
    anna = campus.sign_in("anna")
    take(anna, RIGHT)
    page = anna.get("/mod/quiz/attempt.php", attempt=1)
    assert page.location.endswith("/mod/quiz/review.php?attempt=1&cmid=2")


def test_without_the_session_key_nothing_starts_or_ends(campus: Campus) -> None:
    anna = campus.sign_in("anna")
    assert anna.post("/mod/quiz/startattempt.php", cmid=OPEN_QUIZ, sesskey="forged").status == 404
    begin(anna)
    refused = anna.post("/mod/quiz/processattempt.php", attempt=1, finishattempt=1, sesskey="forged")
    assert refused.status == 404
    assert anna.get("/mod/quiz/attempt.php", attempt=1).status == 200


def test_teachers_preview_and_start_afresh(campus: Campus) -> None:
    tamara = campus.sign_in("tamara")
    assert "Preview quiz" in tamara.get("/mod/quiz/view.php", id=OPEN_QUIZ).text
    assert "This is a preview" in begin(tamara).text


@pytest.fixture
def limited() -> Campus:
    return Campus(world(V08, availability=None, attempts=1, timelimit=600, password="sesame", timeclose=1893456000))


def test_password_and_time_limit_stand_before_the_attempt(limited: Campus) -> None:
    anna = limited.sign_in("anna")
    form = begin(anna, EXAM)
    assert "time limit of 10 mins" in form.text
    wrong = anna.submit(form, "form.mform", {"quizpassword": "open"}, press="submitbutton")
    assert "The password entered was incorrect" in wrong.text
    right = anna.submit(form, "form.mform", {"quizpassword": "sesame"}, press="submitbutton")
    page = anna.follow(right)
    assert page.form("#quiz-timer")["data-seconds-left"] == "600"


def test_when_time_is_up_the_attempt_is_handed_in(limited: Campus) -> None:
    anna = limited.sign_in("anna")
    form = begin(anna, EXAM)
    anna.follow(anna.submit(form, "form.mform", {"quizpassword": "sesame"}, press="submitbutton"))
    limited.site.clock.travel(601)
    assert "review.php" in anna.get("/mod/quiz/attempt.php", attempt=1).location
    assert "No more attempts are allowed" in anna.get("/mod/quiz/view.php", id=EXAM).text


def test_a_closed_quiz_says_so(limited: Campus) -> None:
    limited.site.clock.freeze(1893456001)
    anna = limited.sign_in("anna")
    page = anna.get("/mod/quiz/view.php", id=EXAM)
    assert "This quiz is currently not available." in page.text
    assert anna.post("/mod/quiz/startattempt.php", cmid=EXAM, sesskey=anna.sesskey()).status == 404


def test_best_grade_of_several_attempts_counts() -> None:
    campus = Campus(world(V08, availability=None, questions=["moon"], questionsperpage=0))
    anna = campus.sign_in("anna")
    for answer in ("1", "0"):
        page = begin(anna, EXAM)
        fields = fill(page, {"moon": {"answer": answer}}, ["moon"])
        page = anna.follow(anna.submit(page, "#responseform", fields, press="next"))
        anna.follow(anna.submit(page, "#frm-finishattempt"))
    assert "10.00/10.00" in anna.get("/mod/quiz/view.php", id=EXAM).text


def test_sequential_navigation_goes_forward_only() -> None:
    questions = AUTOMATIC[:3]
    quiz = {"questions": questions, "questionsperpage": 1, "navmethod": "sequential"}
    campus = Campus(world(V08, availability=None, **quiz))
    anna = campus.sign_in("anna")
    page = begin(anna, EXAM)
    assert [link["href"][-6:] for link in page.soup.select("a.qnbutton")] == ["page=0"]
    page = anna.follow(anna.submit(page, "#responseform", press="next"))
    assert "(page 2 of 3)" in page.soup.title.text
    assert not page.soup.select("#mod_quiz-prev-nav")
    assert "page=1" in anna.follow(anna.get("/mod/quiz/attempt.php", attempt=1, page=0)).response.request.url
    assert not anna.get("/mod/quiz/summary.php", attempt=1).soup.select(".quizsummaryofattempt a")


def test_what_was_only_saved_is_shown_again(campus: Campus) -> None:
    anna = campus.sign_in("anna")
    page = begin(anna)
    (check, *_) = page.soup.select("[name$=':sequencecheck']")
    answer = {check["name"]: check["value"], check["name"].replace(":sequencecheck", "answer"): "1"}
    sent = {"attempt": 1, "sesskey": anna.sesskey(), **answer}
    assert anna.post("/mod/quiz/autosave.ajax.php", **sent).html == '{"status":"OK"}'
    again = anna.get("/mod/quiz/attempt.php", attempt=1)
    assert again.soup.select_one("[type=radio][checked]")["value"] == "1"
    anna.submit(anna.get("/mod/quiz/summary.php", attempt=1), "#frm-finishattempt")
    assert "attemptalreadyclosed" in anna.post("/mod/quiz/autosave.ajax.php", **sent).html


def test_who_reads_reports_is_led_from_the_attempt_to_its_review(campus: Campus) -> None:
    attempt = campus.call("mod_quiz_start_attempt", STUDENT_TOKEN, quizid=2)["attempt"]["id"]
    for page in ("attempt", "summary"):
        led = campus.sign_in("tamara").get(f"/mod/quiz/{page}.php", attempt=attempt)
        assert f"/mod/quiz/review.php?attempt={attempt}" in led.location
        assert campus.sign_in("boris").get(f"/mod/quiz/{page}.php", attempt=attempt).status == 404


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("view", {}, "Can't find data record in database."),
        ("view", {"id": 99}, "Can't find data record in database."),
        ("attempt", {"attempt": 99}, "Invalid quiz attempt ID"),
        ("review", {"attempt": 99, "cmid": OPEN_QUIZ}, "This quiz attempt no longer exists."),
        ("processattempt", {}, "A required parameter (attempt) was missing"),
    ],
)
def test_what_is_not_there_is_said_in_moodles_words(
    campus: Campus, path: str, query: dict[str, int], message: str
) -> None:
    page = campus.sign_in("anna").get(f"/mod/quiz/{path}.php", **query)
    assert page.status == 404
    assert message in page.soup.get_text()


def test_an_attempt_belongs_to_its_quiz(campus: Campus) -> None:
    anna = campus.sign_in("anna")
    begin(anna)
    assert "Invalid course module ID" in anna.get("/mod/quiz/attempt.php", attempt=1, cmid=EXAM).text


def test_a_review_names_its_page(campus: Campus) -> None:
    anna = campus.sign_in("anna")
    take(anna, RIGHT)
    page = anna.get("/mod/quiz/review.php", attempt=1, page=1)
    assert page.title == "Open quiz: Attempt review (page 2 of 3) | campus"


def test_only_web_services_leave_the_apps_mark(campus: Campus) -> None:
    begin(campus.sign_in("anna"))
    asked = {"quizid": 2, "status": "all"}
    (attempt,) = campus.call("mod_quiz_get_user_attempts", STUDENT_TOKEN, **asked)["attempts"]
    assert attempt["timemodifiedoffline"] == 0
    campus.call("mod_quiz_process_attempt", STUDENT_TOKEN, attemptid=attempt["id"], data=[], finishattempt=1)
    (attempt,) = campus.call("mod_quiz_get_user_attempts", STUDENT_TOKEN, **asked)["attempts"]
    assert attempt["timemodifiedoffline"] > 0
