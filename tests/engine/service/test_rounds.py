"""What is due by the clock: exams that were handed in while nobody told us."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from actors import Candidate, Clock, FakeMoodle, make_exam
from servers import until

from proctor_engine.lms import UnreachableError
from proctor_engine.service import Service
from proctor_engine.tasks import rounds

Begin = Callable[..., Candidate]


def test_a_silent_browsers_exam_that_is_handed_in_ends(
    service: Service, moodle: FakeMoodle, begin: Begin, clock: Clock
) -> None:
    ann = begin()
    moodle.exams_due = [make_exam(status="Finished")]
    rounds.go(service)
    assert ann.post("alive").json["handed_in"] is False
    for _ in range(8):
        clock.advance(seconds=10)
        rounds.go(service)
    assert ann.post("alive").json["state"] == "finished"


def test_a_silence_costs_few_questions_and_a_sign_of_life_none(
    service: Service, moodle: FakeMoodle, begin: Begin, clock: Clock
) -> None:
    ann = begin()
    moodle.asked.clear()
    moodle.exams_due = [make_exam(status="Started")]
    for _ in range(360):
        clock.advance(seconds=10)
        ann.post("alive")
        rounds.go(service)
    assert moodle.asked == []
    for _ in range(360):
        clock.advance(seconds=10)
        rounds.go(service)
    assert 3 <= len(moodle.asked) <= 7


def test_a_moodle_that_does_not_answer_ends_nothing(
    service: Service, moodle: FakeMoodle, begin: Begin, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = begin()

    def unreachable(_code: str) -> None:
        raise UnreachableError("no answer")

    monkeypatch.setattr(moodle, "exam", unreachable)
    clock.advance(seconds=60)
    rounds.go(service)
    answer = ann.post("alive").json
    assert (answer["state"], answer["handed_in"]) == ("running", False)


def test_when_the_clock_jumps_ahead_nobody_is_taken_for_silent_and_nothing_is_purged(
    service: Service, moodle: FakeMoodle, begin: Begin, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "EVERY", 0.0)
    ann = begin()
    cleaned: list[Service] = []
    monkeypatch.setattr(rounds, "clean", cleaned.append)
    moodle.asked.clear()
    watch = rounds.Rounds(service)
    clock.advance(days=400)
    going = threading.Thread(target=watch.run)
    going.start()
    try:
        until(lambda: watch.is_doubtful, "the jump is noticed")
    finally:
        watch.stop()
        going.join()
    assert ann.post("alive").json["state"] == "running"
    assert (moodle.asked, cleaned) == ([], [])
