"""The exam list and the reviews of the plugin of this repository: who may ask, what they are told."""

from __future__ import annotations

import pytest
from mock.campus import CONDITION, EXAM, SERVICE_TOKEN, Browser, Campus
from mock.successor import code_of, configure, review
from sqlalchemy import select

from contract.wire import ENTRY_PATH
from mock_moodle.store.core import CourseModule, Enrolment, ExternalToken

pytestmark = pytest.mark.usefixtures("connected")


def test_the_service_s_capability_is_asked(campus: Campus) -> None:
    with campus.site.visit() as visit:
        visit.session.add(ExternalToken(token="b" * 32, userid=4, externalserviceid=2))
    answer = campus.call("availability_examus_user_proctored_modules", "b" * 32, useremail="anna@example.com")
    assert answer["errorcode"] == "nopermissions"


def test_everything_is_filled_in(campus: Campus) -> None:
    with campus.site.visit() as visit:
        node = {**CONDITION, "rules": {"allow_voices": True}, "scoring": {"voice": 3}, "customrules": "No hats"}
        visit.session.get_one(CourseModule, EXAM).availability = {"op": "&", "c": [node], "showc": [True]}
    (exam,) = campus.exams("anna")
    assert exam["rules"]["allow_to_use_paper"] is True
    assert exam["rules"]["custom_rules"] == "No hats"
    assert len(exam["scoring"]) == 9


def test_a_booked_exam_keeps_its_code(campus: Campus) -> None:
    code = code_of(campus)
    review(campus, code, "Scheduled", timescheduled=1893400000)
    (exam,) = campus.exams("anna")
    assert (exam["accesscode"], exam["status"]) == (code, "Scheduled")


def test_unchanged_entries_can_be_left_out(campus: Campus) -> None:
    campus.exams("anna")
    later = campus.site.clock.travel(10)
    assert campus.exams("anna", since=later) == []
    review(campus, code_of(campus), "Scheduled", timescheduled=1893400000)
    assert len(campus.exams("anna", since=later)) == 1


def test_the_site_s_list_is_read_in_pages(campus: Campus) -> None:
    with campus.site.visit() as visit:
        exam = visit.session.get_one(CourseModule, EXAM)
        for cmid in (91, 92):
            again = {column.key: getattr(exam, column.key) for column in CourseModule.__table__.columns}
            visit.session.add(CourseModule(**{**again, "id": cmid}))

    def page(limit: int, offset: int) -> list[int]:
        answer = campus.call("availability_examus_user_proctored_modules", limit=limit, offset=offset)
        return [module["cm_id"] for module in answer["modules"]]

    whole = page(0, 0)
    assert len(whole) == 3
    assert [page(2, 0), page(2, 2), page(2, 4)] == [whole[:2], whole[2:], []]
    assert campus.call("availability_examus_user_proctored_modules", limit=-1)["errorcode"] == "invalidparameter"


def test_a_code_runs_out(campus: Campus, anna: Browser) -> None:
    configure(campus, codelifetime="3600")
    code = code_of(campus)
    campus.site.clock.travel(3601)
    assert anna.get(ENTRY_PATH, accesscode=code).status == 404
    assert code_of(campus) != code


def test_suspended_people_are_nobody(campus: Campus) -> None:
    with campus.site.visit() as visit:
        from mock_moodle.store.core import User

        visit.session.get_one(User, 3).suspended = True
    assert campus.exams("anna") == []


def test_unenrolled_students_see_nothing(campus: Campus) -> None:
    with campus.site.visit() as visit:
        for row in visit.session.scalars(select(Enrolment)):
            visit.session.delete(row)
    assert campus.exams("anna") == []
    assert (
        campus.call("availability_examus_auth_access", SERVICE_TOKEN, useremail="anna@example.com")["proctor_courses"]
        == []
    )


def test_a_poll_that_changes_nothing_waits_for_no_writer(campus: Campus) -> None:
    first = campus.exams("anna")
    with campus.site.store.writing():  # in this thread: a second writer would be refused
        assert campus.exams("anna") == first
