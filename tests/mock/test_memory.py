"""What the mock keeps in memory does not grow with what it is asked."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mock.rest_client import SERVER

from mock_moodle.app import create_app
from mock_moodle.control.api import Control
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
