"""The functions `mod_quiz_*` about one attempt: its start, its pages, its end and its review."""

from __future__ import annotations

from typing import Any

from contract.webservice import Multiple, Presence, Single, Value
from mock_moodle.access import context_module, require_capability
from mock_moodle.errors import QuizError
from mock_moodle.quiz import attempts, signatures, told
from mock_moodle.quiz.access import AccessRules
from mock_moodle.quiz.asked import ATTEMPT_ID, DATA, OPTIONAL_DATA, PREFLIGHT, QUIZ_ID, STATUS, enter_quiz
from mock_moodle.quiz.grading import rescale
from mock_moodle.quiz.layout import read_layout
from mock_moodle.quiz.models import IN_PROGRESS, OVERDUE, UNFINISHED, Quiz, QuizAttempt
from mock_moodle.quiz.pages import cm_of
from mock_moodle.quiz.review import may_review
from mock_moodle.quiz.sequence import is_sequential, require_page
from mock_moodle.quiz.start import entrance
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule
from mock_moodle.webservice.registry import WARNINGS, Call, function


def _settle_time(attempt: QuizAttempt, rules: AccessRules) -> QuizAttempt:
    """Moodle looks at the time even in a function that only reads, and notes when it has to look again, or ends an
    attempt whose time is up: then the call has to write."""
    visit = current.visit
    if not attempts.is_due(attempt, rules):
        return attempt
    if not visit.write:
        visit.close(commit=False)
        visit.write = True
        attempt = attempts.find_attempt(attempt.id)
    attempts.handle_if_time_expired(attempt, rules)
    current.commit()  # stays, even if the call itself is refused next
    return attempts.find_attempt(attempt.id)


def _pairs(data: list[dict[str, str]]) -> dict[str, str]:
    return {item["name"]: item["value"] for item in data}


@function(
    "mod_quiz_start_attempt",
    {
        "quizid": QUIZ_ID,
        "preflightdata": PREFLIGHT,
        "forcenew": Value("bool", "Whether to force a new attempt or not.", Presence.DEFAULT, False),
    },
    Single({"attempt": signatures.ATTEMPT_OR_NOTHING, "warnings": WARNINGS}),
    type="write",
    capabilities="mod/quiz:attempt",
)
def start_attempt(call: Call, quizid: int, preflightdata: list[dict[str, str]], forcenew: bool) -> dict[str, Any]:
    quiz, cm = enter_quiz(quizid, call.userid)
    if not attempts.slots_of(quiz):
        raise QuizError("noquestionsfound", "No questions found")
    rules = AccessRules.of(quiz, cm, call.userid)
    here = entrance(rules)
    if here.reasons:
        reasons = [told.warning(quiz.id, reason) for reason in here.reasons]
        return {"attempt": {}, "warnings": reasons}
    _pass_preflight(rules, preflightdata, has_attempt=here.running is not None)
    if here.running is not None and not (forcenew and rules.preview):
        if here.running.state == OVERDUE:
            raise QuizError("stateoverdue", "Overdue")
        raise QuizError("attemptstillinprogress", "Attempt still in progress")
    begun = attempts.start_attempt(rules)
    return {"attempt": told.attempt(begun), "warnings": []}


def _pass_preflight(rules: AccessRules, data: list[dict[str, str]], *, has_attempt: bool) -> None:
    """Moodle hands the message itself out as the error's code."""
    if not rules.wants_preflight(has_attempt=has_attempt):
        return
    for error in rules.preflight_errors(_pairs(data)):
        raise QuizError(error, f"quiz/{error}")


