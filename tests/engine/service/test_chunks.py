"""Uploads: each once in effect, in order, whatever network and workers do."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from actors import Candidate, Clock, FakeMoodle, make_exam
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from proctor_engine.incidents import Incident
from proctor_engine.service import Service
from proctor_engine.store import incidents, notices, tracks
from proctor_engine.store.model import Chunk, Decision, ExamSession
from proctor_engine.store.notices import Notice
from proctor_engine.tasks import claim, commit, rounds
from proctor_engine.tasks.analyse import Analyst

AWAY = "warning_change_active_window_on_computer"


Room = Callable[[float], bytes]
Begin = Callable[..., Candidate]


def found(service: Service, session_id: str) -> list[Incident]:
    with service.database.begin() as db:
        return [incidents.as_value(row) for row in incidents.of_session(db, session_id)]


def stored(service: Service, session_id: str) -> ExamSession:
    with service.database.begin() as db:
        return db.get_one(ExamSession, session_id)


def away(number: int) -> dict[str, object]:
    """The `number`-th absence from the window, far enough from the others not to be merged with them."""
    return {"type": AWAY, "start": number * 60.0, "end": number * 60.0 + 5}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(6)), repeats=st.lists(st.integers(0, 5), max_size=6), data=st.data())
def test_any_order_and_any_repetition_give_the_same_incidents(
    service: Service,
    moodle: FakeMoodle,
    begin: Begin,
    clock: Clock,
    order: list[int],
    repeats: list[int],
    data: st.DataObject,
) -> None:
    code = uuid4().hex  # A fresh exam for each example, which all share one service.
    moodle.exams_due = [make_exam(code)]
    ann = begin(code)
    clock.advance(seconds=1000)
    analyst = Analyst(service)
    for number in [*order, *repeats]:
        assert ann.events(away(number), time=900, sequence=number).status_code == 202
        if data.draw(st.booleans()):
            analyst.turn()
        if data.draw(st.booleans()):
            analyst = Analyst(service)  # Another worker goes on.
        clock.advance(seconds=2)
    ann.post("finish")
    while analyst.turn():
        pass
    assert [(i.start, i.end) for i in found(service, ann.id)] == [(n * 60.0, n * 60.0 + 5) for n in range(6)]
    assert stored(service, ann.id).chunks_missing == 0


def test_a_worker_that_dies_in_the_middle_of_a_step_costs_a_retry_and_doubles_nothing(
    service: Service,
    begin: Begin,
    clock: Clock,
    analyse: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann = begin()
    clock.advance(seconds=1000)
    for number in range(3):
        ann.events(away(number), time=900)
    dying = Analyst(service)
    with monkeypatch.context() as patch:
        patch.setattr(commit, "write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            dying.turn()
    assert found(service, ann.id) == []
    clock.advance(seconds=30)  # Its lease runs out.
    ann.post("finish")
    analyse()
    assert len(found(service, ann.id)) == 3


def test_of_two_workers_with_the_same_step_one_commits(
    service: Service, begin: Begin, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = begin()
    clock.advance(seconds=1000)
    ann.events(away(0), time=900)
    slow, quick = Analyst(service), Analyst(service)
    write = commit.write

    def overtaken(*step: Any) -> Any:
        """The slow one has done its work and is about to commit, when its lease has long run out."""
        monkeypatch.setattr(commit, "write", write)
        clock.advance(seconds=30)
        assert quick.turn()
        return write(*step)

    monkeypatch.setattr(commit, "write", overtaken)
    slow.turn()
    assert len(found(service, ann.id)) == 1
    assert stored(service, ann.id).generation == 1, "the slow one's step is void"


def test_a_missing_chunk_is_waited_for_and_then_done_without(
    service: Service, begin: Begin, clock: Clock, analyse: Callable[[], None]
) -> None:
    ann = begin()
    clock.advance(seconds=1000)
    ann.events(away(0), time=900, sequence=0)
    ann.events(away(2), time=900, sequence=2)
    analyse()
    assert len(found(service, ann.id)) == 1
    clock.advance(seconds=31)
    analyse()
    assert len(found(service, ann.id)) == 2
    late = ann.events(away(1), time=900, sequence=1)
    assert late.json["late"] is True
    row = stored(service, ann.id)
    assert (row.chunks_missing, row.chunks_late) == (1, 1)


def test_a_time_that_has_not_come_is_refused(begin: Begin, empty_room: Room) -> None:
    ann = begin()
    assert ann.frame(empty_room(0), 60.0, sequence=0).status_code == 409
    assert ann.events({"type": AWAY, "start": 50.0}, time=0, sequence=0).status_code == 422


def test_a_finished_session_takes_nothing_more(begin: Begin, empty_room: Room) -> None:
    ann = begin()
    ann.post("finish")
    assert ann.frame(empty_room(0), 0.0).status_code == 409


def test_behind_the_clock_frames_are_thinned_evenly_and_events_never(
    service: Service,
    begin: Begin,
    clock: Clock,
    analyse: Callable[[], None],
    empty_room: Room,
) -> None:
    ann = begin()
    clock.advance(seconds=20)
    for second in range(20):
        ann.frame(empty_room(second), second)
    clock.advance(seconds=35)
    answer = ann.events(away(0), time=20)
    assert answer.json["frame_interval"] > service.settings.frame_interval
    analyse()
    row = stored(service, ann.id)
    assert 10 <= row.frames_shed < 20
    with service.database.begin() as db:
        analysed = [moment["time"] for moment in tracks.of_session(db, ann.id)]
    assert [incident.type for incident in found(service, ann.id)].count(AWAY) == 1
    gaps = {second - first for first, second in pairwise(analysed)}
    assert max(gaps) <= 4


def test_frames_without_an_incident_are_deleted_and_those_of_one_are_kept(
    service: Service,
    begin: Begin,
    clock: Clock,
    analyse: Callable[[], None],
    empty_room: Room,
) -> None:
    ann = begin()
    clock.advance(seconds=30)
    for second in range(30):
        ann.frame(empty_room(second), second)
        analyse()
    ann.post("finish")
    analyse()
    files = [path for path in (service.settings.data / "evidence" / ann.id).iterdir() if path.suffix == ".jpg"]
    assert 1 <= len(files) < 12
    assert all(b"JFIF" not in path.read_bytes() for path in files), "evidence lies there in clear"


def test_a_damaged_picture_stops_nothing(
    service: Service,
    begin: Begin,
    clock: Clock,
    analyse: Callable[[], None],
    empty_room: Room,
) -> None:
    ann = begin()
    clock.advance(seconds=10)
    half = empty_room(0)[:700]
    assert ann.frame(half, 0).status_code == 202
    ann.events(away(0) | {"start": 1.0, "end": 3.0}, time=5)
    ann.post("finish")
    analyse()
    assert stored(service, ann.id).state.value == "proposed"
    assert len(found(service, ann.id)) == 1


def test_a_number_that_was_sent_before_is_a_repetition_and_one_that_was_given_up_is_late_once(
    service: Service, begin: Begin, clock: Clock, analyse: Callable[[], None]
) -> None:
    ann = begin()
    clock.advance(seconds=1000)
    for number in (0, 3):
        ann.events(away(number), time=900, sequence=number)
    analyse()
    clock.advance(seconds=31)
    analyse()
    answers = [ann.events(away(number), time=900, sequence=number).json for number in (0, 1, 1, 2, 3)]
    assert [(answer["duplicate"], answer["late"]) for answer in answers] == [
        (True, False),
        (False, True),
        (True, False),
        (False, True),
        (True, False),
    ]
    assert stored(service, ann.id).chunks_late == 2


def test_nothing_grows_with_the_exam(
    service: Service, begin: Begin, clock: Clock, analyse: Callable[[], None], empty_room: Room
) -> None:
    ann = begin()
    for second in range(120):
        clock.advance(seconds=1)
        ann.events(time=second)
        if second % 10 == 0:
            ann.frame(empty_room(second), second)
        analyse()
    with service.database.read() as db:
        assert db.scalar(select(func.count()).select_from(Chunk)) < 60


def test_when_the_clock_is_set_back_candidates_and_analysis_go_on(
    service: Service, begin: Begin, clock: Clock, analyse: Callable[[], None]
) -> None:
    ann = begin()
    clock.advance(seconds=100)
    ann.events(away(0), time=50)
    with service.database.begin() as db:  # A worker took it and died.
        db.get_one(ExamSession, ann.id).busy_until = clock.now() + claim.LEASE
    clock.advance(hours=-1)
    rounds.mend_times(service)
    analyse()
    assert len(found(service, ann.id)) == 1
    clock.advance(seconds=10)
    assert ann.events(away(1), time=105).status_code == 202, "the session's own time has gone on"
    assert ann.events(away(2), time=500).status_code == 409
    analyse()
    assert len(found(service, ann.id)) == 2


def test_a_new_release_goes_on_behind_what_the_old_one_found(
    service: Service, begin: Begin, clock: Clock, analyse: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = begin()
    clock.advance(seconds=1000)
    ann.events(away(0), {"type": AWAY, "start": 60.0}, time=900)
    analyse()
    before = found(service, ann.id)
    with service.database.begin() as db:
        incidents.decide(db, db.get_one(ExamSession, ann.id), 1, Decision.DISMISSED, "bob@example.org")
    monkeypatch.setattr("proctor_engine.analysis._FORMAT", 99)
    ann.events(away(1), away(2), time=900)
    ann.post("finish")
    clock.advance(seconds=claim.OWN_FIRST.seconds + 1)  # The old worker does not come back.
    updated = Analyst(service)
    while updated.turn():
        pass
    after = found(service, ann.id)
    assert [incident.open for incident in before] == [False, True]
    assert [(i.number, i.start, i.end) for i in after] == [(n + 1, n * 60.0, n * 60.0 + 5) for n in range(3)]
    with service.database.read() as db:
        row = db.get_one(ExamSession, ann.id)
        assert [incident.decision for incident in row.incidents] == [Decision.DISMISSED, *[Decision.UNDECIDED] * 2]
        assert [notices.read(message)[0] for message in row.messages] == [Notice.ANALYSIS_RENEWED]
