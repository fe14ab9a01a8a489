"""availability_examus v0.8: the exam list, entries and pages, with the defects that its services live with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from mock.campus import CONDITION, EXAM, HOMEWORK, OPEN_QUIZ, V08, Browser, Campus, world
from sqlalchemy import select

from contract.condition import RULES, WARNING_KEYS
from contract.wire import ENTRY_PATH, LOG_PATH, READY_MESSAGE
from mock_moodle.examus.models import Entry
from mock_moodle.quiz.models import Quiz
from mock_moodle.store.core import Course, CourseModule, Enrolment, Group, GroupMember, User

Change = Callable[[Any], None]


def change(campus: Campus, table: type[Any], key: Any, **values: Any) -> None:
    """Behind the site's back."""
    with campus.site.visit() as visit:
        row = visit.session.get_one(table, key)
        for name, value in values.items():
            setattr(row, name, value)


def condition(campus: Campus, cmid: int = EXAM, **node: Any) -> None:
    tree = {"op": "&", "c": [{**CONDITION, **node}], "showc": [True]}
    change(campus, CourseModule, cmid, availability=tree)


def entries(campus: Campus) -> list[tuple[int, str]]:
    with campus.site.visit(write=False) as visit:
        return [(row.userid, row.status) for row in visit.session.scalars(select(Entry).order_by(Entry.id))]


def review(campus: Campus, accesscode: str, status: str, **more: Any) -> Any:
    return campus.call("availability_examus_submit_proctoring_review", accesscode=accesscode, status=status, **more)


# The exam list


def test_what_the_teacher_left_out_is_filled_in_for_warnings_only(campus_v08: Campus) -> None:
    condition(campus_v08, rules={"allow_voices": True}, scoring={"voice": 3}, warnings={"warning_talk": False})
    (exam,) = campus_v08.exams("anna")
    assert exam["rules"] == {"allow_voices": True}
    assert exam["scoring"] == {"voice": 3}
    assert list(exam["warnings"]) == list(WARNING_KEYS)
    assert [key for key, shown in exam["warnings"].items() if not shown] == ["warning_talk"]


@pytest.mark.parametrize("empty", [None, []])
def test_php_s_empty_array_is_no_choice(campus_v08: Campus, empty: Any) -> None:
    condition(campus_v08, rules=empty, warnings=empty, scoring=empty)
    (exam,) = campus_v08.exams("anna")
    assert exam["rules"] == {rule.key: rule.default for rule in RULES}
    assert all(exam["warnings"].values())
    assert exam["scoring"] == []


def test_an_empty_object_is_a_choice_of_nothing(campus_v08: Campus) -> None:
    condition(campus_v08, rules={}, warnings={}, scoring={})
    (exam,) = campus_v08.exams("anna")
    assert (exam["rules"], exam["scoring"]) == ([], [])


def test_numbers_are_clamped_and_unknown_keys_dropped(campus_v08: Campus) -> None:
    condition(
        campus_v08, scoring={"cheater_level": 250, "voice": "-3", "phone": None, "nose": 4}, rules={"allow_hats": True}
    )
    (exam,) = campus_v08.exams("anna")
    assert exam["scoring"] == {"cheater_level": 100, "voice": 0, "phone": None}
    assert exam["rules"] == []


@pytest.mark.parametrize(
    ("mode", "scheduled"), [("normal", True), ("identification", True), ("olympics", False), ("auto", False)]
)
def test_who_watches_decides_whether_a_slot_is_needed(campus_v08: Campus, mode: str, scheduled: bool) -> None:
    condition(campus_v08, mode=mode)
    assert campus_v08.exams("anna")[0]["scheduling_required"] is scheduled


def test_custom_rules_never_arrive(campus_v08: Campus) -> None:
    condition(campus_v08, customrules="No hats")
    assert "No hats" not in str(campus_v08.exams("anna"))


def hide(campus: Campus) -> None:
    change(campus, CourseModule, EXAM, visible=False)


def suspend_enrolment(campus: Campus) -> None:
    with campus.site.visit() as visit:
        for row in visit.session.scalars(select(Enrolment)):
            row.status = 1


