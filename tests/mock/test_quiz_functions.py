"""A quiz taken through web services, from the list to the review."""

from __future__ import annotations

import re
from typing import Any

import pytest
from mock.campus import AUTOMATIC, EXAM, STUDENT_TOKEN, TEACHER_TOKEN, V08, Campus, world

RIGHT = {
    1: {"answer": "1"},
    2: {"answer": "1"},
    3: {"choice0": "1", "choice1": "1", "choice2": "0"},
    4: {"answer": "frog"},
    5: {"answer": "3.1416"},
    6: {"answer": "Because.", "answerformat": "1"},
}
OPEN = 2
"""The quiz that is open to all; the exam is quiz 1."""


def ask(campus: Campus, function: str, token: str = STUDENT_TOKEN, **parameters: Any) -> Any:
    return campus.call(f"mod_quiz_{function}", token, **parameters)


def data(usage: int, answers: dict[int, dict[str, str]], sequence: int = 1) -> list[dict[str, str]]:
    fields = []
    for slot, response in answers.items():
        for name, value in {":sequencecheck": str(sequence), **response}.items():
            fields.append({"name": f"q{usage}:{slot}_{name}", "value": value})
    return fields


def take(campus: Campus, answers: dict[int, dict[str, str]]) -> Any:
    """Starts, answers all, hands in; the review."""
    attempt = ask(campus, "start_attempt", quizid=OPEN)["attempt"]
    fields = data(attempt["uniqueid"], answers)
    state = ask(campus, "process_attempt", attemptid=attempt["id"], data=fields, finishattempt=1)["state"]
    assert state == "finished"
    return ask(campus, "get_attempt_review", attemptid=attempt["id"])


def test_the_whole_way(campus: Campus) -> None:
    (quiz,) = ask(campus, "get_quizzes_by_courses", courseids=[2])["quizzes"]
    assert quiz["name"] == "Open quiz"
    attempt = ask(campus, "start_attempt", quizid=quiz["id"])["attempt"]
    assert attempt["layout"] == "1,2,0,3,4,0,5,6,0"
    seen = ask(campus, "get_attempt_data", attemptid=attempt["id"], page=0)
    assert [question["type"] for question in seen["questions"]] == ["truefalse", "multichoice"]
    assert seen["nextpage"] == 1
    fields = data(attempt["uniqueid"], {1: RIGHT[1]})
    assert ask(campus, "save_attempt", attemptid=attempt["id"], data=fields)["status"] is True
    summary = ask(campus, "get_attempt_summary", attemptid=attempt["id"])
    assert [question["status"] for question in summary["questions"]][:2] == ["Answer saved", "Not yet answered"]
    ask(campus, "process_attempt", attemptid=attempt["id"], data=data(attempt["uniqueid"], RIGHT))
    assert ask(campus, "process_attempt", attemptid=attempt["id"], finishattempt=1)["state"] == "finished"
    review = ask(campus, "get_attempt_review", attemptid=attempt["id"])
    assert [question["state"] for question in review["questions"]] == ["gradedright"] * 5 + ["needsgrading"]
    assert review["grade"] is None


def test_the_grade_is_told_once_everything_is_graded(campus: Campus) -> None:
    review = take(campus, {**RIGHT, 1: {"answer": "0"}, 6: {"answer": ""}})
    assert review["attempt"]["sumgrades"] == 4
    assert review["grade"] == pytest.approx(10 * 4 / 6, abs=1e-5)
    best = ask(campus, "get_user_best_grade", quizid=OPEN)
    assert (best["hasgrade"], best["grade"]) == (True, pytest.approx(6.66667))


def test_only_saved_answers_count_when_it_is_handed_in(campus: Campus) -> None:
    attempt = ask(campus, "start_attempt", quizid=OPEN)["attempt"]
    ask(campus, "save_attempt", attemptid=1, data=data(attempt["uniqueid"], {4: {"answer": "toad"}}))
    ask(campus, "process_attempt", attemptid=1, finishattempt=1)
    review = ask(campus, "get_attempt_review", attemptid=1, page=1)
    assert [question["mark"] for question in review["questions"]] == ["", "0.80"]


