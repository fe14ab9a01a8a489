"""SQLite cursors that fetch at once.

A SELECT that is left half read keeps its transaction open, on a connection that is back in the pool: the next writer
then finds an old snapshot and is told "database is locked". Reading every row when the statement is executed leaves
nothing half read, whatever the caller does with the result.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import islice
from typing import Any


class BufferedCursor(sqlite3.Cursor):
    _rows: Iterator[Any] = iter(())

    def execute(self, sql: str, parameters: Any = (), /) -> BufferedCursor:
        super().execute(sql, parameters)
        self._rows = iter(super().fetchall() if self.description else ())
        return self

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return list(islice(self._rows, self.arraysize if size is None else size))

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def __iter__(self) -> BufferedCursor:
        return self

    def __next__(self) -> Any:
        return next(self._rows)


class BufferedConnection(sqlite3.Connection):
    def cursor(self, factory: Any = BufferedCursor) -> Any:
        return super().cursor(factory)
