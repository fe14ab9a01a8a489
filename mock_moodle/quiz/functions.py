"""The functions `mod_quiz_*`: a quiz from the list to the review, for a client without a browser."""

from __future__ import annotations

from typing import Any

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_module, has_capability, require_capability
from mock_moodle.errors import InvalidParameter, MissingRecord, MoodleError
from mock_moodle.quiz import attempts, signatures, told
from mock_moodle.quiz.access import AccessRules
from mock_moodle.quiz.grading import rescale
from mock_moodle.quiz.layout import read_layout
from mock_moodle.quiz.models import FINISHED, IN_PROGRESS, OVERDUE, UNFINISHED, Quiz, QuizAttempt, QuizGrade
from mock_moodle.quiz.pages import cm_of
from mock_moodle.quiz.review import may_review
from mock_moodle.quiz.start import entrance
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule
from mock_moodle.webservice.context import validate_module_context
from mock_moodle.webservice.registry import WARNINGS, Call, function

PREFLIGHT: Schema = Multiple(
    Single({"name": Value("alphanumext", "data name"), "value": Value("raw", "data value")}),
    "Preflight required data (like passwords)",
    Presence.DEFAULT,
    (),
)
DATA = Multiple(
    Single({"name": Value("raw", "data name"), "value": Value("raw", "data value")}), "the data to be saved"
)
OPTIONAL_DATA = Multiple(DATA.content, "the data to be saved", Presence.DEFAULT, ())
STATUS = Single({"status": Value("bool", "status: true if success"), "warnings": WARNINGS})
ATTEMPT_ID: Schema = Value("int", "attempt id")
QUIZ_ID: Schema = Value("int", "quiz instance id")
USER_ID: Schema = Value("int", "user id, empty for current user", Presence.DEFAULT, 0)


def _quiz(quizid: int, userid: int) -> tuple[Quiz, CourseModule]:
    quiz = current.session.get(Quiz, quizid)
    if quiz is None:
        raise MissingRecord("quiz")
    cm = cm_of(quizid)
    validate_module_context(cm, userid)
    return quiz, cm


def _someone(cm: CourseModule, wanted: int, call: Call) -> int:
    """The user whose attempts or grades are asked for; somebody else's need a capability."""
    if wanted and wanted != call.userid:
        require_capability("mod/quiz:viewreports", context_module(cm.id), call.userid)
    return wanted or call.userid


def _pairs(data: list[dict[str, str]]) -> dict[str, str]:
    return {item["name"]: item["value"] for item in data}


@function(
    "mod_quiz_get_quizzes_by_courses",
    {"courseids": Multiple(Value("int", "course id"), "Array of course ids", Presence.DEFAULT, ())},
    Single({"quizzes": Multiple(signatures.QUIZ), "warnings": WARNINGS}),
    capabilities="mod/quiz:view",
)
def get_quizzes_by_courses(call: Call, courseids: list[int]) -> dict[str, Any]:
    return told.quizzes(call, courseids)


@function("mod_quiz_view_quiz", {"quizid": QUIZ_ID}, STATUS, type="write", capabilities="mod/quiz:view")
def view_quiz(call: Call, quizid: int) -> dict[str, Any]:
    _quiz(quizid, call.userid)
    return {"status": True, "warnings": []}


@function(
    "mod_quiz_get_user_attempts",
    {
        "quizid": QUIZ_ID,
        "userid": USER_ID,
        "status": Value("alpha", "quiz status: all, finished or unfinished", Presence.DEFAULT, "finished"),
        "includepreviews": Value("bool", "whether to include previews or not", Presence.DEFAULT, False),
    },
    Single({"attempts": Multiple(signatures.ATTEMPT), "warnings": WARNINGS}),
    capabilities="mod/quiz:view",
)
def get_user_attempts(call: Call, quizid: int, userid: int, status: str, includepreviews: bool) -> dict[str, Any]:
    quiz, cm = _quiz(quizid, call.userid)
    if status not in ("all", "unfinished", "finished"):
        raise InvalidParameter("Invalid status value")
    owner = _someone(cm, userid, call)
    found = attempts.user_attempts(quiz.id, owner, status, previews=includepreviews)
    return {"attempts": [told.attempt(one, quiz, cm, call.userid) for one in found], "warnings": []}


@function(
    "mod_quiz_get_user_best_grade",
    {"quizid": QUIZ_ID, "userid": USER_ID},
    Single(
        {
            "hasgrade": Value("bool", "Whether the user has a grade on the given quiz."),
            "grade": Value("float", "The grade (only if the user has a grade).", Presence.OPTIONAL),
            "gradetopass": Value("float", "The grade to pass the quiz (only if set).", Presence.OPTIONAL),
            "warnings": WARNINGS,
        }
    ),
    capabilities="mod/quiz:view",
)
def get_user_best_grade(call: Call, quizid: int, userid: int) -> dict[str, Any]:
    quiz, cm = _quiz(quizid, call.userid)
    grade = current.session.get(QuizGrade, (quiz.id, _someone(cm, userid, call)))
    if grade is None:
        return {"hasgrade": False, "gradetopass": 0, "warnings": []}
    return {"hasgrade": True, "grade": grade.grade, "gradetopass": 0, "warnings": []}