def test_a_step_behind_the_times_is_refused(campus: Campus) -> None:
    attempt = ask(campus, "start_attempt", quizid=OPEN)["attempt"]
    fields = data(attempt["uniqueid"], {1: RIGHT[1]})
    ask(campus, "process_attempt", attemptid=1, data=fields)
    again = ask(campus, "process_attempt", attemptid=1, data=fields)
    assert again["errorcode"] == "submissionoutofsequencefriendlymessage"
    fresh = data(attempt["uniqueid"], {1: {"answer": "0"}}, sequence=2)
    assert ask(campus, "process_attempt", attemptid=1, data=fresh)["state"] == "inprogress"


def test_the_same_answer_again_is_no_step(campus: Campus) -> None:
    attempt = ask(campus, "start_attempt", quizid=OPEN)["attempt"]
    ask(campus, "process_attempt", attemptid=1, data=data(attempt["uniqueid"], {1: RIGHT[1]}))
    ask(campus, "process_attempt", attemptid=1, data=data(attempt["uniqueid"], {1: RIGHT[1]}, sequence=2))
    (first, _) = ask(campus, "get_attempt_data", attemptid=1, page=0)["questions"]
    assert first["sequencecheck"] == 2


@pytest.mark.parametrize(
    ("function", "parameters", "errorcode"),
    [
        ("get_attempt_data", {"attemptid": 1, "page": 9}, "Invalid page number"),
        ("get_attempt_data", {"attemptid": 99, "page": 0}, "invalidrecord"),
        ("get_attempt_review", {"attemptid": 1}, "attemptclosed"),
        ("start_attempt", {"quizid": 2}, "attemptstillinprogress"),
        ("start_attempt", {"quizid": 1}, "requireloginerror"),
        ("get_user_attempts", {"quizid": 2, "userid": 4}, "nopermissions"),
    ],
)
def test_refusals(campus: Campus, function: str, parameters: dict[str, int], errorcode: str) -> None:
    ask(campus, "start_attempt", quizid=OPEN)
    assert ask(campus, function, **parameters)["errorcode"] == errorcode


@pytest.mark.parametrize("function", ["get_attempt_data", "view_attempt", "save_attempt", "process_attempt"])
def test_what_is_over_is_over(campus: Campus, function: str) -> None:
    take(campus, RIGHT)
    more: dict[str, Any] = {"data": data(1, {1: RIGHT[1]})} if "ve_" in function else {"page": 0}
    parameters = {"attemptid": 1} if function == "process_attempt" else {"attemptid": 1, **more}
    assert ask(campus, function, **parameters)["errorcode"] == "attemptalreadyclosed"


def test_teachers_read_what_students_did(campus: Campus) -> None:
    take(campus, RIGHT)
    listed = ask(campus, "get_user_attempts", TEACHER_TOKEN, quizid=OPEN, userid=3)["attempts"]
    assert [attempt["state"] for attempt in listed] == ["finished"]
    assert ask(campus, "get_attempt_review", TEACHER_TOKEN, attemptid=1)["questions"][0]["mark"] == "1.00"


def test_what_a_client_may_know_beforehand(campus: Campus) -> None:
    may = ask(campus, "get_quiz_access_information", quizid=OPEN)
    assert (may["canattempt"], may["canmanage"], may["preventaccessreasons"]) == (True, False, [])
    types = ask(campus, "get_quiz_required_qtypes", quizid=OPEN)["questiontypes"]
    assert types == ["essay", "multichoice", "numerical", "shortanswer", "truefalse"]
    options = ask(campus, "get_combined_review_options", quizid=OPEN)
    assert {option["value"] for option in options["alloptions"]} == {0}
    assert ask(campus, "get_quiz_feedback_for_grade", quizid=OPEN, grade=5)["feedbacktext"] == ""
    assert ask(campus, "view_quiz", quizid=OPEN)["status"] is True


def test_forms_carry_the_names_that_answers_need(campus: Campus) -> None:
    attempt = ask(campus, "start_attempt", quizid=OPEN)["attempt"]
    names = set()
    for page in range(3):
        for question in ask(campus, "get_attempt_data", attemptid=1, page=page)["questions"]:
            names |= set(re.findall(r'name="([^"]+)"', question["html"]))
    assert {field["name"] for field in data(attempt["uniqueid"], RIGHT)} <= names


