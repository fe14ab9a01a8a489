"""World files: what they hold, how they are refused, and that an exported one loads as the same site."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_moodle.app import create_app
from mock_moodle.control.api import Control
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
        ({"site": {"settings": {"x": {}}}}, "site.settings.x", "a text, a number"),
    ],
)
def test_a_mistake_is_told_with_file_place_and_mend(
    tmp_path: Path, change: dict[str, Any], place: str, mend: str
) -> None:
    file = tmp_path / "world.json"
    file.write_text(json.dumps(change), encoding="utf-8")
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
    ],
)
def test_a_file_that_is_no_world_is_told_apart(tmp_path: Path, name: str, content: str | bytes, told: str) -> None:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(WorldError, match=told):
        create_app(file)


def test_yaml_is_as_good_as_json(tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text("users:\n  - username: anna\n    email: anna@example.com\n", encoding="utf-8")
    users = Control.of(create_app(file)).export()["users"]
    assert users[-1]["email"] == "anna@example.com"
