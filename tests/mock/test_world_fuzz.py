"""A good world with one thing wrong anywhere: it loads, or one line says where and how to mend it."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from mock.campus import STUDENT_TOKEN, SUCCESSOR, TEACHER_TOKEN, Campus, world
from mock.fuzzing import ASKED, close, rows
from mock.worlds import WORLD

from mock_moodle.app import import_packages
from mock_moodle.control.api import Control
from mock_moodle.releases import RELEASES
from mock_moodle.site import Site
from mock_moodle.store import Store
from mock_moodle.world.load import World, load_world
from mock_moodle.world.parts import WorldError

import_packages()

Path = tuple["str | int", ...]
FILE = "school.json"
WRONG: tuple[Any, ...] = (
    None, True, False, 0, 1, 2, -1, 2**70, 1.5, float("nan"), "", "x", "admin", "data:x", "data:;base64,%", [], [None],
    ["x", "x"], [{}], {}, {"x": 1}, {"course": "ALG"}, {"module": "1"}, {"op": "&"}, {"qtype": "essay"}, "\n", "\x00",
)  # fmt: skip


@cache
def good() -> dict[str, Any]:
    """With everything that a world can say, and what was done on the site since."""
    spec = world(SUCCESSOR)
    pixel = "data:image/png;base64,iVBORw0KGgo="
    spec["users"][1] |= {"profile": {"group": "7"}, "preferences": {"a": "b"}, "picture": pixel, "suspended": False}
    course = spec["courses"][0]
    course["groups"] = [{"name": "Red", "idnumber": "r", "members": ["anna"]}]
    course["sections"].append(
        {
            "section": 1,
            "name": "Files",
            "availability": {"op": "&", "c": [{"type": "group", "id": 1}], "showc": [True]},
            "modules": [
                {"modname": "resource", "name": "Rules", "files": [{"filename": "a.txt", "content": "No hats."}]},
                {"modname": "page", "name": "More", "content": "x", "completed": ["anna"]},
                {
                    "modname": "forum",
                    "name": "Talk",
                    "discussions": [{"name": "Hello", "user": "anna"}],
                },
                {"modname": "assign", "name": "Essay", "duedate": 1_900_000_000, "grade": 50},
            ],
        }
    )
    course["sections"][0]["modules"][0]["overrides"] = [{"user": "anna", "timelimit": 60}]
    spec["role_assignments"] += [{"role": "teacher", "user": "boris", "context": {"module": 2}}]
    site = Campus(spec)
    site.exams("anna")
    site.call("mod_quiz_start_attempt", quizid=2, token=STUDENT_TOKEN)
    site.call("core_message_send_instant_messages", messages=[{"touserid": 3, "text": "Hi"}], token=TEACHER_TOKEN)
    exported = Control.of(site.app).export()
    close(site.app)
    # What was written by hand, and what an export says of it: both are good worlds.
    return {"by hand": spec, "exported": exported}


def places(value: Any, path: Path = ()) -> list[Path]:
    found = [path]
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(inner, (*path, key))
    return found


@cache
def all_places(which: str) -> list[Path]:
    return places(good()[which])[1:]


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[Path, dict[str, Any]]:
    which = draw(st.sampled_from(sorted(good())))
    spec = copy.deepcopy(good()[which])
    path = draw(st.sampled_from(all_places(which)))
    holder: Any = spec
    for key in path[:-1]:
        holder = holder[key]
    key, how = path[-1], draw(st.sampled_from(["wrong", "wrong", "wrong", "gone", "twice", "renamed", "more"]))
    if how == "wrong":
        holder[key] = draw(st.sampled_from(WRONG))
    elif how == "gone":
        del holder[key]
    elif how == "twice" and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    elif how == "renamed" and isinstance(holder, dict):
        holder[f"{key}s"] = holder.pop(key)
    elif isinstance(holder, dict):
        holder["x"] = draw(st.sampled_from(WRONG))
    return path, spec


def load(spec: dict[str, Any]) -> None:
    site = Site(Store(), "http://new.example", RELEASES["4.5"])
    try:
        site.store.create_tables()
        with site.visit():
            load_world(World(spec, FILE), wwwroot=site.wwwroot)
    finally:
        site.store.close()


def test_the_good_worlds_are_good() -> None:
    for spec in good().values():
        load(spec)


@settings(max_examples=ASKED or 40)
@given(spoiled())
def test_one_thing_wrong_is_told_in_one_line(case: tuple[Path, dict[str, Any]]) -> None:
    try:
        load(case[1])
    except WorldError as error:
        told = str(error)
        assert told.startswith(f"{FILE}: "), told
        assert "; " in told, told
        assert "\n" not in told, told


@settings(max_examples=ASKED or 12)
@given(WORLD)
def test_an_export_loads_as_the_same_site_and_is_exported_alike(spec: dict[str, Any]) -> None:
    first = Campus(spec)
    exported = Control.of(first.app).export()
    second = Campus(exported)
    assert rows(second) == rows(first)
    assert Control.of(second.app).export() == exported
    for campus in (first, second):
        close(campus.app)
