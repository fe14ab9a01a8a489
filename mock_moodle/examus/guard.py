"""The pages around the gate: the guard before an attempt's pages, `gate.php`, and `handover.php`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template

from contract import panel
from contract.wire import PLUGIN_PATH, READY_MESSAGE
from mock_moodle.errors import MoodleError
from mock_moodle.examus import settings
from mock_moodle.examus.behaviour import behaviour, is_installed
from mock_moodle.examus.gate import Gate
from mock_moodle.examus.strings import string
from mock_moodle.login.browser import require_login, require_sesskey
from mock_moodle.page import optional_param, page, redirect, required_param
from mock_moodle.quiz.models import QuizAttempt
from mock_moodle.quiz.pages import Place, cm_of
from mock_moodle.quiz.routes import DECORATIONS, GUARDS, SUMMARY_DECORATIONS
from mock_moodle.site import current
from mock_moodle.store.core import Course
from mock_moodle.webservice.response import to_json


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/gate.php", view_func=gate_page)
    blueprint.add_url_rule("/handover.php", view_func=handover, methods=["POST"])


def _gate_of(attempt: QuizAttempt, place: Place) -> Gate | None:
    if not is_installed() or not behaviour().own_ways_in:
        return None
    return Gate.before(attempt.id, place.user)


def keep_back(attempt: QuizAttempt, place: Place) -> Response | None:
    """Sends the browser to the gate while it is shut."""
    gate = _gate_of(attempt, place)
    if gate is None or gate.open_for():
        return None
    return redirect(f"{PLUGIN_PATH}/gate.php?attempt={attempt.id}&page={optional_param('page', 0, int)}")


def watch(attempt: QuizAttempt, place: Place) -> str:
    """What an attempt's pages carry while the gate is open: the script that renews the proof, in the panel a frame."""
    gate = _gate_of(attempt, place)
    if gate is None or not gate.open_for():
        return ""
    return render_template("examus/guard.html", wwwroot=current.site.wwwroot, **_values(gate, None, large=False))


GUARDS.append(keep_back)
DECORATIONS.append(watch)
SUMMARY_DECORATIONS.append(watch)


def gate_page() -> Response:
    """Where a student waits. No question is on this page."""
    attempt_id, number = required_param("attempt", int), optional_param("page", 0, int)
    user = require_login()
    gate = Gate.before(attempt_id, user)
    if gate is None:
        raise MoodleError("error_notproctored", string("error_notproctored"))
    cm = cm_of(gate.attempt.quiz)
    course = current.session.get_one(Course, cm.course)
    require_login(course, cm)
    following = f"/mod/quiz/attempt.php?attempt={attempt_id}&cmid={cm.id}&page={number}"
    if gate.open_for():
        return redirect(following)
    return page(
        "examus/gate.html",
        title=string("fader_awaiting_proctoring"),
        heading=course.fullname,
        cacheable=False,
        embedded=True,
        string=string,
        configured=bool(settings.origins()),
        **_values(gate, current.url(following), large=True),
    )


def handover() -> Response:
    """Gives the page a ticket for the service, and takes the service's proof from it."""
    user = require_login()
    require_sesskey()
    gate = Gate.before(required_param("attempt", int), user)
    proof, plain = optional_param("proof").strip(), optional_param("plain", 0, int)
    lost = optional_param("lost", 0, int)
    answer: dict[str, Any]
    if gate is None:
        answer = {"ended": True}
    elif lost:
        gate.close()
        answer = {"accepted": True, "openfor": 0}
    elif proof or plain:
        accepted = gate.accept_plain_message() if plain else gate.accept(proof)
        answer = {"accepted": accepted, "openfor": gate.open_for()}
    else:
        answer = dict(gate.ticket())
    return Response(to_json(answer), content_type="application/json; charset=utf-8")


def _values(gate: Gate, following: str | None, *, large: bool) -> dict[str, Any]:
    in_panel = settings.way_in_of(gate.exam) is panel.WayIn.PANEL and settings.engine_url()
    return {
        "guard": {
            "way": settings.way_in_of(gate.exam).value,
            "origins": settings.origins(),
            "plain": READY_MESSAGE if settings.accepts_plain_message() else None,
            "attempt": gate.attempt.id,
            "openfor": gate.open_for(),
            "handover": current.url(f"{PLUGIN_PATH}/handover.php"),
            "next": following,
            "wait": string("fader_awaiting_proctoring"),
            "hello": panel.MESSAGE_HELLO,
            "ticket": panel.MESSAGE_TICKET,
            "ready": panel.MESSAGE_READY,
            "lost": panel.MESSAGE_LOST,
            "seen": panel.MESSAGE_SEEN,
            "ticketseconds": panel.TICKET_LIFETIME_SECONDS - panel.CLOCK_SKEW_SECONDS,
        },
        "panel_url": settings.engine_url() + panel.PANEL_PATH if in_panel else "",
        "panel_allow": panel.PANEL_ALLOW,
        "panel_title": string("panel"),
        "large": large,
    }
