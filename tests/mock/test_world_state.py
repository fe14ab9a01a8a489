"""`world export` forgets nothing: what was done on a site is still so where its export is loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from mock.campus import ROOT, STUDENT_TOKEN, SUCCESSOR, TEACHER_TOKEN, Campus, world
from mock.fuzzing import close, rows
from mock_server import plugin_zip

from mock_moodle.app import create_app
from mock_moodle.control.api import Control
from mock_moodle.world.load import World
from mock_moodle.world.parts import WorldError


def exported(campus: Campus) -> dict[str, Any]:
    """As a file holds it."""
    spec: dict[str, Any] = json.loads(json.dumps(Control.of(campus.app).export()))
    return spec


@pytest.fixture
def again(campus: Campus) -> Iterator[Any]:
    made: list[Campus] = []

    def load(spec: dict[str, Any] | None = None, **options: Any) -> Campus:
        made.append(Campus(exported(campus) if spec is None else spec, **options))
        return made[-1]

    yield load
    for each in made:
        close(each.app)


def test_a_fresh_site_needs_no_state(campus: Campus) -> None:
    assert not exported(campus).keys() & {"state", "gone"}


def test_attempts_entries_and_grades_go_along(campus: Campus, again: Any) -> None:
    (exam,) = campus.exams("anna")
    attempt = campus.call("mod_quiz_start_attempt", quizid=2, token=STUDENT_TOKEN)["attempt"]
    prefix = f"q{attempt['uniqueid']}:1_"
    answers = [{"name": f"{prefix}:sequencecheck", "value": "1"}, {"name": f"{prefix}answer", "value": "1"}]
    campus.call("mod_quiz_process_attempt", attemptid=attempt["id"], data=answers, finishattempt=1, token=STUDENT_TOKEN)
    copy = again()
    assert rows(copy) == rows(campus)
    assert exported(copy) == exported(campus)
    assert copy.status(exam["accesscode"]) == "Not inited"
    review = copy.call("mod_quiz_get_attempt_review", attemptid=attempt["id"], token=STUDENT_TOKEN)
    assert review["questions"][0]["mark"] == "1.00"


def test_files_messages_and_pictures_go_along(campus: Campus, again: Any) -> None:
    sent = {"token": STUDENT_TOKEN, "file": (BytesIO(b"\x00\xff"), "notes.bin")}
    (stored,) = json.loads(campus.visitor().client.post("/webservice/upload.php", data=sent, base_url=ROOT).data)
    campus.call("core_user_add_user_private_files", draftid=stored["itemid"], token=STUDENT_TOKEN)
    message = {"touserid": 3, "text": "Hello"}
    campus.call("core_message_send_instant_messages", messages=[message], token=TEACHER_TOKEN)
    copy = again()
    assert rows(copy) == rows(campus)
    path = f"{stored['contextid']}/user/private/notes.bin"
    found = copy.visitor().client.get(f"/webservice/pluginfile.php/{path}?token={STUDENT_TOKEN}", base_url=ROOT)
    assert found.data == b"\x00\xff"


def test_what_an_administrator_took_away_stays_away(campus: Campus, again: Any) -> None:
    admin = campus.sign_in("admin")
    page = admin.get("/admin/roles/define.php?action=edit&roleid=5")
    admin.submit(page, "form[action*=define]", {"mod/quiz:attempt": "0", "name": "Learner"}, press="savechanges")
    copy = again()
    assert rows(copy) == rows(campus)
    assert "mod/quiz:attempt" not in next(r for r in exported(copy)["roles"] if r["shortname"] == "student")["allow"]


def test_a_plugin_that_came_as_a_zip_stays_installed(tmp_path: Path, again: Any) -> None:
    spec = world()
    spec["services"][1]["users"] = ["robot"]
    first = Campus(spec, plugins=[plugin_zip(tmp_path)])
    first.exams("anna")
    copy = again(exported(first))
    assert rows(copy) == rows(first)
    assert [exam["name"] for exam in copy.exams("anna")] == ["Exam"]
    close(first.app)


def test_state_may_be_written_by_hand(again: Any) -> None:
    """One finished attempt, and an entry that the service refused."""
    spec = world(SUCCESSOR)
    spec["state"] = {
        "availability_examus": [
            {"id": 1, "courseid": 2, "cmid": 1, "userid": 3, "accesscode": "c" * 32, "status": "Rejected",
             "timecreated": 1_700_000_000, "timemodified": 1_700_000_000}
        ],
        "quiz_attempts": [
            {"quiz": 2, "userid": 3, "attempt": 1, "layout": "1,0", "state": "finished", "sumgrades": 1.0,
             "timestart": 1_700_000_000, "timemodified": 1_700_000_000}
        ],
    }  # fmt: skip
    site = again(spec)
    assert site.status("c" * 32) == "Rejected"
    attempts = site.call("mod_quiz_get_user_attempts", quizid=2, token=STUDENT_TOKEN)["attempts"]
    assert [attempt["state"] for attempt in attempts] == ["finished"]


@pytest.mark.parametrize(
    ("change", "place", "mend"),
    [
        ({"state": {"quiz_attempt": []}}, "state.quiz_attempt", "did you mean 'quiz_attempts'?"),
        ({"state": {"quiz_grades": [{"grades": 1}]}}, "state.quiz_grades[0].grades", "did you mean 'grade'?"),
        ({"state": {"quiz_grades": [{"quiz": "1"}]}}, "state.quiz_grades[0].quiz", "not a whole number"),
        ({"state": {"quiz_grades": [{"quiz": 1, "userid": 2}]}}, "state.quiz_grades[0]", "does not fit"),
        (
            {"state": {"quiz_grades": [{"quiz": 9, "userid": 2, "grade": 1.0}]}},
            "state.quiz_grades",
            "points to a row of quiz",
        ),
        ({"state": {"user": [{"id": 2, "username": None}]}}, "state.user[0].username", "is empty"),
        ({"state": {"files": [{"id": 1, "content": "x"}]}}, "state.files[0].content", "no base64"),
        ({"gone": {"role_capabilities": [{"roleid": 5}]}}, "gone.role_capabilities[0].contextid", "the whole key"),
        ({"site": {"installed": "now"}}, "site.installed", "digits without quotes"),
    ],
)
def test_a_mistake_in_the_state_is_told(change: dict[str, Any], place: str, mend: str) -> None:
    with pytest.raises(WorldError) as refusal:
        create_app(World(change, "w.json"))
    assert str(refusal.value).startswith(f"w.json: {place}:")
    assert mend in str(refusal.value)
