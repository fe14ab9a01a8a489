"""The pages of a quiz: its front page, starting, answering, the summary, handing in, and the review."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from mock_moodle.access import context_module, has_capability
from mock_moodle.errors import MoodleError
from mock_moodle.localtime import duration
from mock_moodle.login.browser import browser, require_sesskey
from mock_moodle.page import optional_param, redirect, required_param
from mock_moodle.quiz import attempts, manual, report
from mock_moodle.quiz.grading import rescale
from mock_moodle.quiz.layout import read_layout
from mock_moodle.quiz.models import FINISHED, IN_PROGRESS, OVERDUE, QuizAttempt, QuizGrade
from mock_moodle.quiz.pages import Place, cm_of, own_attempt, place_of_attempt, place_of_cm, quiz_page
from mock_moodle.quiz.rendering import Shown, View, in_review, render, running, view_of
from mock_moodle.quiz.review import may_review
from mock_moodle.quiz.sequence import is_sequential, may_open
from mock_moodle.quiz.start import Entrance, entrance
from mock_moodle.site import current
from mock_moodle.webservice.script import json_or_error, json_response

blueprint = Blueprint("quiz", __name__, url_prefix="/mod/quiz")
report.add_to(blueprint)
manual.add_to(blueprint)
blueprint.add_app_template_filter(duration)

PASSED_KEY = "passwordcheckedquizzes"
"""Quizzes whose password this browser session has given."""
EMPTY = "Cannot start an attempt at this quiz. The quiz has not been set up yet. No questions have been added."
Guard = Callable[[QuizAttempt, Place], "Response | None"]
GUARDS: list[Guard] = []
"""What plugins put before the questions: the first that answers with a response stops the page."""
Stop = Callable[[Place], "Response | None"]
STOPS: list[Stop] = []
"""What plugins put before an attempt begins."""
Decoration = Callable[[QuizAttempt, Place], str]
DECORATIONS: list[Decoration] = []
"""What plugins add to the head of an attempt's page."""
SUMMARY_DECORATIONS: list[Decoration] = []
"""What plugins add to the head of an attempt's summary."""


@blueprint.get("/view.php")
def view() -> Response:
    place = place_of_cm(_cmid())
    here = entrance(place.rules) if _may_attempt(place) else None
    own = attempts.user_attempts(place.quiz.id, place.user.id)
    grade = current.session.get(QuizGrade, (place.quiz.id, place.user.id))
    return quiz_page(
        "quiz/view.html",
        place,
        f"{place.course.shortname}: {place.cm.name}",
        cacheable=not current.site.release.at_least("4.5"),
        attempts=own,
        entrance=here,
        button=_button(here) if here else "",
        needs_preflight=_needs_preflight(here) if here else False,
        grade=grade,
        can_manage=has_capability("mod/quiz:manage", context_module(place.cm.id), place.user.id),
        format_grade=lambda value: f"{value:.{place.quiz.decimalpoints}f}",
        can_review=lambda attempt: may_review(attempt, place.quiz, place.cm, place.user.id) is None,
    )


@blueprint.route("/startattempt.php", methods=["GET", "POST"])
def start() -> Response:
    place = place_of_cm(required_param("cmid", int))
    for stop in STOPS:
        if (stopped := stop(place)) is not None:
            return stopped
    require_sesskey()
    here = entrance(place.rules)
    if not attempts.slots_of(place.quiz):
        raise MoodleError("cannotstartnoquestions", EMPTY)
    if here.reasons:
        reasons = "".join(f'<p class="text-start">{reason}</p>' for reason in here.reasons)
        raise MoodleError("attempterror", f"You are not allowed to attempt this quiz at this time because: {reasons}")
    if _needs_preflight(here):
        if "cancel" in request.form:
            return redirect(f"/mod/quiz/view.php?id={place.cm.id}")
        submitted = "_qf__mod_quiz_form_preflight_check_form" in request.form
        errors = place.rules.preflight_errors(request.form) if submitted else []
        if not submitted or errors:
            return quiz_page(
                "quiz/preflight.html",
                place,
                place.cm.name,
                errors=errors,
            )
        passed = browser().data.get(PASSED_KEY, [])
        browser().data[PASSED_KEY] = sorted({*passed, place.quiz.id})
    attempt = here.running or attempts.start_attempt(place.rules)
    return redirect(_attempt_address(attempt, place, attempt.currentpage))


