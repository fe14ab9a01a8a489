"""The functions `mod_quiz_*`: a quiz from the list to the review, for a client without a browser."""

from __future__ import annotations

from typing import Any

from contract.webservice import Multiple, Presence, Single, Value
from mock_moodle.access import context_module, has_capability, require_capability
from mock_moodle.errors import InvalidParameter, QuizError
from mock_moodle.quiz import attempt_functions, attempts, reopen, signatures, told
from mock_moodle.quiz.access import AccessRules
from mock_moodle.quiz.asked import QUIZ_ID, STATUS, USER_ID, enter_quiz
from mock_moodle.quiz.models import NOT_STARTED, QuizGrade
from mock_moodle.quiz.review import is_shown
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule
from mock_moodle.webservice.context import require_active_user
from mock_moodle.webservice.registry import FILES, WARNINGS, Call, function

FORMAT_MOODLE = 0
FAMILIES = (attempt_functions, reopen)
"""Imported for their declarations."""


def _someone(cm: CourseModule, wanted: int, call: Call) -> int:
    """The user whose attempts or grades are asked for; somebody else's need a capability."""
    require_active_user(wanted or call.userid)
    if wanted and wanted != call.userid:
        require_capability("mod/quiz:viewreports", context_module(cm.id), call.userid)
    return wanted or call.userid


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
    enter_quiz(quizid, call.userid)
    return {"status": True, "warnings": []}


_WHICH_ATTEMPTS = {
    "quizid": QUIZ_ID,
    "userid": USER_ID,
    "status": Value("alpha", "quiz status: all, finished or unfinished", Presence.DEFAULT, "finished"),
    "includepreviews": Value("bool", "whether to include previews or not", Presence.DEFAULT, False),
}
_ATTEMPTS = Single({"attempts": Multiple(signatures.ATTEMPT), "warnings": WARNINGS})


@function("mod_quiz_get_user_attempts", _WHICH_ATTEMPTS, _ATTEMPTS, capabilities="mod/quiz:view")
def get_user_attempts(call: Call, quizid: int, userid: int, status: str, includepreviews: bool) -> dict[str, Any]:
    """Since 5.0 it is deprecated and leaves out what was only made in advance: older apps know no such state."""
    answer: dict[str, Any] = get_user_quiz_attempts(call, quizid, userid, status, includepreviews)
    return answer | {"attempts": [one for one in answer["attempts"] if one["state"] != NOT_STARTED]}


@function("mod_quiz_get_user_quiz_attempts", _WHICH_ATTEMPTS, _ATTEMPTS, capabilities="mod/quiz:view")
def get_user_quiz_attempts(call: Call, quizid: int, userid: int, status: str, includepreviews: bool) -> dict[str, Any]:
    quiz, cm = enter_quiz(quizid, call.userid)
    if status not in ("all", "unfinished", "finished"):
        raise InvalidParameter("Invalid status value")
    owner = _someone(cm, userid, call)
    found = attempts.user_attempts(quiz.id, owner, status, previews=includepreviews)
    return {"attempts": [told.marked_attempt(one, quiz, cm, call.userid) for one in found], "warnings": []}


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
    quiz, cm = enter_quiz(quizid, call.userid)
    owner = _someone(cm, userid, call)
    own = attempts.user_attempts(quiz.id, owner, previews=False)
    visible = bool(own) and (owner != call.userid or all(is_shown(one, quiz) for one in own))
    grade = current.session.get(QuizGrade, (quiz.id, owner)) if visible else None
    if grade is None:
        return {"hasgrade": False, "warnings": []}
    return {"hasgrade": True, "grade": grade.grade, "warnings": []}


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
    quiz, cm = enter_quiz(quizid, call.userid)
    owned = attempts.user_attempts(quiz.id, _someone(cm, userid, call))
    return {
        "someoptions": told.review_options(quiz, owned, any),
        "alloptions": told.review_options(quiz, owned, all),
        "warnings": [],
    }


@function(
    "mod_quiz_get_quiz_feedback_for_grade",
    {"quizid": QUIZ_ID, "grade": Value("float", "the grade to check")},
    Single(
        {
            "feedbacktext": Value("raw", "the comment that corresponds to this grade (empty for none)"),
            "feedbacktextformat": Value("int", "feedbacktext format", Presence.OPTIONAL),
            "feedbackinlinefiles": FILES,
            "warnings": WARNINGS,
        }
    ),
    capabilities="mod/quiz:view",
)
def get_quiz_feedback_for_grade(call: Call, quizid: int, grade: float) -> dict[str, Any]:  # noqa: ARG001
    """Worlds have no overall feedback."""
    enter_quiz(quizid, call.userid)
    return {"feedbacktext": "", "feedbacktextformat": FORMAT_MOODLE, "warnings": []}


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
    quiz, cm = enter_quiz(quizid, call.userid)
    context = context_module(cm.id)
    capabilities = {
        name: has_capability(capability, context, call.userid) for name, capability in told.ACCESS_CAPABILITIES.items()
    }
    rules = AccessRules.of(quiz, cm, call.userid)
    return {
        **capabilities,
        "accessrules": told.rule_descriptions(rules),
        "activerulenames": told.rule_names(rules),
        "preventaccessreasons": rules.prevent_access(),
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
    quiz, cm = enter_quiz(quizid, call.userid)
    rules = AccessRules.of(quiz, cm, call.userid)
    asked = attempts.find_attempt(attemptid) if attemptid else None
    if asked is not None and asked.userid != call.userid:
        raise QuizError("notyourattempt", "This is not your attempt!")
    finished = attempts.user_attempts(quiz.id, call.userid, "finished")
    unfinished = attempts.user_attempts(quiz.id, call.userid, "unfinished")
    last = finished[-1] if finished else None
    so_far = len(finished) + len(unfinished[:1])
    answer: dict[str, Any] = {
        "isfinished": rules.is_finished(so_far, last),
        "preventnewattemptreasons": rules.prevent_new_attempt(so_far, last),
        "warnings": [],
    }
    asked = asked or (unfinished[0] if unfinished else last)
    if asked is not None:
        answer["endtime"] = rules.end_time(asked) or 0
        answer["ispreflightcheckrequired"] = rules.wants_preflight(has_attempt=bool(unfinished))
    return answer


@function(
    "mod_quiz_get_quiz_required_qtypes",
    {"quizid": QUIZ_ID},
    Single({"questiontypes": Multiple(Value("plugin", "question type")), "warnings": WARNINGS}),
    capabilities="mod/quiz:view",
)
def get_quiz_required_qtypes(call: Call, quizid: int) -> dict[str, Any]:
    quiz, _ = enter_quiz(quizid, call.userid)
    return {"questiontypes": told.question_types(quiz), "warnings": []}