def ask_for_a_date(campus: Campus) -> None:
    tree = {"op": "&", "c": [CONDITION, {"type": "date", "d": ">=", "t": 1893456000}], "showc": [True, True]}
    change(campus, CourseModule, EXAM, availability=tree)


def use_up_the_attempts(campus: Campus) -> None:
    change(campus, Quiz, 1, attempts=1)
    review(campus, campus.exams("anna")[0]["accesscode"], "Scheduled", timescheduled=1893400000)


def only_for_another_group(campus: Campus) -> None:
    with campus.site.visit() as visit:
        visit.session.add(Group(id=7, courseid=2, name="Others"))
    condition(campus, groups=["7"])


def lift_the_restriction(campus: Campus) -> None:
    campus.exams("anna")
    change(campus, CourseModule, EXAM, availability=None)


@pytest.mark.parametrize(
    "prepare",
    [hide, suspend_enrolment, ask_for_a_date, use_up_the_attempts, only_for_another_group, lift_the_restriction],
)
def test_an_exam_that_is_not_for_now_is_not_listed(campus_v08: Campus, prepare: Change) -> None:
    prepare(campus_v08)
    assert campus_v08.exams("anna") == []
    assert (3, "Not inited") not in entries(campus_v08)


def test_members_of_the_group_are_watched(campus_v08: Campus) -> None:
    only_for_another_group(campus_v08)
    with campus_v08.site.visit() as visit:
        visit.session.add(GroupMember(groupid=7, userid=3))
    assert len(campus_v08.exams("anna")) == 1
    assert campus_v08.exams("boris") == []


def test_activities_of_every_kind_can_be_watched(campus_v08: Campus) -> None:
    condition(campus_v08, HOMEWORK)
    condition(campus_v08, OPEN_QUIZ)
    exams = campus_v08.exams("anna")
    assert [exam["name"] for exam in exams] == ["Exam", "Open quiz", "Homework"]
    assert (exams[2]["start"], exams[2]["end"]) == (0, 1893456000)
    assert [exam["cm_id"] for exam in campus_v08.call("availability_examus_user_proctored_modules")["modules"]] == [
        EXAM, OPEN_QUIZ, HOMEWORK,
    ]  # fmt: skip


def test_a_missed_slot_is_replaced_where_the_teacher_wants_it(campus_v08: Campus) -> None:
    condition(campus_v08, auto_rescheduling=True)
    first = campus_v08.exams("anna")[0]["accesscode"]
    slot = campus_v08.site.clock.time() + 60
    review(campus_v08, first, "Scheduled", timescheduled=slot)
    campus_v08.site.clock.travel(60 + 901)
    assert campus_v08.exams("anna")[0]["accesscode"] != first
    assert campus_v08.status(first) == "Rescheduled"


def test_a_booked_exam_gets_a_second_code(campus_v08: Campus) -> None:
    first = campus_v08.exams("anna")[0]["accesscode"]
    review(campus_v08, first, "Scheduled", timescheduled=1893400000)
    assert campus_v08.exams("anna")[0]["accesscode"] != first


def test_names_are_made_safe_to_show(campus_v08: Campus) -> None:
    change(campus_v08, CourseModule, EXAM, name="Экзамен «A&B» <b>x</b>")
    assert campus_v08.exams("anna")[0]["name"] == "Экзамен «A&amp;B» x"


def test_a_course_with_tags_in_its_name_spoils_the_whole_list(campus_v08: Campus) -> None:
    change(campus_v08, Course, 2, fullname="Algebra <b>II</b>")
    answer = campus_v08.call("availability_examus_user_proctored_modules", useremail="anna@example.com")
    assert answer["errorcode"] == "invalidresponse"


def test_the_first_of_two_accounts_with_one_address_counts(campus_v08: Campus) -> None:
    change(campus_v08, User, 4, email="Anna@example.com")
    campus_v08.exams("anna")
    assert entries(campus_v08) == [(3, "Not inited")]


@pytest.mark.parametrize("address", ["anna+anna@example.com", "ANNA@example.com"])
def test_addresses_are_read_generously(campus_v08: Campus, address: str) -> None:
    answer = campus_v08.call("availability_examus_user_proctored_modules", useremail=address)
    assert len(answer["modules"]) == 1