def test_nothing_of_the_answers_is_given_away_beforehand(campus: Campus) -> None:
    ask(campus, "start_attempt", quizid=OPEN)
    for page in range(3):
        seen = str(ask(campus, "get_attempt_data", attemptid=1, page=page))
        assert "frog" not in seen
        assert "Well done." not in seen
        assert "3.14159" not in seen


@pytest.fixture
def timed() -> Campus:
    return Campus(world(V08, availability=None, questions=AUTOMATIC, timelimit=600, attempts=1))


def test_time_that_is_up_ends_the_attempt(timed: Campus) -> None:
    ask(timed, "start_attempt", quizid=1)
    information = ask(timed, "get_attempt_access_information", quizid=1)
    assert information["endtime"] == timed.site.clock.time() + 600
    timed.site.clock.travel(601)
    assert ask(timed, "get_attempt_data", attemptid=1, page=0)["errorcode"] == "attemptalreadyclosed"
    (attempt,) = ask(timed, "get_user_attempts", quizid=1)["attempts"]
    assert attempt["timefinish"] == attempt["timestart"] + 601
    answer = ask(timed, "start_attempt", quizid=1)
    assert answer["attempt"] == []
    assert answer["warnings"][0]["message"] == "No more attempts are allowed"


@pytest.mark.parametrize("branch", ["3.9", "4.1", "4.4", "5.0"])
def test_older_and_newer_releases_tell_less_and_more(branch: str) -> None:
    campus = Campus(world(V08, availability=None), moodle=branch)
    attempt = ask(campus, "start_attempt", quizid=EXAM)["attempt"]
    assert ("gradednotificationsenttime" in attempt) is (branch != "3.9")
    (question, *_) = ask(campus, "get_attempt_data", attemptid=attempt["id"], page=0)["questions"]
    assert ("responsefileareas" in question) is (branch != "3.9")
    assert ("stateclass" in question) is (branch == "5.0")


def test_sequential_navigation_refuses_pages_that_were_left() -> None:
    quiz = {"questions": AUTOMATIC[:3], "questionsperpage": 1, "navmethod": "sequential"}
    campus = Campus(world(V08, availability=None, **quiz))
    attempt = ask(campus, "start_attempt", quizid=1)["attempt"]["id"]
    assert ask(campus, "get_attempt_data", attemptid=attempt, page=1)["nextpage"] == 2
    assert ask(campus, "view_attempt", attemptid=attempt, page=1)["status"] is True
    for function in ("get_attempt_data", "view_attempt"):
        assert ask(campus, function, attemptid=attempt, page=0)["errorcode"] == "Out of sequence access"
        assert ask(campus, function, attemptid=attempt, page=9)["errorcode"] == "Invalid page number"
    assert "totalunanswered" not in ask(campus, "get_attempt_summary", attemptid=attempt)


def test_a_page_to_which_a_sequential_attempt_has_not_come_is_blank() -> None:
    quiz = {"questions": AUTOMATIC[:3], "questionsperpage": 1, "navmethod": "sequential"}
    campus = Campus(world(V08, availability=None, **quiz))
    attempt = ask(campus, "start_attempt", quizid=1)["attempt"]["id"]
    (ahead,) = ask(campus, "get_attempt_data", attemptid=attempt, page=1)["questions"]
    assert (ahead["type"], ahead["html"], "settings" in ahead) == ("", "", False)
    ask(campus, "view_attempt", attemptid=attempt, page=1)
    (here,) = ask(campus, "get_attempt_data", attemptid=attempt, page=1)["questions"]
    assert here["type"] == "multichoice"


def test_a_look_at_an_ended_attempt_notes_when_its_time_would_have_been_up(timed: Campus) -> None:
    """Moodle notes it before it refuses."""
    attempt = ask(timed, "start_attempt", quizid=1)["attempt"]
    ask(timed, "process_attempt", attemptid=attempt["id"], finishattempt=1)
    noted = [ask(timed, "get_user_attempts", quizid=1)["attempts"][0]["timecheckstate"]]
    assert ask(timed, "get_attempt_data", attemptid=attempt["id"], page=0)["errorcode"] == "attemptalreadyclosed"
    noted.append(ask(timed, "get_user_attempts", quizid=1)["attempts"][0]["timecheckstate"])
    assert noted == [None, attempt["timestart"] + 600]


