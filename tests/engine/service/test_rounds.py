"""What is due by the clock: exams that were handed in while nobody told us."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from actors import Candidate, Clock, FakeMoodle, make_exam

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


@pytest.fixture
def watch(service: Service, monkeypatch: pytest.MonkeyPatch) -> rounds.Rounds:
    """Has gone its rounds for long."""
    with monkeypatch.context() as patch:
        patch.setattr(rounds, "AWAY", 0.0)
        return rounds.Rounds(service)


def test_when_the_clock_jumps_ahead_nobody_is_taken_for_silent_and_nothing_is_purged(
    watch: rounds.Rounds, moodle: FakeMoodle, begin: Begin, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = begin()
    cleaned: list[Service] = []
    monkeypatch.setattr(rounds, "clean", cleaned.append)
    moodle.asked.clear()
    clock.advance(days=400)
    watch.once()
    assert ann.post("alive").json["state"] == "running"
    assert (moodle.asked, cleaned) == ([], [])


def test_after_an_outage_of_ours_candidates_may_still_send_what_they_have(
    service: Service, begin: Begin, clock: Clock
) -> None:
    ann = begin()
    clock.advance(hours=3)  # Nobody could be heard, and the exam's own time is over.
    rounds.Rounds(service).once()
    assert ann.events(time=3600).status_code == 202


def test_a_database_that_was_away_has_made_nobody_silent(watch: rounds.Rounds, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not watch.is_doubtful
    monkeypatch.setattr(rounds, "go", lambda *_, **__: 1 / 0)
    watch.once()
    assert watch.is_doubtful


def test_a_silence_that_we_could_have_heard_ends_the_exam_once_its_time_is_up(
    service: Service, begin: Begin, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = begin()
    clock.advance(hours=3)
    monkeypatch.setattr(rounds, "AWAY", 0.0)
    rounds.Rounds(service).once()
    assert ann.post("alive").json["state"] == "finished"
