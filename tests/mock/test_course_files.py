"""Files of a course in a world file."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from mock.rest_client import ask

from mock_moodle.testing import MockMoodle
from mock_moodle.world.load import WorldError

PNG = "data:image/png;base64,iVBORw0KGgo="


def courses(*files: dict[str, Any]) -> dict[str, Any]:
    resource = {"modname": "resource", "name": "Handout", "files": list(files)}
    return {
        "courses": [
            {"shortname": "FILES", "fullname": "Files", "sections": [{"section": 0, "modules": [resource]}]},
        ]
    }


def test_client_downloads_what_the_world_holds(moodle_world: MockMoodle) -> None:
    moodle_world.control.patch(
        courses({"filename": "note.txt", "content": "Grüße"}, {"filename": "dot.png", "content": PNG})
    )
    token = moodle_world.user("anna").enrolled_in("FILES").token()
    course = ask(moodle_world, token, "core_course_get_courses_by_field", field="shortname", value="FILES")["courses"][
        0
    ]
    sections = ask(moodle_world, token, "core_course_get_contents", courseid=course["id"])
    told = {file["filename"]: file for file in sections[0]["modules"][0]["contents"]}
    assert [file["mimetype"] for file in told.values()] == ["text/plain", "image/png"]
    fetched = requests.get(told["note.txt"]["fileurl"], params={"token": token}, timeout=30)
    assert fetched.content == "Grüße".encode()
    assert told["dot.png"]["filesize"] == 8


def test_bytes_that_are_no_base64_are_refused(moodle_world: MockMoodle) -> None:
    with pytest.raises(WorldError, match=r"files\[0\].*base64"):
        moodle_world.control.patch(courses({"filename": "dot.png", "content": "data:image/png;base64,???"}))
