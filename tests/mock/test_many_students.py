"""Two hundred students take the same quiz at once: nothing is lost, nobody is locked out, every mark is right."""

from __future__ import annotations

import threading
from typing import Any

from mock.rest_client import ask
from sqlalchemy import func, select

from mock_moodle.quiz.models import QuizAttempt
from mock_moodle.store.core import User
from mock_moodle.testing import MockMoodle

STUDENTS = 200
RIGHT, WRONG = "1", "0"


def world() -> dict[str, Any]:
    names = [f"student{number}" for number in range(STUDENTS)]
    return {
        "users": [{"username": name} for name in names],
        "courses": [
            {
                "shortname": "algebra",
                "fullname": "Algebra",
                "enrolments": [{"user": name} for name in names],
                "sections": [{"section": 1, "modules": [{"modname": "quiz", "name": "Exam", "questions": ["moon"]}]}],
            }
        ],
        "tokens": [
            {"token": f"{number:032x}", "user": name, "service": "Moodle mobile web service"}
            for number, name in enumerate(names)
        ],
    }


def test_two_hundred_students_at_once(mock_moodle: MockMoodle) -> None:
    mock_moodle.control.patch(world())
    together = threading.Barrier(STUDENTS)
    failures: list[str] = []

    def take_quiz(number: int) -> None:
        token = f"{number:032x}"
        together.wait()
        try:
            attempt = ask(mock_moodle, token, "mod_quiz_start_attempt", quizid=1)["attempt"]
            prefix = f"q{attempt['uniqueid']}:1_"
            answers = {
                "data[0][name]": f"{prefix}:sequencecheck",
                "data[0][value]": "1",
                "data[1][name]": f"{prefix}answer",
                "data[1][value]": RIGHT if number % 2 else WRONG,
            }
            ended = ask(
                mock_moodle, token, "mod_quiz_process_attempt", attemptid=attempt["id"], finishattempt=1, **answers
            )
            if ended.get("state") != "finished":
                failures.append(f"{number}: {ended}")
        except Exception as error:
            failures.append(f"{number}: {error!r}")

    threads = [threading.Thread(target=take_quiz, args=(number,)) for number in range(STUDENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    with mock_moodle.control.database() as session:
        marks = session.execute(
            select(User.username, QuizAttempt.sumgrades).join(QuizAttempt, QuizAttempt.userid == User.id)
        ).all()
        assert session.scalar(select(func.count()).select_from(QuizAttempt)) == STUDENTS
    assert {name: mark for name, mark in marks} == {f"student{n}": float(n % 2) for n in range(STUDENTS)}  # noqa: C416
