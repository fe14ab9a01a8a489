"""Quizzes and their questions in a world file."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from sqlalchemy import select

from mock_moodle.quiz.models import QuestionDefinition, Quiz, QuizOverride, QuizSlot
from mock_moodle.quiz.questions import read_question
from mock_moodle.site import current
from mock_moodle.store.core import CourseModule, Group, User
from mock_moodle.world.courses import COMMON_MODULE_KEYS
from mock_moodle.world.parts import Place, Spec, exporter, module, module_exporter, part

NUMBERS = (
    "introformat",
    "timeopen",
    "timeclose",
    "timelimit",
    "graceperiod",
    "attempts",
    "attemptonlast",
    "grademethod",
    "decimalpoints",
    "questiondecimalpoints",
    "questionsperpage",
    "delay1",
    "delay2",
    "reviewoptions",
)
TEXTS = ("intro", "overduehandling", "preferredbehaviour", "navmethod", "password", "subnet", "browsersecurity")
SHOWN = ("showdescription",)
"""What the course page wants to know, kept with the course module."""
KEYS = (*NUMBERS, *TEXTS, *SHOWN, "grade", "sumgrades", "questions", "overrides")
OVERRIDES = ("timeopen", "timeclose", "timelimit", "attempts", "password")


@module("quiz")
def load_quiz(cm: CourseModule, spec: Spec, place: Place) -> None:
    """`questions` lists names of the world's top-level `questions`, or `{"question": name, "maxmark": number}`."""
    place.known(spec, (*COMMON_MODULE_KEYS, *KEYS))
    cm.settings = {name: spec[name] for name in SHOWN if name in spec}
    now = current.clock.time()
    quiz = Quiz(
        id=cm.instance, course=cm.course, timecreated=now, timemodified=now, grade=place.mark(spec, "grade", 10)
    )
    for key in NUMBERS:
        if key in spec:
            setattr(quiz, key, place.number(spec, key))
    for key in TEXTS:
        if key in spec:
            setattr(quiz, key, place.text(spec, key))
    current.session.add(quiz)
    slots = _slots(cm, spec, place)
    current.session.add_all(slots)
    quiz.sumgrades = place.mark(spec, "sumgrades", sum(slot.maxmark for slot in slots))
    for where, override in place.objects(spec, "overrides"):
        _load_override(cm.instance, override, where)


def _slots(cm: CourseModule, spec: Spec, place: Place) -> list[QuizSlot]:
    slots = []
    entries = spec.get("questions") or []
    if not isinstance(entries, list):
        raise place.error("questions", f"is {type(entries).__name__}, not a list", "write [ … ]")
    for index, entry in enumerate(entries):
        named = {"question": entry} if isinstance(entry, str) else entry
        where = place.at("questions").at(index)
        if not isinstance(named, dict):
            raise where.error(None, f"is {entry!r}", "write a question's name")
        mark = where.mark(named, "maxmark", 1)
        slots.append(QuizSlot(quizid=cm.instance, slot=index + 1, question=where.text(named, "question"), maxmark=mark))
    return slots


def _load_override(quizid: int, override: Spec, place: Place) -> None:
    place.known(override, ("user", "group", *OVERRIDES))
    row = QuizOverride(quiz=quizid)
    if "group" in override:
        row.groupid = place.number(override, "group")
        if current.session.get(Group, row.groupid) is None:
            raise place.error("group", f"there is no group {row.groupid}", "give the id of one of the course's groups")
    else:
        username = place.text(override, "user")
        row.userid = current.session.scalar(select(User.id).where(User.username == username))
        if row.userid is None:
            raise place.error("user", f"{username!r} is no user", "name one of the world's users, or a group by its id")
    for key in OVERRIDES:
        if key in override:
            setattr(row, key, place.text(override, key) if key == "password" else place.number(override, key))
    current.session.add(row)


@part("questions")
def load_questions(questions: dict[str, Spec], place: Place) -> None:
    """By name. Quizzes were loaded before: their slots must name questions that are here."""
    if not isinstance(questions, dict):
        raise place.error(None, "is no object", 'write {"name of the question": {"qtype": …}}')
    for name, spec in questions.items():
        try:
            read = read_question({"name": name, **spec} if isinstance(spec, dict) else {})
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(step) for step in first["loc"][1:] or first["loc"]) or "qtype"
            raise place.at(name).error(
                field, first["msg"], "see the question types in docs/mock-moodle-pages.md"
            ) from error
        present = current.session.scalar(select(QuestionDefinition).where(QuestionDefinition.name == name))
        row = present or QuestionDefinition(name=name)
        row.definition = read.model_dump(mode="json")
        current.session.add(row)
    current.session.flush()
    known = set(current.session.scalars(select(QuestionDefinition.name)))
    for slot in current.session.scalars(select(QuizSlot)):
        if slot.question not in known:
            raise place.error(
                slot.question, f"is missing, but quiz {slot.quizid} asks it", "define it, or leave it out"
            )


@exporter("questions")
def export_questions() -> dict[str, Any]:
    rows = current.session.scalars(select(QuestionDefinition).order_by(QuestionDefinition.id))
    return {row.name: {key: value for key, value in row.definition.items() if key != "name"} for row in rows}


@module_exporter("quiz")
def export_quiz(cm: CourseModule) -> Spec:
    session = current.session
    quiz = session.get_one(Quiz, cm.instance)
    spec: Spec = {key: getattr(quiz, key) for key in (*TEXTS, *NUMBERS, "grade", "sumgrades")}
    slots = session.scalars(select(QuizSlot).where(QuizSlot.quizid == quiz.id).order_by(QuizSlot.slot))
    spec["questions"] = [{"question": slot.question, "maxmark": slot.maxmark} for slot in slots]
    overrides = session.scalars(select(QuizOverride).where(QuizOverride.quiz == quiz.id)).all()
    spec["overrides"] = [_export_override(row) for row in overrides]
    return spec


def _export_override(row: QuizOverride) -> Spec:
    spec: Spec = {key: getattr(row, key) for key in OVERRIDES if getattr(row, key) is not None}
    if row.groupid is not None:
        return {"group": row.groupid, **spec}
    return {"user": current.session.get_one(User, row.userid).username, **spec}
