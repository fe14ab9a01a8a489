"""The five functions, as the proctoring service calls them."""

from __future__ import annotations

import io
import time
from xml.etree import ElementTree

import pytest
import requests
from conformance.lab import CONDITION, COURSE_NAME, EXAM_NAME, Lab, Person
from conformance.proctoring import Proctoring, open_entry
from conformance.schema import mismatches
from conformance.webservice import WebServiceError
from PIL import Image

from contract import webservice as functions
from contract.condition import RULES, SCORING, WARNINGS
from contract.entry import CONCLUSIONS, Status
from contract.wire import ENTRY_PATH, TIMESCHEDULED_CLEAR

TOMORROW = int(time.time()) + 86_400


# user_proctored_modules


def test_list_has_the_declared_shape(lab: Lab, student: Person) -> None:
    function = functions.USER_PROCTORED_MODULES
    answer = lab.service(function.full_name(), useremail=student.email)
    assert list(mismatches(answer, function.returns)) == []


def test_list_tells_what_the_teacher_set(lab: Lab, proctoring: Proctoring, student: Person) -> None:
    exam = proctoring.exam(student.email)
    assert exam["name"] == EXAM_NAME
    assert exam["course_name"] == COURSE_NAME
    assert (exam["course_id"], exam["cm_id"]) == (lab.exam.course, lab.exam.cmid)
    assert exam["status"] == Status.NOT_INITED.value
    assert exam["time_limit_mins"] == int(CONDITION["duration"])
    assert exam["mode"] == CONDITION["mode"]
    assert exam["identification"] == CONDITION["identification"]
    assert exam["scheduling_required"] is CONDITION["scheduling_required"]
    assert exam["auto_rescheduling"] is CONDITION["auto_rescheduling"]
    assert exam["is_trial"] is CONDITION["istrial"]
    assert exam["auxiliary_camera"] is CONDITION["auxiliarycamera"]
    assert exam["user_agreement_url"] == CONDITION["useragreementurl"]
    assert exam["is_proctored"] is True
    assert (exam["start"], exam["end"]) == (0, 0)


def test_list_completes_what_the_teacher_left_out(proctoring: Proctoring, student: Person) -> None:
    exam = proctoring.exam(student.email)
    rules = {rule.key: rule.default for rule in RULES} | CONDITION["rules"]
    assert exam["rules"] == {**rules, "custom_rules": CONDITION["customrules"]}
    assert exam["warnings"] == {each.key: each.shown_by_default for each in WARNINGS} | CONDITION["warnings"]
    assert exam["scoring"] == {each.key: None for each in SCORING} | CONDITION["scoring"]


def test_list_gives_an_address_that_presents_the_code(lab: Lab, proctoring: Proctoring, student: Person) -> None:
    exam = proctoring.exam(student.email)
    assert exam["url"] == f"{lab.address}{ENTRY_PATH}?accesscode={exam['accesscode']}"


def test_asking_again_gives_the_same_code(proctoring: Proctoring, student: Person) -> None:
    assert proctoring.exam(student.email) == proctoring.exam(student.email)


def test_each_student_gets_a_code_of_their_own(lab: Lab, proctoring: Proctoring) -> None:
    codes = {proctoring.exam(lab.student().email)["accesscode"] for _ in range(3)}
    assert len(codes) == 3


def test_code_leads_to_its_exam_whatever_the_address(proctoring: Proctoring, student: Person) -> None:
    exam = proctoring.exam(student.email)
    assert proctoring.behind(exam["accesscode"]) == exam
    assert proctoring.exams("nobody@example.com", accesscode=exam["accesscode"]) == [exam]


def test_alias_names_one_of_several_accounts_of_a_mailbox(proctoring: Proctoring, student: Person) -> None:
    local, domain = student.email.split("@")
    assert proctoring.exams(f"{local}+{student.username}@{domain}") == proctoring.exams(student.email)
    assert proctoring.exams(f"{local}+someone-else@{domain}") == []


@pytest.mark.parametrize("email", ["nobody@example.com", "no-at-sign"])
def test_unknown_address_has_no_exams(proctoring: Proctoring, email: str) -> None:
    assert proctoring.exams(email) == []


def test_unknown_code_leads_nowhere(lab: Lab) -> None:
    assert lab.service(functions.USER_PROCTORED_MODULES.full_name(), accesscode="0" * 32) == {"modules": []}


