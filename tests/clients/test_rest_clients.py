"""REST clients that others wrote: sign-in, typed calls, a whole quiz, files, a full unattended download."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from clients.conftest import COURSE_ID, PASSWORD, SERVICE_TOKEN, Site
from clients.environments import modules_of, python_of
from conformance.webservice import WebService
from programs import need

DRIVERS = Path(__file__).with_name("drivers")
SECONDS = 120


def output(command: list[str | Path], **more: Any) -> str:
    return _succeed(command, **more).stdout


def transcript(command: list[str | Path]) -> str:
    """What a person sees, errors included."""
    done = _succeed(command)
    return done.stdout + done.stderr


def _succeed(command: list[str | Path], **more: Any) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_moodlepy_understands_every_answer(site: Site) -> None:
    driver = [python_of("moodlepy"), DRIVERS / "moodlepy_calls.py", site.address, SERVICE_TOKEN]
    told = json.loads(output(driver))
    assert told["site"]["url"] == site.address
    assert told["site"]["user"] == "anna"
    assert "mod_quiz_start_attempt" in told["functions"]
    assert told["course"] == "ALG"
    assert told["sections"] == [0, 1]
    assert told["modules"] == {
        "Announcements": "forum",
        "Open quiz": "quiz",
        "Later quiz": "quiz",
        "Essay": "assign",
        "Handout": "resource",
    }
    assert told["by_field"] == ["ALG"]
    assert told["module"] == "Open quiz"
    assert told["service_courses"][-1] == "ALG"
    assert told["service_contents"] == 2
    assert told["participants"] == ["Anna Petrova", "Boris Sidorov", "Tamara Teacher"]
    assert told["attempts"] == []
    assert told["refused"] == {
        "all_courses": "nopermissions",
        "unknown_course": "invalidrecord",
        "unknown_function": "invalidrecord",
        "wrong_password": "invalidlogin",
    }


def test_moodle_client_takes_a_quiz_and_keeps_a_file(site: Site) -> None:
    node, npm = need("node", package="nodejs"), need("npm", package="npm")
    modules = modules_of("moodle-client", npm)
    told = json.loads(
        output([node, DRIVERS / "moodle_client_cycle.cjs", site.address], env={"NODE_PATH": str(modules)})
    )
    assert "Invalid login" in told["wrongPassword"]["failed"]
    assert told["site"] == site.address
    assert told["sameWithToken"] == "anna"
    assert told["course"] == "ALG"
    assert told["bare"] == []
    assert told["byField"] == ["anna"]
    assert told["missingArgument"] == "invalidparameter"
    assert told["quiz"] == {
        "started": "inprogress",
        "saved": True,
        "finished": "finished",
        "grade": 10,
        "mark": "1.00",
        "type": "truefalse",
    }
    assert told["file"] == {"draft": "notes.bin", "added": None, "files": 1, "same": True, "missing": 404}


def test_python_moodle_visits_as_a_student(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("notes")
    driver = [python_of("python-moodle"), DRIVERS / "python_moodle_visit.py", site.address, str(COURSE_ID), file]
    told = json.loads(output(driver))
    assert told.pop("context") > 0
    assert told.pop("draft") > 0
    assert told.pop("version").startswith("4.5")
    assert told == {
        "sesskey": True,
        "token": True,
        "wrong_password": "refused",
        "site": site.address,
        "state": ["Announcements", "Open quiz", "Later quiz", "Essay", "Handout"],
        "contents": ["Announcements", "Open quiz", "Later quiz", "Essay", "Handout"],
        "participants": ["Anna Petrova", "Boris Sidorov", "Tamara Teacher"],
    }


def take_quiz(site: Site, username: str) -> None:
    """One attempt, handed in: a student's to review, a teacher's a preview."""
    login = {"username": username, "password": PASSWORD, "service": "moodle_mobile_app"}
    token = requests.post(f"{site.address}/login/token.php", data=login, timeout=60).json()["token"]
    ask = WebService(site.address, token)
    quizzes = ask("mod_quiz_get_quizzes_by_courses", courseids=[COURSE_ID])["quizzes"]
    (quiz,) = [quiz["id"] for quiz in quizzes if quiz["name"] == "Open quiz"]
    attempt = ask("mod_quiz_start_attempt", quizid=quiz)["attempt"]["id"]
    ask("mod_quiz_process_attempt", attemptid=attempt, finishattempt=1)


@pytest.mark.parametrize(("username", "attempts"), [("anna", 1), ("tamara", 0)])
def test_moodle_dl_runs_unattended_and_finds_nothing_new_the_second_time(
    site: Site, tmp_path: Path, username: str, attempts: int
) -> None:
    moodle_dl = python_of("moodle-dl").with_name("moodle-dl")
    switches = ("submissions", "descriptions", "links_in_descriptions", "databases", "forums", "quizzes", "lessons",
                "workshops", "books", "calendars")  # fmt: skip
    configuration = {
        "moodle_domain": urlsplit(site.address).netloc,
        "moodle_path": "/",
        "use_http": True,
        "download_course_ids": [COURSE_ID],
        **{f"download_{switch}": True for switch in switches},
    }
    (tmp_path / "config.json").write_text(json.dumps(configuration))
    take_quiz(site, username)
    output([moodle_dl, "-p", tmp_path, "-nt", "-u", username, "-pw", PASSWORD])
    assert len(json.loads((tmp_path / "config.json").read_text())["token"]) == 32
    first = transcript([moodle_dl, "-p", tmp_path, "-v"])
    assert "No changes found" not in first
    (intro,) = tmp_path.glob("Algebra/*/Open quiz/Quiz intro.md")
    assert intro.read_text() == "Ten minutes, no books."
    reviews = list(tmp_path.glob("Algebra/*/Open quiz/Open quiz (attempt * finished).html"))
    assert ["The Moon orbits the Earth." in review.read_text() for review in reviews] == [True] * attempts
    (handout,) = tmp_path.glob("Algebra/*/**/handout.txt")
    assert handout.read_text() == "Read this first.\n"
    assert "No changes found" in transcript([moodle_dl, "-p", tmp_path, "-v"])
