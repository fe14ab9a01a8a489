"""Quizzes, attempts and questions as web services tell them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import select

from mock_moodle.access import context_module, has_capability
from mock_moodle.errors import MoodleError
from mock_moodle.localtime import duration
from mock_moodle.quiz import attempts
from mock_moodle.quiz.access import AccessRules
from mock_moodle.quiz.layout import read_layout
from mock_moodle.quiz.models import IN_PROGRESS, QuestionDefinition, Quiz, QuizAttempt
from mock_moodle.quiz.rendering import View, in_review, render, running, view_of
from mock_moodle.quiz.review import is_shown, sees_marks
from mock_moodle.quiz.sequence import is_sequential
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule, CourseSection
from mock_moodle.webservice.context import validate_course_context
from mock_moodle.webservice.mod_lists import standard_values
from mock_moodle.webservice.registry import Call
from mock_moodle.webservice.response import to_json

ACCESS_CAPABILITIES = {
    "canattempt": "mod/quiz:attempt",
    "canmanage": "mod/quiz:manage",
    "canpreview": "mod/quiz:preview",
    "canreviewmyattempts": "mod/quiz:reviewmyattempts",
    "canviewreports": "mod/quiz:viewreports",
}
REVIEW_OPTIONS = ("feedback", "generalfeedback", "rightanswer", "overallfeedback", "marks")
ALWAYS_TOLD = (
    "timeopen", "timeclose", "attempts", "timelimit", "grademethod", "decimalpoints", "questiondecimalpoints",
    "sumgrades", "grade", "preferredbehaviour", "hasfeedback",
)  # fmt: skip
"""Of a quiz that is not open, even to teachers."""
AFTER_ATTEMPT = 0x01110
"""Overall feedback is never shown while the attempt runs."""


def warning(quizid: int, message: str) -> dict[str, Any]:
    return {"item": "quiz", "itemid": quizid, "warningcode": "1", "message": message}


def number(value: float) -> float | int:
    """Whole numbers without a fraction."""
    rounded = round(value, 5)
    return int(rounded) if rounded == int(rounded) else rounded


def quizzes(call: Call, courseids: list[int]) -> dict[str, Any]:
    """Of the given courses, or of all in which the caller takes part."""
    from mock_moodle.course.visibility import visibility_of

    session, found, warnings = current.session, [], []
    for courseid in dict.fromkeys(courseids or _own_courses(call.userid)):
        course = session.get(Course, courseid)
        try:
            if course is None:
                raise MoodleError("invalidrecord", "")
            validate_course_context(course, call.userid)
        except MoodleError:
            warnings.append(
                {
                    "item": "course",
                    "itemid": courseid,
                    "warningcode": "1",
                    "message": "No access rights in course context",
                }
            )
            continue
        query = (
            select(CourseModule)
            .join(CourseSection, CourseSection.id == CourseModule.section)
            .where(CourseModule.course == courseid, CourseModule.modname == "quiz")
            .order_by(CourseSection.section, CourseModule.position)
        )
        found += [
            _quiz(cm, call.userid)
            for cm in session.scalars(query).all()
            if visibility_of(cm, call.userid).uservisible
            and has_capability("mod/quiz:view", context_module(cm.id), call.userid)
        ]
    return {"quizzes": found, "warnings": warnings}


def _own_courses(userid: int) -> list[int]:
    from mock_moodle.course.enrolled import active_courses

    return [course.id for course in active_courses(userid)]


def _quiz(cm: CourseModule, userid: int) -> dict[str, Any]:
    quiz = current.session.get_one(Quiz, cm.instance)
    rules = AccessRules.of(quiz, cm, userid)
    told = standard_values(cm) | {"intro": quiz.intro, "introformat": quiz.introformat}
    settings = _settings(quiz, rules)
    if rules.prevent_access():
        settings = {name: settings[name] for name in ALWAYS_TOLD}
    told.update(settings)
    if has_capability("moodle/course:manageactivities", context_module(cm.id), userid):
        told |= {
            "shuffleanswers": 1,
            "timecreated": quiz.timecreated,
            "timemodified": quiz.timemodified,
            "password": quiz.password,
            "subnet": quiz.subnet,
        }
    return told


def _settings(quiz: Quiz, rules: AccessRules) -> dict[str, Any]:
    names = (
        "overduehandling", "graceperiod", "preferredbehaviour", "attemptonlast", "grademethod", "decimalpoints",
        "questiondecimalpoints", "questionsperpage", "navmethod", "browsersecurity", "delay1", "delay2",
    )  # fmt: skip
    review = ("attempt", "correctness", "marks", "specificfeedback", "generalfeedback", "rightanswer")
    settings = {name: getattr(quiz, name) for name in names}
    settings |= {f"review{name}": quiz.reviewoptions for name in review}
    if current.site.release.at_least("4.4"):
        settings["reviewmaxmarks"] = quiz.reviewoptions
    return settings | {
        "timeopen": rules.limits.timeopen,
        "timeclose": rules.limits.timeclose,
        "timelimit": rules.limits.timelimit,
        "attempts": rules.limits.attempts,
        "reviewoverallfeedback": quiz.reviewoptions & AFTER_ATTEMPT,
        "sumgrades": number(quiz.sumgrades),
        "grade": number(quiz.grade),
        **dict.fromkeys(("canredoquestions", "showuserpicture", "showblocks", "completionattemptsexhausted"), 0),
        **dict.fromkeys(("completionpass", "allowofflineattempts", "hasfeedback"), 0),
        "autosaveperiod": 60,
        "hasquestions": int(bool(attempts.slots_of(quiz))),
    }


def attempt(one: QuizAttempt) -> dict[str, Any]:
    """As it stands in the database."""
    names = (
        "id", "quiz", "userid", "attempt", "uniqueid", "layout", "currentpage", "preview", "state", "timestart",
        "timefinish", "timemodified", "timemodifiedoffline", "timecheckstate",
    )  # fmt: skip
    told = {name: getattr(one, name) for name in names}
    told["sumgrades"] = None if one.sumgrades is None else number(one.sumgrades)
    if current.site.release.at_least("4.1"):
        told["gradednotificationsenttime"] = one.gradednotificationsenttime
    return told


def marked_attempt(one: QuizAttempt, quiz: Quiz, cm: CourseModule, userid: int) -> dict[str, Any]:
    """With the marks that this user may see."""
    told = attempt(one)
    if not sees_marks(one, quiz, cm, userid):
        told["sumgrades"] = None
    elif current.site.release.at_least("4.5"):
        told["gradeitemmarks"] = []
    return told


def questions(one: QuizAttempt, *, page: int | None = None, review: bool = False) -> list[dict[str, Any]]:
    """Of one page, or of all."""
    page_of = {slot: number_ for number_, slots in enumerate(read_layout(one.layout)) for slot in slots}
    rows = attempts.question_attempts(one)
    shown = in_review(one) if review else running(one)
    ahead = current.site.release.at_least("4.5") and is_sequential(current.session.get_one(Quiz, one.quiz))
    return [
        _question(view_of(one, row, shown), page_of[row.slot], unseen=ahead and page_of[row.slot] > one.currentpage)
        for row in rows
        if page is None or page_of[row.slot] == page
    ]


def _question(view: View, page: int, *, unseen: bool) -> dict[str, Any]:
    """`unseen` is a page to which the student has not come yet, in a quiz that knows but one way."""
    row = view.row
    told = {
        "slot": row.slot,
        "type": view.question.qtype,
        "page": page,
        "number": row.slot,
        "html": str(render(view)),
        "sequencecheck": row.steps,
        "lastactiontime": row.timemodified,
        "hasautosavedstep": row.autosaved is not None,
        "flagged": row.flagged,
        "status": view.status,
        "blockedbyprevious": False,
    }
    if view.shown.marks:
        told |= {"state": view.state.key, "mark": view.mark, "maxmark": number(row.maxmark)}
    release = current.site.release
    if release.at_least("4.1"):
        told |= {
            "questionnumber": str(row.slot),
            "responsefileareas": [],
            "settings": _as_text(view.question.settings()),
        }
    if release.at_least("4.5"):
        told["stateclass"] = view.css_class
    if unseen:
        told |= {"type": "", "html": ""}
        del told["responsefileareas"], told["settings"]
    return told


def _as_text(settings: dict[str, Any]) -> str | None:
    return to_json(settings).decode() if settings else None


def review_options(
    quiz: Quiz, owned: list[QuizAttempt], combine: Callable[[Iterable[bool]], bool]
) -> list[dict[str, Any]]:
    """What the review shows of all attempts, or of any: as `combine` says."""
    shown = bool(owned) and combine(is_shown(one, quiz) for one in owned)
    overall = bool(owned) and combine(is_shown(one, quiz) and one.state != IN_PROGRESS for one in owned)
    values = dict.fromkeys(REVIEW_OPTIONS, int(shown)) | {"overallfeedback": int(overall), "marks": 2 * shown}
    return [{"name": name, "value": value} for name, value in values.items()]


def rule_descriptions(rules: AccessRules) -> list[str]:
    told = []
    if rules.limits.attempts:
        told.append(f"Attempts allowed: {rules.limits.attempts}")
    if rules.limits.timelimit:
        told.append(f"Time limit: {duration(rules.limits.timelimit)}")
    if rules.wants_password:
        told.append("To attempt this quiz you need to know the quiz password")
    return told


def rule_names(rules: AccessRules) -> list[str]:
    active = {
        "quizaccess_delaybetweenattempts": bool(rules.quiz.delay1 or rules.quiz.delay2),
        "quizaccess_ipaddress": bool(rules.quiz.subnet),
        "quizaccess_numattempts": bool(rules.limits.attempts),
        "quizaccess_openclosedate": True,
        "quizaccess_password": rules.wants_password,
        "quizaccess_timelimit": bool(rules.limits.timelimit),
    }
    return [name for name, on in active.items() if on]


def question_types(quiz: Quiz) -> list[str]:
    names = [slot.question for slot in attempts.slots_of(quiz)]
    rows = current.session.scalars(select(QuestionDefinition).where(QuestionDefinition.name.in_(names)))
    return sorted({row.definition["qtype"] for row in rows})
