"""What the readable parts of a world do not say, table by table: attempts, entries, grades, files, and every value that
somebody changed where no key of a world file speaks of it.

    state: {quiz_attempts: [{id: 1, quiz: 1, userid: 3, …}]}      # rows to add, or columns to change in a row
    gone: {role_capabilities: [{contextid: 1, …}]}                # keys of rows that the readable parts bring

An export finds both by loading its own readable parts beside the site and comparing. So nothing is forgotten, whatever
packages and plugins keep.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    and_,
    delete,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from mock_moodle.site import current
from mock_moodle.store import Base
from mock_moodle.world.parts import Place, Spec, read_data

LEFT_OUT = frozenset({"sessions", "logstore_standard_log"})
"""Who has a browser open, and what happened: no part of a world."""
DATA = "data:;base64,"
LARGEST, SMALLEST = 2**63 - 1, -(2**63)

Row = dict[str, Any]
Key = tuple[Any, ...]
Rows = dict[str, dict[Key, Row]]
"""By table and primary key."""


def tables() -> dict[str, Table]:
    """The mock's own and those of installed plugins."""
    connection, own, others = current.session.connection(), Base.metadata.tables, MetaData()
    for name in inspect(connection).get_table_names():
        if name not in own:
            Table(name, others, autoload_with=connection, resolve_fks=False)
    found = {**own, **others.tables}
    return {name: found[name] for name in sorted(found) if name not in LEFT_OUT and found[name].primary_key}


def rows_by_table() -> Rows:
    """Everything there is, by primary key."""
    session = current.session
    session.flush()
    found: Rows = {}
    for name, table in tables().items():
        keys = [column.name for column in table.primary_key]
        rows = session.execute(select(table)).mappings()
        found[name] = {tuple(row[key] for key in keys): dict(row) for row in rows}
    return found


def difference(present: Rows, told: Rows) -> Spec:
    """`state` and `gone` that make the second into the first."""
    state: dict[str, list[Row]] = {}
    gone: dict[str, list[Row]] = {}
    for name, table in tables().items():
        keys = [column.name for column in table.primary_key]
        now, then = present.get(name, {}), told.get(name, {})
        changed = [_changes(row, then.get(key), keys) for key, row in sorted(now.items()) if row != then.get(key)]
        if changed:
            state[name] = changed
        if lost := sorted(key for key in then if key not in now):
            gone[name] = [dict(zip(keys, key, strict=True)) for key in lost]
    return {"state": state, "gone": gone}


def _changes(row: Row, before: Row | None, keys: list[str]) -> Row:
    """A whole new row without its empty columns, or the key and the changed columns of a known one."""
    if before is None:
        return {name: _told(value) for name, value in row.items() if value is not None or name in keys}
    return {name: _told(value) for name, value in row.items() if name in keys or value != before[name]}


def _told(value: Any) -> Any:
    return DATA + base64.b64encode(value).decode() if isinstance(value, bytes) else value


def load_state(state: Spec, place: Place) -> None:
    """Adds rows, or changes the columns that are given. Raises WorldError."""
    plugins, others = (
        {name: rows for name, rows in state.items() if (name == "plugins") is own} for own in (True, False)
    )
    _load_rows(plugins, place)
    _create_plugin_tables()
    _load_rows(others, place)
    _refuse_dangling(place)


def _load_rows(state: Spec, place: Place) -> None:
    for table, where, row in _rows(state, place):
        values = {name: _value(table.columns[name], value, where.at(name)) for name, value in row.items()}
        try:
            _upsert(current.session.connection(), table, values)
        except IntegrityError as error:
            raise where.error(
                None, f"does not fit: {error.orig}", "correct the row, or the one it clashes with"
            ) from error


def load_gone(gone: Spec, place: Place) -> None:
    """Removes rows by their keys."""
    for table, where, key in _rows(gone, place):
        for column in table.primary_key:
            if column.name not in key:
                raise where.error(column.name, "is missing", "give the whole key of the row")
        values = {name: _value(table.columns[name], value, where.at(name)) for name, value in key.items()}
        current.session.execute(delete(table).where(_same(table, values)))


def _rows(spec: Spec, place: Place) -> Iterator[tuple[Table, Place, Row]]:
    """Each row with its table and its place; columns are known ones."""
    session = current.session
    session.flush()
    known = tables()
    for name in spec:
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise place.error(name, "is no table here", f"did you mean {near[0]!r}?" if near else "correct its name")
        for where, row in place.objects(spec, name):
            where.known(row, known[name].columns.keys())
            yield known[name], where, row
    session.expire_all()


def _value(column: Column[Any], value: Any, place: Place) -> Any:
    if value is None:
        if not column.nullable:
            raise place.error(None, "is empty", "give a value")
        return None
    if isinstance(column.type, LargeBinary):
        return read_data(value if isinstance(value, str) else "", place)
    try:
        wanted = column.type.python_type
    except NotImplementedError:
        return value
    if wanted is dict:  # JSON of any shape
        return value
    if wanted is int and isinstance(value, int) and not SMALLEST <= value <= LARGEST:
        raise place.error(None, f"{value} is too large", "give a number of 64 bits")
    fits = isinstance(value, (int, float) if wanted is float else wanted)
    if not fits or isinstance(value, bool) != (wanted is bool):
        raise place.error(None, f"is {value!r}, not {WORDS.get(wanted, wanted.__name__)}", "correct the value")
    return value


WORDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


def _upsert(connection: Connection, table: Table, values: Row) -> None:
    keys = {column.name for column in table.primary_key}
    if keys <= values.keys():
        present = connection.execute(select(*table.primary_key).where(_same(table, values))).first()
        changes = {name: value for name, value in values.items() if name not in keys}
        if present is not None:
            if changes:
                connection.execute(update(table).where(_same(table, values)).values(changes))
            return
    connection.execute(insert(table).values(values))


def _same(table: Table, values: Mapping[str, Any]) -> Any:
    return and_(*(column == values[column.name] for column in table.primary_key))


def _create_plugin_tables() -> None:
    """Of plugins whose ZIP was installed: what it said is in their row, and their tables come before other rows."""
    from mock_moodle.store.core import Plugin

    for plugin in current.session.scalars(select(Plugin)):
        for statement in plugin.read.get("tables", ()):
            current.session.execute(text(statement))


def _refuse_dangling(place: Place) -> None:
    current.session.flush()
    broken = current.session.execute(text("PRAGMA foreign_key_check")).first()
    if broken is not None:
        table, rowid, parent, _ = broken
        raise place.error(table, f"row {rowid} points to a row of {parent} that is not there", f"add it to {parent}")