@pytest.mark.parametrize("parameter", ["since", "limit", "offset"])
def test_a_parameter_of_the_successor_is_unknown(campus_v08: Campus, parameter: str) -> None:
    answer = campus_v08.call("availability_examus_user_proctored_modules", **{parameter: 1})
    assert answer["errorcode"] == "invalidparameter"


def remove_course(campus: Campus) -> None:
    with campus.site.visit() as visit:
        visit.session.delete(visit.session.get_one(Course, 2))


def remove_module(campus: Campus) -> None:
    with campus.site.visit() as visit:
        visit.session.delete(visit.session.get_one(CourseModule, EXAM))


def restrict_otherwise(campus: Campus) -> None:
    tree = {"op": "&", "c": [{"type": "date", "d": ">=", "t": 1}], "showc": [True]}
    change(campus, CourseModule, EXAM, availability=tree)


@pytest.mark.parametrize(
    ("prepare", "errorcode"),
    [(remove_course, "invalidrecord"), (remove_module, "invalidcoursemoduleid"), (lift_the_restriction, "codingerror")],
)
def test_a_code_whose_exam_is_gone_is_an_error(campus_v08: Campus, prepare: Change, errorcode: str) -> None:
    code = campus_v08.exams("anna")[0]["accesscode"]
    prepare(campus_v08)
    answer = campus_v08.call("availability_examus_user_proctored_modules", accesscode=code)
    assert answer["errorcode"] == errorcode


def test_a_code_whose_exam_is_restricted_otherwise_is_a_php_error(campus_v08: Campus) -> None:
    code = campus_v08.exams("anna")[0]["accesscode"]
    restrict_otherwise(campus_v08)
    assert campus_v08.call("availability_examus_user_proctored_modules", accesscode=code)["exception"] == "Error"


def test_anybody_with_a_token_may_call(campus_v08: Campus) -> None:
    with campus_v08.site.visit() as visit:
        from mock_moodle.store.core import ExternalToken

        visit.session.add(ExternalToken(token="b" * 32, userid=4, externalserviceid=2))
    answer = campus_v08.call("availability_examus_user_proctored_modules", "b" * 32, useremail="anna@example.com")
    assert len(answer["modules"]) == 1


# Reviews


def test_a_review_wipes_what_it_does_not_bring(campus_v08: Campus) -> None:
    code = campus_v08.exams("anna")[0]["accesscode"]
    review(
        campus_v08, code, "Scheduled", timescheduled=1893400000, comment="Good", score=5, review_link="http://r.test"
    )
    review(campus_v08, code, "Scheduled")
    with campus_v08.site.visit(write=False) as visit:
        row = visit.session.scalars(select(Entry).where(Entry.accesscode == code)).one()
        assert (row.comment, row.score, row.review_link, row.timescheduled) == (None, None, "http://r.test", 1893400000)


def test_any_status_is_taken_and_gives_a_fresh_entry(campus_v08: Campus) -> None:
    code = campus_v08.exams("anna")[0]["accesscode"]
    review(campus_v08, code, "whatever")
    assert entries(campus_v08) == [(3, "whatever"), (3, "Not inited")]


# Pages


def open_code(campus: Campus, browser: Browser, username: str = "anna") -> str:
    code = str(campus.exams(username)[0]["accesscode"])
    browser.get(ENTRY_PATH, accesscode=code)
    return code


def start(browser: Browser, cmid: int = EXAM) -> str:
    return browser.post("/mod/quiz/startattempt.php", cmid=cmid, sesskey=browser.sesskey()).location


def test_one_code_opens_every_later_attempt(campus_v08: Campus) -> None:
    anna = campus_v08.sign_in("anna")
    code = open_code(campus_v08, anna)
    for number in (1, 2):
        assert f"attempt={number}" in start(anna)
        page = anna.post("/mod/quiz/processattempt.php", attempt=number, finishattempt=1, sesskey=anna.sesskey())
        assert "review.php" in page.location
    assert campus_v08.status(code) == "Finished"