@function(
    "mod_quiz_get_combined_review_options",
    {"quizid": QUIZ_ID, "userid": USER_ID},
    Single(
        {
            "someoptions": Multiple(signatures.OPTION),
            "alloptions": Multiple(signatures.OPTION),
            "warnings": WARNINGS,
        }
    ),
    capabilities="mod/quiz:view",
)
def get_combined_review_options(call: Call, quizid: int, userid: int) -> dict[str, Any]:
    quiz, cm = _quiz(quizid, call.userid)
    owner = _someone(cm, userid, call)
    finished = attempts.user_attempts(quiz.id, owner, "finished")
    visible = [may_review(one, quiz, cm, owner) is None for one in finished] or [False]
    return {
        "someoptions": told.review_options(any(visible)),
        "alloptions": told.review_options(all(visible)),
        "warnings": [],
    }


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
    quiz, cm = _quiz(quizid, call.userid)
    if not attempts.slots_of(quiz):
        raise MoodleError("noquestionsfound", "No questions found")
    rules = AccessRules.of(quiz, cm, call.userid)
    here = entrance(rules)
    if here.reasons:
        reasons = [told.warning(quiz.id, reason) for reason in here.reasons]
        return {"attempt": {}, "warnings": reasons}
    _pass_preflight(rules, preflightdata, has_attempt=here.running is not None)
    if here.running is not None and not (forcenew and rules.preview):
        if here.running.state == OVERDUE:
            raise MoodleError("stateoverdue", "Overdue")
        raise MoodleError("attemptstillinprogress", "Attempt still in progress")
    begun = attempts.start_attempt(quiz, cm, call.userid, preview=rules.preview)
    return {"attempt": told.attempt(begun, quiz, cm, call.userid), "warnings": []}


def _pass_preflight(rules: AccessRules, data: list[dict[str, str]], *, has_attempt: bool) -> None:
    """Moodle hands the message itself out as the error's code."""
    if rules.preview or not rules.wants_preflight(has_attempt=has_attempt):
        return
    for error in rules.preflight_errors(_pairs(data)):
        raise MoodleError(error, f"quiz/{error}")


