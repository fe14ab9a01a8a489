"""Three times as many candidates as the workers can follow: fewer frames are analysed, evenly, and it is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from actors import Candidate, Clock, FakeMoodle, make_exam, reviewer

from proctor_engine.analysis import SessionAnalysis
from proctor_engine.condition import ExamCondition
from proctor_engine.measurements import FrameMeasurement
from proctor_engine.service import Service
from proctor_engine.store import incidents, tracks
from proctor_engine.store.model import ExamSession, State
from proctor_engine.tasks.analyse import Analyst

CANDIDATES = 9
FOLLOWED = 3
"""Frames a second that the worker manages."""
SECONDS = 90
AWAY_EVERY = 15
AWAY = "warning_change_active_window_on_computer"


class Slow:
    """A worker that measures so many frames in a second of the test's clock, and each in an instant of ours."""

    def __init__(self, service: Service, monkeypatch: pytest.MonkeyPatch, seen: FrameMeasurement) -> None:
        self._analyst = Analyst(service)
        self._measured = 0
        self._allowed = 0

        def measure(_analysis: SessionAnalysis, _frame: bytes, time: float) -> FrameMeasurement:
            self._measured += 1
            return replace(seen, time=time)

        monkeypatch.setattr(SessionAnalysis, "measure_frame", measure)

    def work(self) -> None:
        self._allowed += FOLLOWED
        while self._measured < self._allowed and self._analyst.turn():
            pass

    def finish(self) -> None:
        while self._analyst.turn():
            pass


@pytest.fixture
def overloaded(
    service: Service,
    moodle: FakeMoodle,
    begin: Callable[..., Candidate],
    clock: Clock,
    empty_room: Callable[[float], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> list[Candidate]:
    """All candidates, their exams over and analysed."""
    picture = empty_room(0)
    seen = SessionAnalysis(service.configuration, ExamCondition()).measure_frame(picture, 0)
    codes = [f"{number:032}" for number in range(CANDIDATES)]
    moodle.exams_due = [make_exam(code) for code in codes]
    everybody = [begin(code) for code in codes]
    clock.stop()
    slowest: dict[str, float] = {}
    worker = Slow(service, monkeypatch, seen)
    for second in range(SECONDS):
        clock.advance(seconds=1)
        for one in everybody:
            answer = one.frame(picture, second)
            assert answer.status_code == 202
            slowest[one.id] = max(slowest.get(one.id, 0.0), answer.json["frame_interval"])
            if second % AWAY_EVERY == AWAY_EVERY - 1:
                told = one.events({"type": AWAY, "start": second - 3.0, "end": second - 1.0}, time=second)
                assert told.status_code == 202
        worker.work()
    assert min(slowest.values()) > service.settings.frame_interval, "browsers are asked for fewer"
    for one in everybody:
        one.post("finish")
    worker.finish()
    return everybody


def test_everything_acknowledged_is_there_and_frames_are_thinned_evenly_and_said(
    service: Service, moodle: FakeMoodle, overloaded: list[Candidate]
) -> None:
    bob = reviewer(service, moodle, 3)
    shed = []
    with service.database.read() as db:
        for one in overloaded:
            row = db.get_one(ExamSession, one.id)
            assert (row.state, row.chunks_missing, row.frames_received) == (State.PROPOSED, 0, SECONDS)
            told = [(i.start, i.end) for i in incidents.of_session(db, one.id) if i.type == AWAY]
            assert told == [(at - 3.0, at - 1.0) for at in range(AWAY_EVERY - 1, SECONDS, AWAY_EVERY)]
            analysed = tracks.of_session(db, one.id)
            assert len(analysed) + row.frames_shed == SECONDS, "a frame is analysed or counted"
            shed.append(row.frames_shed)
            for page in (f"/api/review/{one.id}", f"/api/wall/session/{one.id}"):
                assert bob.get(page).json["frames"]["shed"] == row.frames_shed
            report = bob.get(f"/review/{one.id}/report.html").text
            assert f"Frames not analysed under load: {row.frames_shed}" in report
    assert min(shed) > SECONDS // 4
    assert max(shed) - min(shed) < SECONDS // 6, "nobody pays for the others"
