"""The migrations make the tables that the models mean and keep what is in them; who only reads waits for nobody."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from actors import running_session
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from servers import Postgres
from sqlalchemy import MetaData, func, select, text

from proctor_engine import clock
from proctor_engine.service import Service
from proctor_engine.store.database import Database, alembic_config
from proctor_engine.store.model import Base, ExamSession, Person
from proctor_engine.web import courses

OF_EXPRESSIONS = {"exam_session_queue"}
"""Indexes that Alembic cannot compare; the queue's plan shows that this one is there."""
IDLE = "idle_in_transaction_session_timeout"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    postgresql = request.param == "postgresql"
    database = Database(request.getfixturevalue("postgres").url if postgresql else f"sqlite:///{tmp_path / 'db'}")
    database.migrate()
    yield database
    database.close()


def test_a_migrated_database_has_the_models_tables(database: Database) -> None:
    models = MetaData()
    for table in Base.metadata.tables.values():
        copy = table.to_metadata(models)
        copy.indexes = {index for index in copy.indexes if index.name not in OF_EXPRESSIONS}
    options = {"include_name": lambda name, *_: name not in OF_EXPRESSIONS}
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, models) == []


def test_the_queue_is_read_in_the_order_of_its_index(database: Database) -> None:
    """Else each look at it would sort all sessions."""
    explain = "EXPLAIN QUERY PLAN" if database.engine.dialect.name == "sqlite" else "EXPLAIN"
    query = "SELECT id FROM exam_session WHERE state = 'proposed' ORDER BY score DESC NULLS LAST, id LIMIT 50"
    with database.begin() as db:
        if explain == "EXPLAIN":
            db.execute(text("SET LOCAL enable_seqscan = off"))
        plan = " ".join(map(str, db.execute(text(f"{explain} {query}"))))
    assert "exam_session_queue" in plan
    assert "sort" not in plan.lower()


def test_a_name_on_a_courses_page_is_looked_for_among_the_courses_people(database: Database) -> None:
    """Else each look at it would search all people of the service."""
    with database.begin() as db:
        for number in range(1500):
            running_session(db, number).course_id = 3 if number < 20 else 4
        db.execute(text("ANALYZE"))
        query = courses.wanted((ExamSession.course_id == 3,), courses.Filter(name="12"))
        literal = query.compile(database.engine, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN" if database.engine.dialect.name == "sqlite" else "EXPLAIN"
        plan = " ".join(map(str, db.connection().exec_driver_sql(f"{explain} {literal}")))
    assert "person" in plan
    assert "Seq Scan on person" not in plan
    assert "SCAN person" not in plan


def test_what_is_stored_outlives_a_step_back_and_forth(database: Database) -> None:
    with database.begin() as db:
        session_id = running_session(db, 1).id
    with database.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0001")
    database.migrate()
    with database.read() as db:
        row = db.get_one(ExamSession, session_id)
        assert (row.person.email, row.exam["accesscode"]) == ("1@example.org", f"{1:032}")


def test_reading_goes_on_while_somebody_writes(service: Service) -> None:
    with service.database.begin() as writer:
        writer.add(Person(email="ann@example.org", name="Ann", last_seen=clock.now()))
        writer.flush()
        with service.database.read() as reader:
            assert reader.scalar(select(func.count()).select_from(Person)) == 0


def test_a_server_or_a_client_that_vanishes_is_noticed_from_both_sides(postgres: Postgres) -> None:
    database = Database(postgres.url)
    with database.read() as db:
        silence, idle = (db.scalar(text(f"SHOW {name}")) for name in ("tcp_keepalives_idle", IDLE))
        connection = db.connection().connection.dbapi_connection
        assert connection is not None
        with socket.socket(fileno=os.dup(connection.fileno())) as ours:  # type: ignore[attr-defined]
            assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 10
    database.close()
    assert (silence, idle) == ("10", "2min")
