"""What the mock keeps in memory does not grow with what it is asked."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from traceback import walk_tb
from typing import Any

import pytest
from mock.campus import Campus
from mock.rest_client import SERVER

from mock_moodle.app import create_app
from mock_moodle.control.api import Control
from mock_moodle.errors import MoodleError
from mock_moodle.testing import STARTER
from mock_moodle.world.load import World

ASKED = 300
BOUND = 16 * 2**20
NAMES = [f"student{number}" for number in range(ASKED)]
WORLD: dict[str, Any] = {
    **STARTER,
    "users": [*STARTER["users"], *({"username": name, "email": f"{name}@example.com"} for name in NAMES)],
    "courses": [
        {
            "shortname": "algebra",
            "fullname": "Algebra",
            "summary": "x" * 100_000,
            "enrolments": [{"user": NAMES[0]}],
        }
    ],
    "tokens": [
        {"token": f"{number:032x}", "user": name, "service": "Moodle mobile web service"}
        for number, name in enumerate(NAMES)
    ],
}


def somebody() -> Iterator[dict[str, str]]:
    """One user asks for a large course, each time in another language."""
    asked = {"wstoken": f"{0:032x}", "wsfunction": "core_course_get_courses_by_field"}
    for number in range(ASKED):
        yield {**asked, "field": "shortname", "value": "algebra", "moodlewssettinglang": str(number)}


def everybody() -> Iterator[dict[str, str]]:
    """Each user of the app asks what the site is."""
    for number in range(ASKED):
        yield {"wstoken": f"{number:032x}", "wsfunction": "core_webservice_get_site_info"}


@pytest.mark.parametrize("asked", [somebody, everybody])
def test_memory_is_bounded_though_the_clock_stands_still(asked: Callable[[], Iterator[dict[str, str]]]) -> None:
    app = create_app(World(WORLD))
    control = Control.of(app)
    control.clock.freeze(1_800_000_000)
    client = app.test_client()
    tracemalloc.start()
    try:
        for form in asked():
            answer = client.post(SERVER, data={**form, "moodlewsrestformat": "json"})
            assert b'"exception"' not in answer.data
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        control.site.store.close()
    assert kept < BOUND


REFUSED = ("/grade/report/user/index.php?id=999", "/user/edit.php?id=999", "/admin/settings.php?section=nothing")


def test_an_answered_refusal_is_forgotten(campus: Campus) -> None:
    """An error that is raised again and again as the same object would keep every call that led to it."""
    admin, kept = campus.sign_in("admin"), []
    for _ in range(2):
        assert [admin.get(path).status for path in REFUSED] == [404] * len(REFUSED)
        gc.collect()
        errors = [one for one in gc.get_objects() if isinstance(one, MoodleError)]
        kept.append(sum(len(list(walk_tb(one.__traceback__))) for one in errors))
    assert kept[1] <= kept[0]