def test_somebody_enrolled_nowhere_has_no_exams(lab: Lab, proctoring: Proctoring) -> None:
    assert proctoring.exams(lab.outsider.email) == []


def test_list_in_xml_says_the_same(lab: Lab, proctoring: Proctoring, student: Person) -> None:
    exam = proctoring.exam(student.email)
    answer = lab.service.ask(functions.USER_PROCTORED_MODULES.full_name(), "xml", useremail=student.email)
    assert answer.headers["Content-Type"].startswith("application/xml")
    module = ElementTree.fromstring(answer.content).find("./SINGLE/KEY[@name='modules']/MULTIPLE/SINGLE")  # noqa: S314
    assert module is not None
    values = {key.get("name"): key.findtext("VALUE") for key in module.findall("KEY")}
    assert list(values) == list(exam)
    assert values["accesscode"] == exam["accesscode"]
    assert values["scheduling_required"] == "0"


# submit_proctoring_review


@pytest.mark.parametrize("conclusion", CONCLUSIONS)
def test_review_decides_the_status(proctoring: Proctoring, accesscode: str, conclusion: Status) -> None:
    assert proctoring.review(accesscode, conclusion.value) == {"success": True, "error": None}
    assert proctoring.status(accesscode) is conclusion


def test_review_can_be_corrected(proctoring: Proctoring, accesscode: str) -> None:
    proctoring.review(accesscode, Status.RULES_VIOLATION.value)
    proctoring.review(accesscode, Status.CLEAN.value)
    assert proctoring.status(accesscode) is Status.CLEAN


def test_review_with_everything_is_taken(proctoring: Proctoring, accesscode: str) -> None:
    answer = proctoring.review(
        accesscode,
        Status.SUSPICIOUS.value,
        review_link="https://proctoring.example.com/report/1",
        comment="Looked aside",
        score=42,
        threshold={"attention": 30, "rejected": 60},
        session_start=1_700_000_000,
        session_end=1_700_003_600,
        warnings=['{"type": "warning_avert_eyes", "start": 1700000100, "end": 1700000110}', "warning_phone"],
        warning_titles='{"warning_phone": {"en": "A phone"}}',
    )
    assert answer == {"success": True, "error": None}


def test_unknown_code_cannot_be_reviewed(proctoring: Proctoring) -> None:
    answer = proctoring.review("0" * 32, Status.CLEAN.value)
    assert answer == {"success": False, "error": functions.ENTRY_NOT_FOUND}


def test_booking_keeps_code_and_exam_in_the_list(proctoring: Proctoring, student: Person, accesscode: str) -> None:
    assert proctoring.review(accesscode, Status.SCHEDULED.value, timescheduled=TOMORROW)["success"] is True
    exam = proctoring.exam(student.email)
    assert (exam["accesscode"], exam["status"]) == (accesscode, Status.SCHEDULED.value)


def test_cancelled_booking_frees_the_slot_only(proctoring: Proctoring, accesscode: str) -> None:
    proctoring.review(accesscode, Status.SCHEDULED.value, timescheduled=TOMORROW)
    assert proctoring.review(accesscode, Status.SCHEDULED.value, timescheduled=TIMESCHEDULED_CLEAR)["success"] is True
    assert proctoring.behind(accesscode)["accesscode"] == accesscode


@pytest.mark.parametrize("status", [Status.STARTED, Status.CLEAN, Status.RULES_VIOLATION])
def test_what_runs_or_is_judged_cannot_be_booked(
    lab: Lab, proctoring: Proctoring, student: Person, accesscode: str, status: Status
) -> None:
    """Else a booking would erase a verdict, and the used code would open the exam again."""
    if status is Status.STARTED:
        open_entry(lab.browser(student), accesscode)
    else:
        proctoring.review(accesscode, status.value)
    answer = proctoring.review(accesscode, Status.SCHEDULED.value, timescheduled=TOMORROW)
    assert answer == {"success": False, "error": functions.NOT_BOOKABLE}
    assert proctoring.status(accesscode) is status


# reset_entry


def test_unused_code_needs_no_replacement(proctoring: Proctoring, student: Person, accesscode: str) -> None:
    assert proctoring.reset(accesscode) == {"success": False, "error": functions.UNUSED_ENTRY_EXISTS}
    assert proctoring.exam(student.email)["accesscode"] == accesscode