def _own_attempt(
    call: Call, attemptid: int, preflightdata: list[dict[str, str]], *, accept_overdue: bool = False
) -> tuple[QuizAttempt, Quiz, CourseModule]:
    """An attempt that its owner may go on with."""
    attempt = attempts.find_attempt(attemptid)
    quiz, cm = enter_quiz(attempt.quiz, call.userid)
    if attempt.userid != call.userid:
        raise QuizError("notyourattempt", "This is not your attempt!")
    rules = AccessRules.of(quiz, cm, call.userid)
    if not rules.preview:
        require_capability("mod/quiz:attempt", context_module(cm.id), call.userid)
    attempt = _settle_time(attempt, rules)
    if not rules.preview and rules.prevent_access():
        raise QuizError("attempterror", "You are not allowed to attempt this quiz at the moment.")
    if attempt.state not in UNFINISHED:
        raise QuizError("attemptalreadyclosed", "This attempt has already been finished.")
    if attempt.state == OVERDUE and not accept_overdue:
        raise QuizError("stateoverdue", "Overdue")
    _pass_preflight(rules, preflightdata, has_attempt=True)
    return attempt, quiz, cm


@function(
    "mod_quiz_get_attempt_data",
    {"attemptid": ATTEMPT_ID, "page": Value("int", "page number"), "preflightdata": PREFLIGHT},
    Single(
        {
            "attempt": signatures.ATTEMPT,
            "messages": Multiple(Value("text", "access message")),
            "nextpage": Value("int", "next page number"),
            "questions": Multiple(signatures.QUESTION),
            "warnings": WARNINGS,
        }
    ),
    capabilities="mod/quiz:attempt",
)
def get_attempt_data(call: Call, attemptid: int, page: int, preflightdata: list[dict[str, str]]) -> dict[str, Any]:
    attempt, quiz, cm = _own_attempt(call, attemptid, preflightdata)
    pages = require_page(attempt, quiz, page)
    return {
        "attempt": told.attempt(attempt),
        "messages": AccessRules.of(quiz, cm, call.userid).prevent_access(),  # a preview goes on all the same
        "nextpage": page + 1 if page + 1 < len(pages) else -1,
        "questions": told.questions(attempt, page=page),
        "warnings": [],
    }


@function(
    "mod_quiz_get_attempt_summary",
    {"attemptid": ATTEMPT_ID, "preflightdata": PREFLIGHT},
    Single(
        {
            "questions": Multiple(signatures.QUESTION),
            "totalunanswered": Value("int", "Total unanswered questions.", Presence.OPTIONAL),
            "warnings": WARNINGS,
        }
    ),
    capabilities="mod/quiz:attempt",
)
def get_attempt_summary(call: Call, attemptid: int, preflightdata: list[dict[str, str]]) -> dict[str, Any]:
    attempt, quiz, _ = _own_attempt(call, attemptid, preflightdata, accept_overdue=True)
    answer: dict[str, Any] = {"questions": told.questions(attempt), "warnings": []}
    if attempt.state == IN_PROGRESS and not is_sequential(quiz):
        answer["totalunanswered"] = attempts.unanswered(attempts.question_attempts(attempt))
    return answer


@function(
    "mod_quiz_save_attempt",
    {"attemptid": ATTEMPT_ID, "data": DATA, "preflightdata": PREFLIGHT},
    STATUS,
    type="write",
    capabilities="mod/quiz:attempt",
)
def save_attempt(
    call: Call, attemptid: int, data: list[dict[str, str]], preflightdata: list[dict[str, str]]
) -> dict[str, Any]:
    attempt, _, _ = _own_attempt(call, attemptid, preflightdata)
    attempts.save_responses(attempt, _pairs(data))
    return {"status": True, "warnings": []}


