"""World files: what they hold, how they are refused, and that an exported one loads as the same site."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from mock_moodle.access import context_module, has_capability
from mock_moodle.app import create_app
from mock_moodle.control.api import Control
from mock_moodle.store.core import CourseModule, User
from mock_moodle.world.load import World
from mock_moodle.world.parts import WorldError

PIXEL = "data:image/png;base64,iVBORw0KGgo="

FULL: dict[str, Any] = {
    "site": {"wwwroot": "http://old.example", "fullname": "Lab", "shortname": "lab", "settings": {"forcelogin": True}},
    "users": [
        {"username": "anna", "email": "anna@example.com", "profile": {"group": "7"}, "picture": PIXEL},
        {"username": "tom", "suspended": True},
    ],
    "roles": [{"shortname": "helper", "name": "Helper", "contextlevels": ["course"], "prevent": ["mod/quiz:view"]}],
    "role_assignments": [{"role": "helper", "user": "tom", "context": {"course": "algebra"}}],
    "questions": {"moon": {"qtype": "truefalse", "text": "<p>The Moon orbits the Earth.</p>", "correct": True}},
    "courses": [
        {
            "shortname": "algebra",
            "fullname": "Algebra",
            "summary": "See http://old.example/help",
            "enrolments": [{"user": "anna"}, {"user": "tom", "role": "teacher", "status": "suspended"}],
            "groups": [{"name": "Red", "members": ["anna"]}],
            "sections": [
                {
                    "section": 1,
                    "modules": [
                        {
                            "modname": "quiz",
                            "name": "Exam",
                            "questions": ["moon"],
                            "availability": {"op": "&", "c": [{"type": "date", "d": ">=", "t": 1}], "showc": [True]},
                        },
                        {"modname": "page", "name": "Rules", "content": "<p>No hats.</p>", "completed": ["anna"]},
                    ],
                }
            ],
        }
    ],
    "services": [
        {"name": "Own", "shortname": "own", "functions": ["core_webservice_get_site_info"], "users": ["anna"]}
    ],
    "tokens": [{"token": "0" * 32, "user": "anna", "service": "Own"}],
}


AT_MODULE = "courses[0].sections[0].modules[0]."


def school(**module: Any) -> dict[str, Any]:
    """A course with one activity."""
    sections = [{"section": 0, "modules": [{"modname": "assign", "name": "Essay", **module}]}]
    return {"shortname": "a", "fullname": "A", "sections": sections}


def loaded(spec: dict[str, Any]) -> Control:
    return Control.of(create_app(World(spec), wwwroot="http://new.example"))


def test_an_exported_world_loads_as_the_same_site() -> None:
    first = loaded(FULL).export()
    second = loaded(json.loads(json.dumps(first))).export()
    assert second == first


def test_addresses_of_the_old_site_become_the_new_ones() -> None:
    course = loaded(FULL).export()["courses"][0]
    assert course["summary"] == "See http://new.example/help"


@pytest.mark.parametrize(
    ("change", "place", "mend"),
    [
        ({"user": []}, "user", "did you mean 'users'?"),
        ({"users": {}}, "users", "write [ … ]"),
        ({"users": [{"name": "x"}]}, "users[0].name", "did you mean 'username'?"),
        ({"users": [{"username": 7}]}, "users[0].username", "put it in quotes"),
        ({"users": [{"username": "a", "id": 1}]}, "users[0].id", "give another id"),
        ({"users": [{"username": "a", "picture": "nowhere.png"}]}, "users[0].picture", "beside the world file"),
        ({"courses": [{"shortname": "a"}]}, "courses[0].fullname", "give it as text"),
        ({"courses": [{"shortname": "a", "fullname": "A"}] * 2}, "courses[1].shortname", "short name of its own"),
        (
            {"courses": [{"shortname": "a", "fullname": "A", "enrolments": [{"user": "nobody"}]}]},
            "courses[0].enrolments[0].user",
            "add it to users",
        ),
        (
            {"courses": [{"shortname": "a", "fullname": "A", "enrolments": [{"course": "b", "user": "admin"}]}]},
            "courses[0].enrolments[0].course",
            "add it to courses",
        ),
        (
            {
                "courses": [
                    {"shortname": "a", "fullname": "A", "sections": [{"section": 0, "modules": [{"modname": "quizz"}]}]}
                ]
            },
            "courses[0].sections[0].modules[0].modname",
            "one of:",
        ),
        ({"tokens": [{"token": "x", "user": "admin", "service": "None"}]}, "tokens[0].service", "add it to services"),
        ({"role_assignments": [{"role": "r", "user": "admin"}]}, "role_assignments[0].role", "add it to roles"),
        ({"services": [{"name": "S", "functions": "all"}]}, "services[0].functions", "list of names"),
        ({"format": 9}, "format", "of this version"),
        ({"users": [{"username": "a", "profile": {7: "x"}}]}, "users[0].profile", "put it in quotes"),
        ({"site": {"settings": {"day": date(2026, 1, 1)}}}, "site.settings.day", "epoch seconds for a time"),
        ({"users": [{"username": "a", "contextid": 1}]}, "users[0]", "values of its own"),
        ({"roles": [{"shortname": "student", "allow": "all"}]}, "roles[0].allow", 'write ["one", "two"]'),
        (
            {"role_overrides": [{"role": "student", "context": {"course": "x"}}]},
            "role_overrides[0].context.course",
            "add it to courses",
        ),
        ({"services": [{"name": "A", "id": 1}]}, "services[0]", "values of its own"),
        (
            {"courses": [school(availability={"op": "&", "c": [{"type": "date"}]})]},
            AT_MODULE + "availability",
            "as Moodle stores it",
        ),
        ({"courses": [school(duedate="soon")]}, AT_MODULE + "duedate", "digits without quotes"),
        ({"courses": [school(modname="quiz", timelimt=60)]}, AT_MODULE + "timelimt", "did you mean 'timelimit'?"),
        ({"courses": [school(modname="quiz", overrides=[{"group": 7}])]}, AT_MODULE + "overrides[0].group", "groups"),
        (
            {"courses": [school(modname="resource", files=[{"filename": "a", "content": "data:x"}])]},
            AT_MODULE + "files[0].content",
            "in full",
        ),
        ({"site": {"settings": {"x": {}}}}, "site.settings.x", "a text, a number"),
        ({"users": [{"username": "a"}, {"username": "a"}]}, "users[1].username", "leave one of them out"),
        ({"services": [{"name": "A"}, {"name": "A"}]}, "services[1].name", "leave one of them out"),
        (
            {"courses": [{"shortname": "a", "fullname": "A", "sections": [{"section": 1}, {"section": 1}]}]},
            "courses[0].sections[1].section",
            "leave one of them out",
        ),
        ({"courses": [school(cmid=-1)]}, AT_MODULE + "cmid", "a number above zero"),
        ({"users": [{"username": "a", "picture": "\n\x00"}]}, "users[0].picture", "beside the world file"),
    ],
)
def test_a_mistake_is_told_with_file_place_and_mend(
    tmp_path: Path, change: dict[str, Any], place: str, mend: str
) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(yaml.safe_dump(change), encoding="utf-8")
    with pytest.raises(WorldError) as refusal:
        create_app(file)
    message = str(refusal.value)
    assert message.startswith(f"{file}: {place}:")
    assert mend in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("w.json", "{", "line 1: no JSON"),
        ("w.yaml", "a: [", "no YAML"),
        ("w.yaml", "- a", "is list, not an object"),
        ("w.json", b"\xff", "not UTF-8"),
        ("w.json", '{"users": [], "users": []}', "the key 'users' stands twice"),
        ("w.yaml", "users: []\nusers: []", "line 2: no YAML: the key 'users' stands twice"),
        ("w.json", "[" * 9999, "nested too deep"),
        ("w.yaml", "[" * 9999, "nested too deep"),
        ("w.yaml", "users: &all [*all]", "nested too deep, or holds itself"),
        ("w.yaml", 'users: "\x00"', "no YAML"),
    ],
)
def test_a_file_that_is_no_world_is_told_apart(tmp_path: Path, name: str, content: str | bytes, told: str) -> None:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(WorldError, match=told) as refusal:
        create_app(file)
    assert str(refusal.value).startswith(f"{file}: ")
    assert "\n" not in str(refusal.value)


def test_yaml_is_as_good_as_json(tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text("users:\n  - username: anna\n    email: anna@example.com\n", encoding="utf-8")
    users = Control.of(create_app(file)).export()["users"]
    assert users[-1]["email"] == "anna@example.com"


def test_activities_of_one_name_in_two_courses_are_two() -> None:
    courses = []
    for shortname, question in (("a", "moon"), ("b", "sun")):
        quiz = {"modname": "quiz", "name": "Exam", "questions": [question]}
        courses.append({"shortname": shortname, "fullname": shortname, "sections": [{"section": 0, "modules": [quiz]}]})
    questions = {name: {"qtype": "truefalse", "text": name, "correct": True} for name in ("moon", "sun")}
    exported = loaded({"courses": courses, "questions": questions}).export()
    asked = [course["sections"][0]["modules"][0]["questions"][0]["question"] for course in exported["courses"]]
    assert asked == ["moon", "sun"]


def test_a_role_may_be_overridden_in_a_course() -> None:
    override = {"role": "student", "context": {"course": "algebra"}, "prohibit": ["mod/quiz:attempt"]}
    control = loaded({**FULL, "role_overrides": [override]})
    assert control.export()["role_overrides"] == [override]
    with control.database() as session:
        anna = session.scalars(select(User.id).where(User.username == "anna")).one()
        quiz = session.scalars(select(CourseModule.id).where(CourseModule.modname == "quiz")).one()
        assert not has_capability("mod/quiz:attempt", context_module(quiz), anna)
        assert has_capability("mod/quiz:view", context_module(quiz), anna)
