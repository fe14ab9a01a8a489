"""What a running service says: lines that a machine can read, with sessions and without people."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from actors import ANN, Candidate, Clock

from proctor_engine.logs import Lines
from proctor_engine.service import Service
from proctor_engine.tasks.analyse import Analyst


def test_a_lost_file_is_told_with_its_session_and_without_its_person(
    service: Service,
    begin: Callable[..., Candidate],
    clock: Clock,
    empty_room: Callable[[float], bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    ann = begin()
    clock.advance(seconds=5)
    ann.frame(empty_room(0), 0)
    service.evidence.delete_session(ann.id)
    while Analyst(service).turn():
        pass
    lines = [Lines().format(record) for record in caplog.records if record.levelno >= logging.WARNING]
    [lost] = [line for line in lines if "logger=proctor_engine.tasks.analyse" in line]
    assert " level=error " in lost
    assert f" session={ann.id} " in lost
    assert not any(ANN.email in line or ANN.lastname in line for line in lines)


def test_an_error_stays_on_its_line() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        record = logging.LogRecord("a", logging.ERROR, "", 0, 'said "%s"', ("no",), (ValueError, error, None))
    line = Lines().format(record)
    assert "\n" not in line
    assert 'message="said \\"no\\""' in line
