"""One SQLite file in write-ahead mode, its sessions and its snapshots.

Readers never wait. Writers queue on a lock of this process before SQLite's own, because SQLite's busy handler sleeps
and is unfair. `versions` counts commits per table: what was computed from tables that have not changed since is reused
(`Store.cached`), which keeps a web-service request free of queries that every request would repeat.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Engine, create_engine, event, inspect
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import QueuePool

from mock_moodle.store.buffered import BufferedConnection

Result = TypeVar("Result")

BUSY_TIMEOUT_MS = 30_000
TOUCHED = "touched tables"
UNKNOWN = "*"
"""Stands for a statement whose table could not be told."""

_WRITTEN = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|REPLACE INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)


class Base(DeclarativeBase):
    """Of all models."""


Row = TypeVar("Row", bound=Base)


def copy_of(row: Row) -> Row:
    """Of no session: to read and to keep, not to change."""
    return type(row)(**{column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs})


class Store:
    """`path` is the database file; without one a temporary file is used and removed at `close()`."""

    def __init__(self, path: Path | None = None) -> None:
        self._directory = None if path else tempfile.TemporaryDirectory(prefix="mock-moodle-")
        self.path = path or Path(cast("tempfile.TemporaryDirectory[str]", self._directory).name) / "moodle.sqlite"
        self.engine = _engine(self.path)
        self._writer = threading.Lock()
        self._writing_thread = 0
        self._versions: dict[str, int] = {}
        self._cache: dict[Hashable, tuple[tuple[int | None, ...], Any]] = {}
        self._generation = 0
        self.commits = 0
        """Commits that changed something, ever: what was read at one count is still so while the count stands."""
        self._stands: tuple[sqlite3.Connection | None, int] = (None, 0)
        """The snapshot that was last taken or restored, and `commits` then."""

    def create_tables(self) -> None:
        Base.metadata.create_all(self.engine)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and cannot commit changes."""
        with Session(self.engine, autoflush=False, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is alone in writing; commits at the end, rolls back on an exception."""
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("this thread writes already: use its session (current.session), or commit it first")
        with self._alone(), Session(self.engine, expire_on_commit=False) as session:
            connection = session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
            touched: set[str] = set()
            connection.info[TOUCHED] = session.info[TOUCHED] = touched
            yield session
            session.commit()
            self._changed(touched)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._writer:
            self._writing_thread = threading.get_ident()
            try:
                yield
            finally:
                self._writing_thread = 0

    def _changed(self, tables: set[str]) -> None:
        """Notes a commit that wrote these tables."""
        if not tables:
            return
        self.commits += 1
        if UNKNOWN in tables:
            self._generation += 1
        for table in tables:
            self._versions[table] = self._versions.get(table, 0) + 1

    def cached(self, tables: tuple[str, ...], key: Hashable, compute: Callable[[], Result]) -> Result:
        """`compute()`'s result, kept until a commit touches one of `tables`. The result must not be changed."""
        stamp = (self._generation, *map(self._versions.get, tables))
        found = self._cache.get(key)
        if found is not None and found[0] == stamp:
            return cast("Result", found[1])
        result = compute()
        if len(self._cache) > 50_000:
            self._cache.clear()
        self._cache[key] = (stamp, result)
        return result

    def snapshot(self) -> sqlite3.Connection:
        """The present state, as a database in memory."""
        copy, commits = sqlite3.connect(":memory:", check_same_thread=False), self.commits
        with self._raw() as connection:
            connection.backup(copy)
        self._stands = (copy, commits)
        return copy

    def restore(self, snapshot: sqlite3.Connection) -> None:
        """Back to a snapshot's state, indexes and counters included; nothing to do where nothing was changed since."""
        with self._writer:
            if self._stands == (snapshot, self.commits):
                return
            with self._raw() as connection:
                snapshot.backup(connection)
            self._generation += 1
            self.commits += 1
            self._cache.clear()
            self._stands = (snapshot, self.commits)

    def close(self) -> None:
        self.engine.dispose()
        if self._directory:
            self._directory.cleanup()

    def _raw(self) -> closing[sqlite3.Connection]:
        """A connection beside the pool's, on which no statement can be under way."""
        return closing(sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None))


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=64,
        max_overflow=-1,
        pool_reset_on_return="rollback",
        connect_args={
            "check_same_thread": False,
            "timeout": BUSY_TIMEOUT_MS / 1000,
            "factory": BufferedConnection,
        },
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA temp_store=MEMORY;"
        )

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    @event.listens_for(engine, "after_cursor_execute")
    def note(connection: Any, cursor: sqlite3.Cursor, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT") or cursor.rowcount == 0:
            return
        touched: set[str] | None = connection.info.get(TOUCHED)
        if touched is not None and not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            found = _WRITTEN.match(statement)
            touched.add(found[1] if found else UNKNOWN)

    return engine