@blueprint.route("/attempt.php", methods=["GET", "POST"])
def attempt_page() -> Response:
    attempt, place = place_of_attempt()
    stopped = _stopped(attempt, place) or _kept_back(attempt, place)
    if stopped is not None:
        return stopped
    pages, number = read_layout(attempt.layout), _page_of(attempt)
    if not may_open(attempt, place.quiz, number):
        return redirect(f"/mod/quiz/startattempt.php?cmid={place.cm.id}&sesskey={browser().sesskey}")
    attempt.currentpage = number
    rows = [row for row in attempts.question_attempts(attempt) if row.slot in pages[number]]
    of_pages = f" (page {number + 1} of {len(pages)})" if len(pages) > 1 else ""
    return quiz_page(
        "quiz/attempt.html",
        place,
        f"{place.cm.name}{of_pages}",
        cacheable=not current.site.release.at_least("4.1"),
        attempt=attempt,
        questions=[render(view_of(attempt, row, running(attempt))) for row in rows],
        slots=",".join(str(slot) for slot in pages[number]),
        page_number=number,
        pages=pages,
        sequential=is_sequential(place.quiz),
        navigation=_views(attempt, running(attempt)),
        ends=place.rules.end_time(attempt),
        now=place.rules.now,
        decorations=[decorate(attempt, place) for decorate in DECORATIONS],
    )


@blueprint.route("/processattempt.php", methods=["GET", "POST"])
def process() -> Response:
    attempt, place = own_attempt()
    require_sesskey()
    attempts.handle_if_time_expired(attempt, place.rules)
    if attempt.state not in (IN_PROGRESS, OVERDUE):
        raise MoodleError("attemptalreadyclosed", "This attempt has already been finished.")
    attempts.submit_responses(attempt, request.form)
    if optional_param("finishattempt", 0, int):
        attempts.finish_attempt(attempt, place.cm, place.user.id)
        return redirect(_review_address(attempt, place))
    number = optional_param("thispage", 0, int)
    if "previous" in request.form:
        number -= 1
    elif "next" in request.form:
        number = optional_param("nextpage", number + 1, int)
    pages = read_layout(attempt.layout)
    if (number < 0 and "next" in request.form) or number >= len(pages):
        return redirect(f"/mod/quiz/summary.php?attempt={attempt.id}&cmid={place.cm.id}")
    return redirect(_attempt_address(attempt, place, max(number, 0)))


@blueprint.route("/autosave.ajax.php", methods=["GET", "POST"])
def autosave() -> Response:
    """What a page's script sends between two pages. Its errors are JSON, as the answer is."""
    return json_or_error(_autosaved)


def _autosaved() -> Response:
    require_sesskey()
    attempt, place = own_attempt()
    attempts.handle_if_time_expired(attempt, place.rules)
    if attempt.state not in (IN_PROGRESS, OVERDUE):
        raise MoodleError("attemptalreadyclosed", "This attempt has already been finished.")
    attempts.save_responses(attempt, request.form)
    return json_response({"status": "OK"})


@blueprint.get("/summary.php")
def summary() -> Response:
    attempt, place = place_of_attempt()
    stopped = _stopped(attempt, place)
    if stopped is not None:
        return stopped
    return quiz_page(
        "quiz/summary.html",
        place,
        f"{place.cm.name}: Attempt summary",
        cacheable=not current.site.release.at_least("4.1"),
        attempt=attempt,
        questions=_views(attempt, running(attempt)),
        sequential=is_sequential(place.quiz),
        page_of={slot: number for number, slots in enumerate(read_layout(attempt.layout)) for slot in slots},
        decorations=[decorate(attempt, place) for decorate in SUMMARY_DECORATIONS],
    )