def test_somebody_else_may_burn_a_code_but_not_use_it(campus_v08: Campus) -> None:
    code = campus_v08.exams("anna")[0]["accesscode"]
    boris = campus_v08.sign_in("boris")
    boris.get(ENTRY_PATH, accesscode=code)
    assert campus_v08.status(code) == "Started"
    assert start(boris).endswith("/course/view.php?id=2")


def test_another_quiz_of_the_session_takes_the_entry_along(campus_v08: Campus) -> None:
    anna = campus_v08.sign_in("anna")
    open_code(campus_v08, anna)
    start(anna, OPEN_QUIZ)
    with campus_v08.site.visit(write=False) as visit:
        assert visit.session.scalars(select(Entry)).one().attemptid == 1


def test_what_a_teacher_hands_in_stays_started(campus_v08: Campus) -> None:
    anna = campus_v08.sign_in("anna")
    code = open_code(campus_v08, anna)
    start(anna)
    with campus_v08.site.visit() as visit:
        from mock_moodle.quiz.attempts import find_attempt, finish_attempt

        finish_attempt(find_attempt(1), visit.session.get_one(CourseModule, EXAM), 5)
    assert campus_v08.status(code) == "Started"


def test_the_shade_waits_for_the_word(campus_v08: Campus) -> None:
    anna = campus_v08.sign_in("anna")
    open_code(campus_v08, anna)
    page = anna.get(start(anna))
    assert READY_MESSAGE in page.html
    assert "The Moon orbits" in page.html


@pytest.mark.parametrize("node", [{"noprotection": True}, {"groups": [99]}])
def test_no_shade_where_nobody_watches(campus_v08: Campus, node: dict[str, Any]) -> None:
    anna = campus_v08.sign_in("anna")
    open_code(campus_v08, anna)
    condition(campus_v08, **node)
    assert READY_MESSAGE not in anna.get(start(anna)).html


def test_no_shade_for_those_whom_another_condition_lets_in(campus_v08: Campus) -> None:
    tree = {"op": "|", "c": [CONDITION, {"type": "date", "d": ">=", "t": 1}], "show": True}
    change(campus_v08, CourseModule, EXAM, availability=tree)
    anna = campus_v08.sign_in("anna")
    assert READY_MESSAGE not in anna.get(start(anna)).html


def test_the_log_renews_on_a_plain_link(campus_v08: Campus) -> None:
    code = campus_v08.exams("anna")[0]["accesscode"]
    admin = campus_v08.sign_in("admin")
    assert admin.get(LOG_PATH, action="renew", id=1, force=1).location.endswith(LOG_PATH)
    assert campus_v08.status(code) == "Force reset"


def test_the_log_filters(campus_v08: Campus) -> None:
    for name in ("anna", "boris"):
        campus_v08.exams(name)
    admin = campus_v08.sign_in("admin")
    assert "boris@example.com" not in admin.get(LOG_PATH, userquery="ann").form("#entries").get_text()
    nobody = admin.get(LOG_PATH, status="Clean").form("#entries").get_text()
    assert "No entry matches." in nobody
    old = admin.get(LOG_PATH, **{"to[day]": 1, "to[month]": 1, "to[year]": 2020}).form("#entries").get_text()
    assert "No entry matches." in old


def test_without_the_plugin_the_restriction_admits_nobody() -> None:
    campus = Campus(world())
    anna = campus.sign_in("anna")
    assert start(anna).endswith("/course/view.php?id=2")
    assert anna.get(ENTRY_PATH, accesscode="x").status == 404
    assert V08["component"] not in campus.sign_in("admin").get("/admin/plugins.php").html


def test_what_came_after_v08_is_unknown_to_it(campus_v08: Campus) -> None:
    refused = campus_v08.call("availability_examus_user_proctored_modules", since=0)
    assert refused["errorcode"] == "invalidparameter"
    told = campus_v08.call("availability_examus_auth_access", useremail="anna@example.com")
    assert list(told) == ["success", "error", "proctor_auth", "reviewer_auth"]


def test_an_entry_that_is_not_there_is_an_empty_page(campus_v08: Campus) -> None:
    admin = campus_v08.sign_in("admin")
    assert admin.get("/availability/condition/examus/index.php", action="show", id=99).status == 200
    assert admin.get("/availability/condition/examus/index.php", action="renew", id=99).status == 303