def test_reset_gives_a_fresh_code_beside_the_old(proctoring: Proctoring, student: Person, accesscode: str) -> None:
    proctoring.review(accesscode, Status.CLEAN.value)
    proctoring.reset(accesscode)
    fresh = proctoring.exam(student.email)
    assert fresh["accesscode"] != accesscode
    assert fresh["status"] == Status.NOT_INITED.value
    assert proctoring.status(accesscode) is Status.CLEAN


def test_unknown_code_cannot_be_reset(proctoring: Proctoring) -> None:
    assert proctoring.reset("0" * 32) == {"success": False, "error": functions.ENTRY_NOT_FOUND}


# user_picture


def test_somebody_without_picture(proctoring: Proctoring, student: Person) -> None:
    assert proctoring.picture(student.email) == {"success": False, "error": functions.USER_HAS_NO_IMAGE}


def test_picture_of_nobody(proctoring: Proctoring) -> None:
    assert proctoring.picture("nobody@example.com") == {
        "success": False,
        "error": functions.USER_NOT_FOUND_FOR_PICTURE,
    }


def test_picture_can_be_fetched_without_signing_in(lab: Lab, proctoring: Proctoring) -> None:
    answer = proctoring.picture(lab.teacher.email)
    assert answer["success"] is True
    fetched = requests.get(answer["userpicture"], timeout=60)
    assert fetched.status_code == 200
    assert Image.open(io.BytesIO(fetched.content)).width >= 100


# auth_access


def test_access_is_a_matter_of_capabilities_in_a_course(lab: Lab, proctoring: Proctoring, student: Person) -> None:
    nowhere: dict[str, list[int]] = {"proctor_courses": [], "reviewer_courses": []}
    nothing = {"success": True, "error": None, "proctor_auth": False, "reviewer_auth": False, **nowhere}
    assert proctoring.access(student.email) == nothing
    assert proctoring.access(lab.outsider.email) == nothing
    assert proctoring.access(lab.proctor.email) == {
        **nothing,
        "proctor_auth": True,
        "proctor_courses": [lab.exam.course],
    }


def test_access_of_nobody(proctoring: Proctoring) -> None:
    assert proctoring.access("nobody@example.com") == {
        "success": False,
        "error": functions.USER_NOT_FOUND_FOR_ACCESS,
    }


# All of them

ARGUMENTS = {
    functions.USER_PROCTORED_MODULES.name: {"useremail": "nobody@example.com"},
    functions.SUBMIT_PROCTORING_REVIEW.name: {"accesscode": "0" * 32, "status": "Clean"},
    functions.RESET_ENTRY.name: {"accesscode": "0" * 32},
    functions.USER_PICTURE.name: {"useremail": "nobody@example.com"},
    functions.AUTH_ACCESS.name: {"useremail": "nobody@example.com"},
}
each_function = pytest.mark.parametrize("function", functions.FUNCTIONS, ids=lambda function: function.name)


@each_function
def test_answer_has_the_declared_shape(lab: Lab, function: functions.Function) -> None:
    answer = lab.service(function.full_name(), **ARGUMENTS[function.name])
    assert list(mismatches(answer, function.returns)) == []


@each_function
def test_parameter_that_is_not_declared_is_refused(lab: Lab, function: functions.Function) -> None:
    with pytest.raises(WebServiceError) as refusal:
        lab.service(function.full_name(), **ARGUMENTS[function.name], invented=1)
    assert refusal.value.errorcode == "invalidparameter"


@each_function
def test_token_without_the_capability_is_refused(lab: Lab, function: functions.Function) -> None:
    with pytest.raises(WebServiceError) as refusal:
        lab.powerless(function.full_name(), **ARGUMENTS[function.name])
    assert (refusal.value.exception, refusal.value.errorcode) == ("required_capability_exception", "nopermissions")


@pytest.mark.parametrize("function", [functions.SUBMIT_PROCTORING_REVIEW, functions.RESET_ENTRY, functions.AUTH_ACCESS])
def test_required_parameter_left_out_is_refused(lab: Lab, function: functions.Function) -> None:
    with pytest.raises(WebServiceError) as refusal:
        lab.service(function.full_name())
    assert refusal.value.errorcode == "invalidparameter"


def test_score_that_is_no_number_is_refused(proctoring: Proctoring, accesscode: str) -> None:
    with pytest.raises(WebServiceError) as refusal:
        proctoring.review(accesscode, Status.CLEAN.value, score="high")
    assert refusal.value.errorcode == "invalidparameter"
    assert proctoring.status(accesscode) is Status.NOT_INITED
