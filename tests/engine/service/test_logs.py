"""What a running service says: lines that a machine can read, with sessions and without people."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from actors import ANN, Candidate, Clock
from servers import Postgres
from sqlalchemy.exc import IntegrityError

from proctor_engine import clock as real_clock
from proctor_engine.logs import Lines
from proctor_engine.service import Service
from proctor_engine.store.database import Database
from proctor_engine.store.model import Person
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


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_error_of_the_database_tells_nobodys_name(
    request: pytest.FixtureRequest, service: Service, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = service.database
    if kind == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        database = Database(postgres.url)
        database.migrate()
    try:
        with database.begin() as db:
            for _ in range(2):
                db.add(Person(email=ANN.email, name=ANN.name, last_seen=real_clock.now()))
                db.flush()
    except IntegrityError:
        logging.getLogger("proctor_engine").exception("a round failed")
    database.close()
    [line] = [Lines().format(record) for record in caplog.records if record.exc_info]
    assert "IntegrityError" in line
    assert ANN.email not in line
    assert ANN.name not in line
