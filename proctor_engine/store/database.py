"""Opening the database and bringing it to the present schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker

MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 7_030_251
"""Of PostgreSQL's advisory locks: several web processes may start at once."""


CONNECT_SECONDS = 10
_PRESENT = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}
"""So that the end of a server or of its network is noticed within half a minute. The system's own patience is hours."""
_ON_THE_SERVER = (
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
    "SET tcp_user_timeout = 25000",
    "SET idle_in_transaction_session_timeout = 120000",
)
"""The same from the other side: locks of a machine that has lost its current, or of a process that hangs, are freed."""
_ONLY_READS = "proctor_only_reads"
_DISCREET = {"hide_parameters": True}
"""An error that is logged must not tell what somebody wrote."""


class Database:
    """One database. `begin` opens a transaction that commits when its block ends well; `read` one that only looks."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with self._sessions() as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Beside a writer, also on SQLite, where `begin` waits until it is alone."""
        with self._sessions() as session:
            session.connection(execution_options={_ONLY_READS: True})
            yield session

    def migrate(self) -> None:
        """Brings the schema to the newest revision; safe to call from several processes at once."""
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            command.upgrade(alembic_config(connection), "head")

    def close(self) -> None:
        self.engine.dispose()


def alembic_config(connection: Connection) -> Config:
    """For Alembic's commands on this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return _server(url)
    engine = create_engine(url, connect_args={"timeout": 30}, **_DISCREET)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # Readers beside one writer, deletions that overwrite, and foreign keys that hold.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # SQLite cannot upgrade a read transaction to a write one while another writes: take the write lock at once.
        only_reads = connection.get_execution_options().get(_ONLY_READS)
        connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")

    @event.listens_for(engine, "connect")
    def _no_implicit_begin(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    return engine


def _server(url: str) -> Engine:
    patience = {"connect_timeout": CONNECT_SECONDS, **_PRESENT}
    pool = {"pool_pre_ping": True, "pool_size": 20, "max_overflow": 20}
    engine = create_engine(url, connect_args=patience, **pool, **_DISCREET)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(_ON_THE_SERVER))
        connection.commit()

    return engine
