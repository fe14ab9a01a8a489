"""The migrations make the tables that the models mean, and those who only read wait for nobody."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select

from proctor_engine import clock
from proctor_engine.service import Service
from proctor_engine.store.model import Base, Person

OF_EXPRESSIONS = {"exam_session_queue"}
"""Indexes that Alembic cannot compare."""


def test_a_migrated_database_has_the_models_tables(service: Service) -> None:
    options = {"include_name": lambda name, *_: name not in OF_EXPRESSIONS}
    options["include_object"] = lambda _object, name, *_: name not in OF_EXPRESSIONS
    with service.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_reading_goes_on_while_somebody_writes(service: Service) -> None:
    with service.database.begin() as writer:
        writer.add(Person(email="ann@example.org", name="Ann", last_seen=clock.now()))
        writer.flush()
        with service.database.read() as reader:
            assert reader.scalar(select(func.count()).select_from(Person)) == 0
