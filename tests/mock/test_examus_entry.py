"""Access codes and the ways into an exam of the plugin of this repository."""

from __future__ import annotations

import pytest
from mock.campus import CONDITION, EXAM, Browser, Campus
from mock.successor import begin, code_of, configure, review
from sqlalchemy import select

from contract.wire import ENTRY_PATH, PLUGIN_PATH
from mock_moodle.examus.models import Entry
from mock_moodle.store.core import CourseModule, Group

pytestmark = pytest.mark.usefixtures("connected")


@pytest.mark.parametrize("status", ["Clean", "Rules Violation", "Force reset"])
def test_a_used_up_code_opens_nothing(campus: Campus, anna: Browser, status: str) -> None:
    code = code_of(campus)
    review(campus, code, status)
    page = anna.get(ENTRY_PATH, accesscode=code)
    assert page.status == 404
    assert campus.status(code) == status


def test_somebody_else_s_code_stays_unused(campus: Campus) -> None:
    code = code_of(campus)
    assert campus.sign_in("boris").get(ENTRY_PATH, accesscode=code).status == 404
    assert campus.status(code) == "Not inited"


def test_a_code_opens_one_attempt(campus: Campus, anna: Browser) -> None:
    attempt = begin(campus, anna)
    anna.post("/mod/quiz/processattempt.php", attempt=attempt, finishattempt=1, sesskey=anna.sesskey())
    refused = anna.post("/mod/quiz/startattempt.php", cmid=EXAM, sesskey=anna.sesskey())
    assert refused.location.endswith("/course/view.php?id=2")
    assert anna.get("/mod/quiz/review.php", attempt=attempt).status == 200


def test_a_student_begins_in_moodle_itself(campus: Campus, anna: Browser) -> None:
    course = anna.get("/course/view.php", id=2)
    page = anna.get(course.form("a[href*='start.php']")["href"])
    assert "A calculator may be used" in page.text
    view = anna.follow(anna.submit(page, "form[action*='start.php']"))
    assert "Attempt quiz" in view.text
    assert campus.exams("anna")[0]["status"] == "Started"


def test_only_the_panel_has_a_start_in_moodle(campus: Campus, anna: Browser) -> None:
    configure(campus, wayin="frame")
    assert "begin here" not in anna.get("/course/view.php", id=2).text
    assert anna.get(f"{PLUGIN_PATH}/start.php", id=EXAM).status == 404


def test_those_outside_the_groups_are_not_watched(campus: Campus, anna: Browser) -> None:
    with campus.site.visit() as visit:
        visit.session.add(Group(id=7, courseid=2, name="Others"))
        node = {**CONDITION, "groups": ["7"]}
        visit.session.get_one(CourseModule, EXAM).availability = {"op": "&", "c": [node], "showc": [True]}
    page = anna.post("/mod/quiz/startattempt.php", cmid=EXAM, sesskey=anna.sesskey())
    assert anna.get(page.location).status == 200


def test_a_deleted_group_opens_no_exam(campus: Campus, anna: Browser) -> None:
    with campus.site.visit() as visit:
        node = {**CONDITION, "groups": ["77"]}
        visit.session.get_one(CourseModule, EXAM).availability = {"op": "&", "c": [node], "showc": [True]}
    answer = anna.post("/mod/quiz/startattempt.php", cmid=EXAM, sesskey=anna.sesskey())
    assert "attempt.php" not in answer.location


def test_what_a_teacher_hands_in_is_finished(campus: Campus, anna: Browser) -> None:
    begin(campus, anna)
    with campus.site.visit() as visit:
        from mock_moodle.quiz.attempts import find_attempt, finish_attempt

        finish_attempt(find_attempt(1), visit.session.get_one(CourseModule, EXAM), 5)
    with campus.site.visit(write=False) as visit:
        assert visit.session.scalars(select(Entry.status)).one() == "Finished"
