"""`start.php`: where a student begins a watched exam in Moodle itself, without going to the service first."""

from __future__ import annotations

from flask import Blueprint, Response, request

from contract.condition import RULES
from contract.entry import Status
from contract.panel import WayIn
from contract.wire import PLUGIN_PATH
from mock_moodle.availability import check
from mock_moodle.course.visibility import visibility_of
from mock_moodle.errors import MoodleError
from mock_moodle.examus import app, entries, session
from mock_moodle.examus.behaviour import Behaviour, behaviour
from mock_moodle.examus.exam import Exam, read_exam
from mock_moodle.examus.exams import node_of
from mock_moodle.examus.groups import concerns
from mock_moodle.examus.settings import way_in_of
from mock_moodle.examus.strings import string
from mock_moodle.examus.waiver import waived
from mock_moodle.login.browser import require_login, require_sesskey
from mock_moodle.page import optional_param, page, redirect, required_param
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule, User

PATH = f"{PLUGIN_PATH}/start.php"


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/start.php", view_func=start_page, methods=["GET", "POST"])


def start_page() -> Response:
    cm = current.session.get(CourseModule, required_param("id", int))
    if cm is None:
        raise MoodleError("invalidcoursemodule", "Invalid course module ID")
    course = current.session.get_one(Course, cm.course)
    ways = behaviour()
    if ways.own_ways_in:
        app.refuse(request.url)
    user = require_login(course)
    exam = _open_exam(cm, user) if ways.own_ways_in else None
    if exam is None or way_in_of(exam) is not WayIn.PANEL:
        raise MoodleError("error_notproctored", string("error_notproctored"))
    if optional_param("begin", 0, int):
        require_sesskey()
        return _begin(ways, cm, exam, user)
    return page(
        "examus/start.html",
        title=cm.name,
        heading=cm.name,
        cm=cm,
        exam=exam,
        breadcrumb=[(course.shortname, f"/course/view.php?id={course.id}"), (cm.name, "")],
        allowed=[rule.title.en for rule in RULES if exam.rules[rule.key]],
        string=string,
        path=PATH,
    )


def _open_exam(cm: CourseModule, user: User) -> Exam | None:
    """How the activity is watched, if it is open to the user but for the restriction itself."""
    node = node_of(cm)
    if node is None:
        return None
    exam = read_exam(node, complete=True)
    with waived():
        is_open = visibility_of(cm, user.id).uservisible and check(cm, user.id).met
    return exam if is_open and concerns(exam, cm.course, user.id) else None


def _begin(ways: Behaviour, cm: CourseModule, exam: Exam, user: User) -> Response:
    entry = ways.current_entry(entries.of_exam(user.id, cm.course, cm.id), cm, exam, user.id)
    if entry is None:
        raise MoodleError("error_noattempts", string("error_noattempts"))
    if entry.status != Status.STARTED:
        entries.move(entry, Status.STARTED.value)
    session.remember(cm.id, entry.accesscode)
    return redirect(f"/mod/{cm.modname}/view.php?id={cm.id}")