def _own_attempt(
    call: Call, attemptid: int, preflightdata: list[dict[str, str]], *, accept_overdue: bool = False
) -> tuple[QuizAttempt, Quiz, CourseModule]:
    """An attempt that its owner may go on with."""
    attempt = attempts.find_attempt(attemptid)
    quiz, cm = _quiz(attempt.quiz, call.userid)
    if attempt.userid != call.userid:
        raise MoodleError("notyourattempt", "This is not your attempt!")
    rules = AccessRules.of(quiz, cm, call.userid)
    if not rules.preview:
        require_capability("mod/quiz:attempt", context_module(cm.id), call.userid)
    attempts.handle_if_time_expired(attempt, rules)
    if not rules.preview and rules.prevent_access():
        raise MoodleError("attempterror", "You are not allowed to attempt this quiz at the moment.")
    if attempt.state not in UNFINISHED:
        raise MoodleError("attemptalreadyclosed", "This attempt has already been finished.")
    if attempt.state == OVERDUE and not accept_overdue:
        raise MoodleError("stateoverdue", "Overdue")
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
    pages = read_layout(attempt.layout)
    if not 0 <= page < len(pages):
        raise MoodleError("Invalid page number", "quiz/Invalid page number")
    return {
        "attempt": told.attempt(attempt, quiz, cm, call.userid),
        "messages": [],
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
    attempt, _, _ = _own_attempt(call, attemptid, preflightdata, accept_overdue=True)
    answer: dict[str, Any] = {"questions": told.questions(attempt, summary=True), "warnings": []}
    if current.site.release.at_least("4.4"):
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
    attempt = attempts.find_attempt(attemptid)
    quiz, cm = _quiz(attempt.quiz, call.userid)
    attempts.handle_if_time_expired(attempt, AccessRules.of(quiz, cm, attempt.userid))
    mine = attempt.userid == call.userid
    if mine and attempt.state in UNFINISHED:
        raise MoodleError("attemptclosed", "Attempt has not closed yet")
    refused = may_review(attempt, quiz, cm, call.userid)
    if refused is not None:
        raise refused
    return attempt, quiz, cm


@function(
    "mod_quiz_get_attempt_review",
    {"attemptid": ATTEMPT_ID, "page": Value("int", "page number, empty for all", Presence.DEFAULT, -1)},
    Single(
        {
            "grade": Value("raw", 'grade for the quiz (or empty or "notyetgraded")'),
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
        "grade": told.number(grade) if grade is not None else "",
        "attempt": told.attempt(attempt, quiz, cm, call.userid),
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
    attempt, _, _ = _own_attempt(call, attemptid, preflightdata)
    if not 0 <= page < len(read_layout(attempt.layout)):
        raise MoodleError("Invalid page number", "quiz/Invalid page number")
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


@function(
    "mod_quiz_get_quiz_feedback_for_grade",
    {"quizid": QUIZ_ID, "grade": Value("float", "the grade to check")},
    Single(
        {
            "feedbacktext": Value("raw", "the comment that corresponds to this grade (empty for none)"),
            "feedbacktextformat": Value("int", "feedbacktext format", Presence.OPTIONAL),
            "warnings": WARNINGS,
        }
    ),
    capabilities="mod/quiz:view",
)
def get_quiz_feedback_for_grade(call: Call, quizid: int, grade: float) -> dict[str, Any]:  # noqa: ARG001
    """Worlds have no overall feedback."""
    _quiz(quizid, call.userid)
    return {"feedbacktext": "", "feedbacktextformat": 1, "warnings": []}


@function(
    "mod_quiz_get_quiz_access_information",
    {"quizid": QUIZ_ID},
    Single(
        {
            **{name: Value("bool", "capability") for name in told.ACCESS_CAPABILITIES},
            "accessrules": Multiple(Value("text", "rule description")),
            "activerulenames": Multiple(Value("plugin", "rule plugin names")),
            "preventaccessreasons": Multiple(Value("text", "access restriction description")),
            "warnings": WARNINGS,
        }
    ),
    capabilities="mod/quiz:view",
)
def get_quiz_access_information(call: Call, quizid: int) -> dict[str, Any]:
    quiz, cm = _quiz(quizid, call.userid)
    context = context_module(cm.id)
    capabilities = {
        name: has_capability(capability, context, call.userid) for name, capability in told.ACCESS_CAPABILITIES.items()
    }
    rules = AccessRules.of(quiz, cm, call.userid)
    return {
        **capabilities,
        "accessrules": told.rule_descriptions(rules),
        "activerulenames": told.rule_names(rules),
        "preventaccessreasons": [] if rules.preview else rules.prevent_access(),
        "warnings": [],
    }


@function(
    "mod_quiz_get_attempt_access_information",
    {"quizid": QUIZ_ID, "attemptid": Value("int", "attempt id, 0 for the user last attempt", Presence.DEFAULT, 0)},
    Single(
        {
            "endtime": Value("int", "When the attempt must be submitted (determined by rules).", Presence.OPTIONAL),
            "isfinished": Value("bool", "Whether there is no way the user will ever be allowed to attempt."),
            "ispreflightcheckrequired": Value("bool", "whether a check is required", Presence.OPTIONAL),
            "preventnewattemptreasons": Multiple(Value("text", "access restriction description")),
            "warnings": WARNINGS,
        }
    ),
    capabilities="mod/quiz:view",
)
def get_attempt_access_information(call: Call, quizid: int, attemptid: int) -> dict[str, Any]:
    quiz, cm = _quiz(quizid, call.userid)
    rules = AccessRules.of(quiz, cm, call.userid)
    own = attempts.user_attempts(quiz.id, call.userid)
    asked = attempts.find_attempt(attemptid) if attemptid else (own[-1] if own else None)
    if asked is not None and asked.userid != call.userid:
        raise MoodleError("notyourattempt", "This is not your attempt!")
    finished = [one for one in own if one.state == FINISHED and not one.preview]
    answer: dict[str, Any] = {
        "isfinished": bool(rules.limits.attempts) and len(finished) >= rules.limits.attempts,
        "preventnewattemptreasons": rules.prevent_new_attempt(len(finished), finished[-1] if finished else None),
        "warnings": [],
    }
    if asked is not None:
        end = rules.end_time(asked) if asked.state == IN_PROGRESS else None
        if end is not None:
            answer["endtime"] = end
        answer["ispreflightcheckrequired"] = rules.wants_preflight(has_attempt=asked.state in UNFINISHED)
    return answer


@function(
    "mod_quiz_get_quiz_required_qtypes",
    {"quizid": QUIZ_ID},
    Single({"questiontypes": Multiple(Value("plugin", "question type")), "warnings": WARNINGS}),
    capabilities="mod/quiz:view",
)
def get_quiz_required_qtypes(call: Call, quizid: int) -> dict[str, Any]:
    quiz, _ = _quiz(quizid, call.userid)
    return {"questiontypes": told.question_types(quiz), "warnings": []}