@blueprint.get("/review.php")
def review() -> Response:
    attempt, place = place_of_attempt()
    if attempt.userid == place.user.id and attempt.state != FINISHED and attempt.state == IN_PROGRESS:
        return redirect(_attempt_address(attempt, place, 0))
    refused = may_review(attempt, place.quiz, place.cm, place.user.id)
    if refused is not None and refused.errorcode == "noreview":
        return redirect(f"/mod/quiz/view.php?id={place.cm.id}", refused.message)
    if refused is not None:
        raise refused
    number = _page_of(attempt)
    of_pages = f" (page {number + 1} of {len(read_layout(attempt.layout))})" if number else ""
    grade = rescale(attempt.sumgrades, place.quiz.sumgrades, place.quiz.grade)
    return quiz_page(
        "quiz/review.html",
        place,
        f"{place.cm.name}: Attempt review{of_pages}",
        attempt=attempt,
        questions=[render(one) for one in _views(attempt, in_review(attempt))],
        grade=grade,
    )


def _stopped(attempt: QuizAttempt, place: Place) -> Response | None:
    """What comes instead of a running attempt's pages: the review of an ended or another's one, the quiz's own page."""
    if attempt.userid != place.user.id:
        if not has_capability("mod/quiz:viewreports", context_module(place.cm.id), place.user.id):
            raise MoodleError("notyourattempt", "This is not your attempt!")
        return redirect(_review_address(attempt, place, _page_of(attempt)))
    attempts.handle_if_time_expired(attempt, place.rules)
    if attempt.state not in (IN_PROGRESS, OVERDUE):
        return redirect(_review_address(attempt, place))
    if not place.rules.preview and place.rules.prevent_access():
        return redirect(f"/mod/quiz/view.php?id={place.cm.id}")
    if place.rules.wants_password and place.quiz.id not in browser().data.get(PASSED_KEY, []):
        return redirect(f"/mod/quiz/view.php?id={place.cm.id}")
    return None


def _kept_back(attempt: QuizAttempt, place: Place) -> Response | None:
    """What a plugin's guard puts in the place of the questions."""
    for guard in GUARDS:
        response = guard(attempt, place)
        if response is not None:
            return response
    return None


def _page_of(attempt: QuizAttempt) -> int:
    """The page asked for, within the attempt's."""
    asked: int = optional_param("page", 0, int)
    return min(max(0, asked), len(read_layout(attempt.layout)) - 1)


def _views(attempt: QuizAttempt, shown: Shown) -> list[View]:
    return [view_of(attempt, row, shown) for row in attempts.question_attempts(attempt)]


def _may_attempt(place: Place) -> bool:
    return place.rules.preview or has_capability("mod/quiz:attempt", context_module(place.cm.id), place.user.id)


def _needs_preflight(here: Entrance) -> bool:
    passed = here.rules.quiz.id in browser().data.get(PASSED_KEY, [])
    if here.rules.preview or (passed and here.running is not None):
        return False
    return here.rules.wants_preflight(has_attempt=here.running is not None)


def _button(here: Entrance) -> str:
    """Moodle's captions; empty where there is nothing to press."""
    if here.reasons:
        return ""
    if here.running is not None:
        return "Continue the last preview" if here.rules.preview else "Continue your attempt"
    if here.rules.preview:
        return "Preview quiz"
    again = attempts.user_attempts(here.rules.quiz.id, here.rules.userid, previews=False)
    return "Re-attempt quiz" if again else "Attempt quiz"


def _cmid() -> int:
    """`id` is the course module, `q` the quiz."""
    if request.args.get("id"):
        return int(required_param("id", int))
    return cm_of(optional_param("q", 0, int)).id


def _attempt_address(attempt: QuizAttempt, place: Place, number: int) -> str:
    return _address("attempt", attempt, place, number)


def _review_address(attempt: QuizAttempt, place: Place, number: int = 0) -> str:
    return _address("review", attempt, place, number)


def _address(script: str, attempt: QuizAttempt, place: Place, number: int) -> str:
    page_part = f"&page={number}" if number else ""
    return f"/mod/quiz/{script}.php?attempt={attempt.id}&cmid={place.cm.id}{page_part}"