def test_who_may_be_notified_of_grading_has_still_to_be() -> None:
    """Students may not, so that nothing is left to do. The last question waits for a teacher."""
    told = {}
    for allowed in (False, True):
        allow = {"role": "student", "context": "system", "allow": ["mod/quiz:emailnotifyattemptgraded"]}
        campus = Campus(world(V08) | {"role_overrides": [allow] * allowed})
        take(campus, RIGHT)
        told[allowed] = ask(campus, "get_user_attempts", quizid=OPEN)["attempts"][0]["gradednotificationsenttime"]
    assert told[False]
    assert told[True] is None


def test_an_address_that_is_shut_out_is_a_rule_without_a_description() -> None:
    campus = Campus(world(availability=None, subnet="10.0.0.0/8"))
    told = ask(campus, "get_quiz_access_information", quizid=1)
    assert told["activerulenames"] == ["quizaccess_ipaddress", "quizaccess_openclosedate"]
    assert told["accessrules"] == []
    assert len(told["preventaccessreasons"]) == 1


def test_the_end_of_a_quiz_is_told_of_previews_too() -> None:
    campus = Campus(world(availability=None, timeclose=4_102_444_800))
    ask(campus, "start_attempt", TEACHER_TOKEN, quizid=1)
    assert ask(campus, "get_attempt_access_information", TEACHER_TOKEN, quizid=1)["endtime"] == 4_102_444_800


def test_a_preview_needs_the_password_too() -> None:
    campus = Campus(world(password="sesame"))
    assert ask(campus, "start_attempt", TEACHER_TOKEN, quizid=1)["errorcode"] == "The password entered was incorrect"
    given = [{"name": "quizpassword", "value": "sesame"}]
    assert ask(campus, "start_attempt", TEACHER_TOKEN, quizid=1, preflightdata=given)["attempt"]["preview"] == 1


def test_the_delay_between_attempts_says_when_it_is_over() -> None:
    campus = Campus(world(availability=None, delay1=3600))
    campus.site.clock.freeze(1_893_456_000)
    attempt = ask(campus, "start_attempt", quizid=1)["attempt"]
    ask(campus, "process_attempt", attemptid=attempt["id"], finishattempt=1)
    (warning,) = ask(campus, "start_attempt", quizid=1)["warnings"]
    assert warning["message"].endswith("another attempt after Tuesday, 1 January 2030, 1:00 AM.")


def test_others_see_the_flag_and_cannot_move_it(campus: Campus) -> None:
    attempt = ask(campus, "start_attempt", quizid=OPEN)["attempt"]
    flag = [{"name": f"q{attempt['uniqueid']}:1_:flagged", "value": "1"}]
    ask(campus, "save_attempt", attemptid=attempt["id"], data=flag)
    own = ask(campus, "get_attempt_data", attemptid=attempt["id"], page=0)["questions"][0]
    assert own["flagged"] is True
    assert "Remove flag" in own["html"]
    assert "checkbox" in own["html"]
    ask(campus, "process_attempt", attemptid=attempt["id"], finishattempt=1)
    seen = ask(campus, "get_attempt_review", TEACHER_TOKEN, attemptid=attempt["id"])["questions"][0]["html"]
    assert "Remove flag" in seen
    assert "questionflagpostdata" not in seen


def test_whether_the_user_exists_is_asked_before_the_permission(campus: Campus) -> None:
    for function in ("get_user_attempts", "get_user_best_grade", "get_combined_review_options"):
        assert ask(campus, function, quizid=OPEN, userid=99)["errorcode"] == "invaliduser"


def test_who_sets_a_quiz_up_is_told_its_password() -> None:
    campus = Campus(world(password="sesame"))
    of_teacher, of_student = (
        ask(campus, "get_quizzes_by_courses", token, courseids=[2])["quizzes"][0]
        for token in (TEACHER_TOKEN, STUDENT_TOKEN)
    )
    assert (of_teacher["password"], of_teacher["shuffleanswers"]) == ("sesame", 1)
    assert not {"password", "subnet", "timecreated"} & set(of_student)


def test_a_quiz_that_is_not_open_tells_its_dates_only() -> None:
    campus = Campus(world(timeopen=4_102_444_800))
    quiz = ask(campus, "get_quizzes_by_courses", TEACHER_TOKEN, courseids=[2])["quizzes"][0]
    assert quiz["timeopen"] == 4_102_444_800
    assert not {"overduehandling", "hasquestions", "reviewattempt"} & set(quiz)
