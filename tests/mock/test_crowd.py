"""Two hundred students (or CROWD) take the quiz at the same time: nothing lost, no lock error, answers right."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import requests
from mock.campus import PASSWORD, V08, world
from mock_server import serving

STUDENTS = int(os.environ.get("CROWD", "200"))
WITH_PAGES = 20
"""As many of them use a browser, the others a client of web services."""
TIMEOUT_SECONDS = 120


@pytest.fixture(scope="module")
def moodle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("crowd")
    spec = world(V08, availability=None, questions=["moon", "frog"])
    for number in range(STUDENTS):
        name = f"student{number}"
        spec["users"].append(
            {"username": name, "password": PASSWORD, "firstname": "Student", "lastname": str(number),
             "email": f"{name}@example.com"}
        )  # fmt: skip
        spec["courses"][0]["enrolments"].append({"user": name, "role": "student"})
        spec["tokens"].append({"token": f"{number:032x}", "user": name, "service": "Moodle mobile web service"})
    path = folder / "world.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    with serving(path, folder / "log.txt") as address:
        yield address
        assert "Traceback" not in (folder / "log.txt").read_text(encoding="utf-8")


def answers(number: int) -> dict[str, str]:
    """Every student answers something else; odd ones are right about the Moon, every third knows the frog."""
    return {"1_answer": str(number % 2), "2_answer": "frog" if number % 3 == 0 else f"newt{number}"}


def expected_mark(number: int) -> int:
    return number % 2 + (number % 3 == 0)


def by_web_service(moodle: str, number: int) -> Any:
    session = requests.Session()

    def call(function: str, **parameters: Any) -> Any:
        form = {"wstoken": f"{number:032x}", "wsfunction": f"mod_quiz_{function}", "moodlewsrestformat": "json"}
        sent = session.post(f"{moodle}/webservice/rest/server.php", data=form | parameters, timeout=TIMEOUT_SECONDS)
        answer = sent.json()
        assert "exception" not in answer, answer
        return answer

    attempt = call("start_attempt", quizid=1)["attempt"]
    fields: dict[str, Any] = {"attemptid": attempt["id"]}
    usage = attempt["uniqueid"]
    pairs = [(f"q{usage}:{slot}_:sequencecheck", "1") for slot in (1, 2)]
    pairs += [(f"q{usage}:{name}", value) for name, value in answers(number).items()]
    for index, (name, value) in enumerate(pairs):
        fields |= {f"data[{index}][name]": name, f"data[{index}][value]": value}
    call("save_attempt", **fields)
    call("process_attempt", **fields, finishattempt=1)
    return call("get_attempt_review", attemptid=attempt["id"])["attempt"]["sumgrades"]


def by_browser(moodle: str, number: int) -> Any:
    from bs4 import BeautifulSoup

    session = requests.Session()

    def soup(response: requests.Response) -> BeautifulSoup:
        assert response.status_code == 200, response.text[:300]
        return BeautifulSoup(response.text, "lxml")

    def value(page: BeautifulSoup, name: str) -> str:
        field = page.select_one(f"[name='{name}']")
        assert field is not None, page.get_text()[:300]
        return str(field["value"])

    login = soup(session.get(f"{moodle}/login/index.php", timeout=TIMEOUT_SECONDS))
    form = {"username": f"student{number}", "password": PASSWORD, "logintoken": value(login, "logintoken")}
    session.post(f"{moodle}/login/index.php", data=form, timeout=TIMEOUT_SECONDS)
    view = soup(session.get(f"{moodle}/mod/quiz/view.php?id=1", timeout=TIMEOUT_SECONDS))
    sesskey = value(view, "sesskey")
    start = {"cmid": 1, "sesskey": sesskey}
    page = soup(session.post(f"{moodle}/mod/quiz/startattempt.php", data=start, timeout=TIMEOUT_SECONDS))
    prefix = page.select_one("[name$=':sequencecheck']")["name"].partition(":")[0]  # type: ignore[index, union-attr]
    attempt = value(page, "attempt")
    fields = {f"{prefix}:{slot}_:sequencecheck": "1" for slot in (1, 2)}
    fields |= {f"{prefix}:{name}": answer for name, answer in answers(number).items()}
    ending = {"attempt": attempt, "sesskey": sesskey, "finishattempt": "1"}
    review = session.post(f"{moodle}/mod/quiz/processattempt.php", data=fields | ending, timeout=TIMEOUT_SECONDS)
    return float(soup(review).select_one(".quizreviewsummary td:-soup-contains('/2.00')").get_text().split("/")[0])  # type: ignore[union-attr]


def test_everybody_gets_the_mark_they_earned(moodle: str) -> None:
    together = Barrier(STUDENTS)

    def take(number: int) -> Any:
        together.wait()
        return (by_browser if number < WITH_PAGES else by_web_service)(moodle, number)

    with ThreadPoolExecutor(STUDENTS) as pool:
        marks = list(pool.map(take, range(STUDENTS)))
    assert marks == [expected_mark(number) for number in range(STUDENTS)]