@function(
    "mod_quiz_process_attempt",
    {
        "attemptid": ATTEMPT_ID,
        "data": OPTIONAL_DATA,
        "finishattempt": Value("bool", "whether to finish or not the attempt", Presence.DEFAULT, False),
        "timeup": Value("bool", "whether the WS was called by a timer when the time is up", Presence.DEFAULT, False),
        "preflightdata": PREFLIGHT,
    },
    Single({"state": Value("alphanumext", "state: the new attempt state"), "warnings": WARNINGS}),
    type="write",
    capabilities="mod/quiz:attempt",
)
def process_attempt(
    call: Call,
    attemptid: int,
    data: list[dict[str, str]],
    finishattempt: bool,
    timeup: bool,
    preflightdata: list[dict[str, str]],
) -> dict[str, Any]:
    attempt, quiz, cm = _own_attempt(call, attemptid, preflightdata, accept_overdue=True)
    attempts.submit_responses(attempt, _pairs(data))
    if finishattempt or (timeup and quiz.overduehandling == "autosubmit"):
        attempts.finish_attempt(attempt, cm, call.userid)
    return {"state": attempt.state, "warnings": []}


def _reviewed(call: Call, attemptid: int) -> tuple[QuizAttempt, Quiz, CourseModule]:
    """Asks no more than whether the attempt may be reviewed: its quiz may be out of reach by now."""
    attempt = attempts.find_attempt(attemptid)
    quiz, cm = current.session.get_one(Quiz, attempt.quiz), cm_of(attempt.quiz)
    refused = may_review(attempt, quiz, cm, call.userid)
    if refused is not None:
        raise refused
    return attempt, quiz, cm


@function(
    "mod_quiz_get_attempt_review",
    {"attemptid": ATTEMPT_ID, "page": Value("int", "page number, empty for all", Presence.DEFAULT, -1)},
    Single(
        {
            "grade": Value("raw", 'grade for the quiz (or empty or "notyetgraded")', nullable=True),
            "attempt": signatures.ATTEMPT,
            "additionaldata": Multiple(signatures.ADDITIONAL),
            "questions": Multiple(signatures.QUESTION),
            "warnings": WARNINGS,
        }
    ),
    capabilities="mod/quiz:reviewmyattempts",
)
def get_attempt_review(call: Call, attemptid: int, page: int) -> dict[str, Any]:
    attempt, quiz, cm = _reviewed(call, attemptid)
    pages = read_layout(attempt.layout)
    if page != -1 and not 0 <= page < len(pages):
        page = 0 if page < 0 else len(pages) - 1
    grade = rescale(attempt.sumgrades, quiz.sumgrades, quiz.grade)
    return {
        "grade": None if grade is None else float(grade),
        "attempt": told.marked_attempt(attempt, quiz, cm, call.userid),
        "additionaldata": [],
        "questions": told.questions(attempt, page=None if page == -1 else page, review=True),
        "warnings": [],
    }


@function(
    "mod_quiz_view_attempt",
    {"attemptid": ATTEMPT_ID, "page": Value("int", "page number"), "preflightdata": PREFLIGHT},
    STATUS,
    type="write",
    capabilities="mod/quiz:attempt",
)
def view_attempt(call: Call, attemptid: int, page: int, preflightdata: list[dict[str, str]]) -> dict[str, Any]:
    attempt, quiz, _ = _own_attempt(call, attemptid, preflightdata)
    require_page(attempt, quiz, page)
    attempt.currentpage = page
    return {"status": True, "warnings": []}


@function(
    "mod_quiz_view_attempt_summary",
    {"attemptid": ATTEMPT_ID, "preflightdata": PREFLIGHT},
    STATUS,
    type="write",
    capabilities="mod/quiz:attempt",
)
def view_attempt_summary(call: Call, attemptid: int, preflightdata: list[dict[str, str]]) -> dict[str, Any]:
    _own_attempt(call, attemptid, preflightdata, accept_overdue=True)
    return {"status": True, "warnings": []}


@function(
    "mod_quiz_view_attempt_review",
    {"attemptid": ATTEMPT_ID},
    STATUS,
    type="write",
    capabilities="mod/quiz:reviewmyattempts",
)
def view_attempt_review(call: Call, attemptid: int) -> dict[str, Any]:
    _reviewed(call, attemptid)
    return {"status": True, "warnings": []}
