"""A broker that is slow, or whose workers do not hear it, costs nobody more than a moment."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from actors import Candidate, Clock
from servers import until

from proctor_engine.service import Service
from proctor_engine.store.model import ExamSession, State
from proctor_engine.tasks import queue
from proctor_engine.tasks.analyse import Analyst

NOBODY = "redis://127.0.0.1:9/0"


def test_no_upload_waits_for_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    answered, hinted = threading.Event(), threading.Event()

    def hint(_app: object) -> None:
        hinted.set()
        assert answered.wait(30)

    monkeypatch.setattr(queue, "hint", hint)
    announce = queue.Announcer(queue.connect(NOBODY))
    announce("one")
    until(hinted.is_set, "the broker is asked")
    announce("another")
    hinted.clear()
    answered.set()
    until(hinted.is_set, "what came meanwhile is announced too")


def test_where_workers_are_deaf_an_exam_that_is_over_is_analysed_to_its_end(
    service: Service, begin: Callable[..., Candidate], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "hint", lambda _app: None)
    ann = begin()
    for second in range(50):
        ann.events(time=second % 5)
    ann.post("finish")
    clock.advance(seconds=queue.STUCK + 1)
    queue.look(queue.connect(NOBODY), Analyst(service))
    with service.database.read() as db:
        assert db.get_one(ExamSession, ann.id).state is State.PROPOSED
