"""Quiz settings, with "Restrict access"."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from flask import Blueprint, Response, request

from contract.condition import (
    CONDITION_FIELDS,
    DURATION_STEP_MINUTES,
    IDENTIFICATION_TITLES,
    MODE_TITLES,
    RULES,
    SCORING,
    WARNINGS,
)
from contract.wire import COMPONENT
from mock_moodle.access import context_course, require_capability
from mock_moodle.admin.events import module_saved
from mock_moodle.admin.page import flag, sent
from mock_moodle.availability import form
from mock_moodle.course.activities import TITLES, title_of
from mock_moodle.errors import MissingByQuery, MissingRecord, MoodleError
from mock_moodle.login.browser import require_login, require_sesskey
from mock_moodle.page import page, redirect, required_param
from mock_moodle.plugins import installed_version
from mock_moodle.quiz.models import Quiz
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule, Group
from mock_moodle.undrawn.page import undrawn
from mock_moodle.webservice.php import INT_MAX, to_float, to_int

MOMENTS = ("timeopen", "timeclose")
UNITS = {"1": "seconds", "60": "minutes", "3600": "hours", "86400": "days"}


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/course/modedit.php", view_func=edit_activity, methods=["GET", "POST"])


def edit_activity() -> Response:
    if "update" not in request.values and "add" in request.values:
        return _add()
    if "update" not in request.values:
        require_login()
        raise MoodleError("invalidaction", "Invalid action parameter")
    cm = current.session.get(CourseModule, required_param("update", int))
    if cm is None:
        raise MissingByQuery
    course = current.session.get_one(Course, cm.course)
    require_login(course, cm)
    require_capability("moodle/course:manageactivities", context_course(course.id))
    errors: dict[str, str] = {}
    if request.method == "POST":
        require_sesskey()
        if "cancel" in request.form:
            return redirect(f"/course/view.php?id={course.id}")
        errors = _errors()
        if not errors:
            _store(cm)
            return_to_quiz = "submitbutton2" not in request.form and cm.modname == "quiz"
            return redirect(f"/mod/quiz/view.php?id={cm.id}" if return_to_quiz else f"/course/view.php?id={course.id}")
    return _form(cm, course, errors)


def _add() -> Response:
    """The mock adds no activity through the form, a world file or a test does."""
    required_param("section", int)
    course = current.session.get(Course, required_param("course", int))
    if course is None:
        raise MissingRecord("course")
    require_login(course)
    kind = TITLES.get(required_param("add"))
    if kind is None:
        raise MissingRecord("modules")
    require_capability("moodle/course:manageactivities", context_course(course.id))
    return undrawn(f"New {kind} | {course.shortname}", f"New {kind}", course=course)


def _errors() -> dict[str, str]:
    errors = {}
    if not sent("name").strip():
        errors["name"] = "- You must supply a value here."
    if said := form.messages(sent("availabilityconditionsjson")):
        errors["availabilityconditionsjson"] = " ".join(said)
    for name in MOMENTS:
        if flag(f"{name}[enabled]") and _moment(name) is None:
            errors[name] = "There is no such day."
    return errors


def _store(cm: CourseModule) -> None:
    cm.name = sent("name").strip()
    if "visible" in request.form:
        cm.visible = flag("visible")
    if "availabilityconditionsjson" in request.form:
        cm.availability = form.stored(sent("availabilityconditionsjson"))
    if cm.modname == "quiz":
        _store_quiz(current.session.get_one(Quiz, cm.instance))
    current.session.flush()
    module_saved.send(cm)


def _store_quiz(quiz: Quiz) -> None:
    """A field that the form did not send stays as it is."""
    if "introeditor[text]" in request.form:
        quiz.intro = sent("introeditor[text]")
    for name in MOMENTS:
        if f"{name}[day]" in request.form:
            setattr(quiz, name, (_moment(name) or 0) if flag(f"{name}[enabled]") else 0)
    if "timelimit[number]" in request.form:
        seconds = to_float(sent("timelimit[number]")) * to_int(sent("timelimit[timeunit]", "60"))
        quiz.timelimit = int(max(0, min(seconds, INT_MAX))) if flag("timelimit[enabled]") else 0
    for name in ("attempts", "grademethod", "questionsperpage"):
        if name in request.form:
            setattr(quiz, name, to_int(sent(name)))
    for name in ("overduehandling", "navmethod"):
        if name in request.form:
            setattr(quiz, name, sent(name))
    if "quizpassword" in request.form:
        quiz.password = sent("quizpassword")
    quiz.timemodified = current.clock.time()


def _moment(name: str) -> int | None:
    parts = [to_int(sent(f"{name}[{part}]")) for part in ("year", "month", "day", "hour", "minute")]
    try:
        return int(datetime(*parts, tzinfo=timezone.utc).timestamp())  # type: ignore[arg-type, misc]
    except (ValueError, OverflowError):
        return None


def _form(cm: CourseModule, course: Course, errors: dict[str, str]) -> Response:
    session = current.session
    quiz = session.get_one(Quiz, cm.instance) if cm.modname == "quiz" else None
    modname = title_of(cm)
    stored = json.dumps(cm.availability) if cm.availability else ""
    groups = session.query(Group).where(Group.courseid == course.id).order_by(Group.name).all()
    now = current.clock.time()
    return page(
        "admin/modedit.html",
        title=f"Edit {modname}: {cm.name} | {course.shortname}" if _titled_by_name() else f"Editing {modname}",
        heading=f"Updating {modname}: {cm.name}",
        cacheable=False,
        breadcrumb=[(course.shortname, f"/course/view.php?id={course.id}"), (cm.name, ""), ("Settings", "")],
        cm=cm,
        course=course,
        quiz=quiz,
        errors=errors,
        name=sent("name", cm.name),
        moments={name: _shown_moment(getattr(quiz, name), now) for name in MOMENTS} if quiz else {},
        timelimit=_shown_duration(quiz.timelimit) if quiz else None,
        units=UNITS,
        availability=sent("availabilityconditionsjson", stored),
        editor=_editor(groups) if installed_version(COMPONENT) is not None else None,
        groups=[{"id": group.id, "name": group.name} for group in groups],
        activities=[
            {"id": other.id, "name": other.name}
            for other in session.query(CourseModule).where(CourseModule.course == course.id)
            if other.id != cm.id
        ],
    )


def _titled_by_name() -> bool:
    return current.site.release.at_least("4.5")


def _shown_moment(timestamp: int, now: int) -> dict[str, Any]:
    moment = datetime.fromtimestamp(timestamp or now, timezone.utc)
    return {
        "enabled": bool(timestamp),
        "day": moment.day,
        "month": moment.month,
        "year": moment.year,
        "hour": moment.hour,
        "minute": moment.minute,
    }


def _shown_duration(seconds: int) -> dict[str, Any]:
    unit = next((unit for unit in (86400, 3600, 60) if seconds and seconds % unit == 0), 1 if seconds else 60)
    return {"enabled": bool(seconds), "number": seconds // unit, "unit": str(unit)}


def _editor(groups: list[Group]) -> dict[str, Any]:
    """What the form of the plugin's restriction offers."""
    return {
        "titles": {field.key: field.title.en for field in CONDITION_FIELDS},
        "step": DURATION_STEP_MINUTES,
        "modes": [(mode.value, title.en) for mode, title in MODE_TITLES.items()],
        "identifications": [(value.value, title.en) for value, title in IDENTIFICATION_TITLES.items()],
        "rules": [(rule.key, rule.title.en, rule.default) for rule in RULES],
        "warnings": [(warning.key, warning.title.en, warning.shown_by_default) for warning in WARNINGS],
        "scoring": [(key.key, key.title.en, key.minimum, key.maximum) for key in SCORING],
        "groups": [(group.id, group.name) for group in groups],
    }
