"""What people decide after an attempt: marks given by hand, and attempts reopened."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mock.campus import OPEN_QUIZ, STUDENT_TOKEN, TEACHER_TOKEN, Browser, Campus, Page, world
from sqlalchemy import select

from mock_moodle.app import import_packages
from mock_moodle.quiz.models import Quiz, QuizAttempt
from mock_moodle.store.core import Grade, LogEvent

import_packages()

ESSAY = 6
"""The slot of the essay in the open quiz; the others earn nothing here but the first."""


def hand_in(campus: Campus) -> dict[str, Any]:
    """One right answer out of six, and an essay."""
    attempt: dict[str, Any] = campus.call("mod_quiz_start_attempt", quizid=2, token=STUDENT_TOKEN)["attempt"]
    data = []
    for slot, answer in ((1, "1"), (ESSAY, "Because.")):
        prefix = f"q{attempt['uniqueid']}:{slot}_"
        data += [{"name": f"{prefix}:sequencecheck", "value": "1"}, {"name": f"{prefix}answer", "value": answer}]
    campus.call("mod_quiz_process_attempt", attemptid=attempt["id"], data=data, finishattempt=1, token=STUDENT_TOKEN)
    return attempt


def review(campus: Campus, attempt: dict[str, Any], slot: int = ESSAY) -> tuple[Any, dict[str, Any]]:
    """The attempt's marks, and one question, as the student's client is told."""
    told = campus.call("mod_quiz_get_attempt_review", attemptid=attempt["id"], token=STUDENT_TOKEN)
    return told["attempt"]["sumgrades"], told["questions"][slot - 1]


def grade_of(campus: Campus) -> float | None:
    with campus.site.visit() as visit:
        return visit.session.scalars(select(Grade.finalgrade).where(Grade.cmid == OPEN_QUIZ)).first()


def grade(teacher: Browser, attempt: dict[str, Any], mark: str, slot: int = ESSAY, comment: str = "") -> Page:
    page = teacher.get(f"/mod/quiz/comment.php?attempt={attempt['id']}&slot={slot}")
    prefix = f"q{attempt['uniqueid']}:{slot}_-"
    fields = {f"{prefix}mark": mark, f"{prefix}comment": comment}
    return teacher.submit(page, "#manualgradingform", fields, press="submit")


def test_an_essay_waits_until_it_is_graded_and_the_gradebook_follows(campus: Campus) -> None:
    attempt = hand_in(campus)
    marks, question = review(campus, attempt)
    assert marks is None
    assert (question["state"], question["status"]) == ("needsgrading", "Requires grading")
    assert grade_of(campus) is None
    teacher = campus.sign_in("tamara")
    results = teacher.get(f"/mod/quiz/report.php?id={OPEN_QUIZ}&mode=overview")
    assert "Requires grading" in results.text
    page = teacher.get(results.soup.select_one("a[href*='review.php']")["href"])  # type: ignore[index, arg-type]
    assert len(page.soup.select(".commentlink a")) == ESSAY
    saved = grade(teacher, attempt, "0.5", comment="<p>Say why.</p>")
    assert "Changes saved" in teacher.follow(saved).text
    marks, question = review(campus, attempt)
    assert marks == 1.5
    assert (question["state"], question["mark"]) == ("mangrpartial", "0.50")
    assert "Say why." in question["html"]
    assert "commentlink" not in question["html"]
    assert grade_of(campus) == 2.5


def test_a_mark_may_be_overridden_and_a_comment_leaves_it(campus: Campus) -> None:
    attempt, teacher = hand_in(campus), campus.sign_in("tamara")
    grade(teacher, attempt, "1")
    grade(teacher, attempt, "0", slot=1)
    marks, question = review(campus, attempt, slot=1)
    assert (marks, question["state"]) == (1, "mangrwrong")
    grade(teacher, attempt, "", slot=1, comment="No.")
    assert review(campus, attempt, slot=1)[1]["mark"] == "0.00"
    with campus.site.visit() as visit:
        events = visit.session.scalars(select(LogEvent.eventname)).all()
    assert events.count("\\mod_quiz\\event\\question_manually_graded") == 3


@pytest.mark.parametrize("mark", ["2", "-1", "much"])
def test_a_mark_out_of_range_is_refused_at_its_field(campus: Campus, mark: str) -> None:
    attempt, teacher = hand_in(campus), campus.sign_in("tamara")
    page = grade(teacher, attempt, mark)
    assert "Modification not saved." in page.text
    assert page.form("#markerror").get_text()
    assert review(campus, attempt)[0] is None


def test_only_graders_grade_and_only_what_is_handed_in(campus: Campus) -> None:
    attempt = campus.call("mod_quiz_start_attempt", quizid=2, token=STUDENT_TOKEN)["attempt"]
    address = f"/mod/quiz/comment.php?attempt={attempt['id']}&slot={ESSAY}"
    assert "has not closed yet" in campus.sign_in("tamara").get(address).text
    campus.call("mod_quiz_process_attempt", attemptid=attempt["id"], finishattempt=1, token=STUDENT_TOKEN)
    assert "do not currently have permissions" in campus.sign_in("anna").get(address).text


@pytest.fixture
def abandoned(campus: Campus) -> dict[str, Any]:
    """An attempt that was never handed in."""
    attempt: dict[str, Any] = campus.call("mod_quiz_start_attempt", quizid=2, token=STUDENT_TOKEN)["attempt"]
    with campus.site.visit() as visit:
        visit.session.get_one(QuizAttempt, attempt["id"]).state = "abandoned"
    return attempt


def state_of(campus: Campus, attempt: dict[str, Any]) -> str:
    with campus.site.visit() as visit:
        return visit.session.get_one(QuizAttempt, attempt["id"]).state


def reopened_by_script(campus: Campus, browser: Browser, name: str, attempt: dict[str, Any]) -> Any:
    call = [{"index": 0, "methodname": name, "args": {"attemptid": attempt["id"]}}]
    address = f"/lib/ajax/service.php?sesskey={browser.sesskey()}"
    return json.loads(browser.client.post(address, json=call, base_url=campus.site.wwwroot).data)[0]


def test_a_teacher_reopens_what_was_never_handed_in(campus: Campus, abandoned: dict[str, Any]) -> None:
    teacher = campus.sign_in("tamara")
    page = teacher.get(f"/mod/quiz/report.php?id={OPEN_QUIZ}&mode=overview")
    saved = teacher.submit(page, "form[action*='report.php']", press="reopen")
    assert "Changes saved" in teacher.follow(saved).text
    assert state_of(campus, abandoned) == "inprogress"
    data = campus.call("mod_quiz_get_attempt_data", attemptid=abandoned["id"], page=0, token=STUDENT_TOKEN)
    assert data["attempt"]["state"] == "inprogress"
    assert "Reopen" not in teacher.get(f"/mod/quiz/report.php?id={OPEN_QUIZ}&mode=overview").text


def test_the_script_of_the_report_asks_before_and_is_refused_after(campus: Campus, abandoned: dict[str, Any]) -> None:
    teacher = campus.sign_in("tamara")
    asked = reopened_by_script(campus, teacher, "mod_quiz_get_reopen_attempt_confirmation", abandoned)
    assert "This will reopen attempt 1 by Anna Petrova." in asked["data"]
    assert "remain open and can be continued." in asked["data"]
    assert reopened_by_script(campus, teacher, "mod_quiz_reopen_attempt", abandoned) == {"error": False, "data": None}
    again = reopened_by_script(campus, teacher, "mod_quiz_reopen_attempt", abandoned)
    assert again["exception"]["message"] == "Attempt 1 is in the wrong state (In progress) to be reopened."


def test_a_reopened_attempt_whose_time_is_up_is_handed_in(campus: Campus, abandoned: dict[str, Any]) -> None:
    with campus.site.visit() as visit:
        visit.session.get_one(QuizAttempt, abandoned["id"]).timestart -= 10_000
        visit.session.get_one(Quiz, 2).timelimit = 60
    teacher = campus.sign_in("tamara")
    asked = reopened_by_script(campus, teacher, "mod_quiz_get_reopen_attempt_confirmation", abandoned)
    assert "immediately submitted for grading" in asked["data"]
    reopened_by_script(campus, teacher, "mod_quiz_reopen_attempt", abandoned)
    assert state_of(campus, abandoned) == "finished"


def test_students_do_not_reopen_and_old_releases_do_not_know_how(campus: Campus, abandoned: dict[str, Any]) -> None:
    refused = reopened_by_script(campus, campus.sign_in("anna"), "mod_quiz_reopen_attempt", abandoned)
    assert refused["exception"]["errorcode"] == "nopermissions"
    old = Campus(world(), moodle="3.9")
    answer = old.call("mod_quiz_reopen_attempt", attemptid=1, token=TEACHER_TOKEN)
    assert answer["errorcode"] == "invalidrecord"


def test_the_grading_page_leads_nowhere_else_and_shows_no_empty_feedback(campus: Campus) -> None:
    attempt = hand_in(campus)
    page = campus.sign_in("tamara").get(f"/mod/quiz/comment.php?attempt={attempt['id']}&slot={ESSAY}")
    assert page.soup.select(".commentlink, .outcome") == []
