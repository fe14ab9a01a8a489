"""The database: what is remembered, what is brought back, and many writers at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from mock_moodle.store import Store
from mock_moodle.store.core import Config


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store()
    made.create_tables()
    yield made
    made.close()


def count(store: Store) -> int:
    with store.reading() as session:
        return session.query(Config).count()


def add(store: Store, name: str) -> None:
    with store.writing() as session:
        session.add(Config(plugin="core", name=name, value="1"))


def test_an_exception_undoes_everything(store: Store) -> None:
    def fail_halfway() -> None:
        with store.writing() as session:
            session.add(Config(plugin="core", name="a", value="1"))
            session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        fail_halfway()
    assert count(store) == 0


def test_a_second_write_in_a_thread_is_refused_rather_than_waited_for(store: Store) -> None:
    with store.writing(), pytest.raises(RuntimeError, match="writes already"), store.writing():
        pass


def test_a_computed_value_is_kept_until_its_table_changes(store: Store) -> None:
    calls = []

    def compute() -> int:
        calls.append(1)
        return len(calls)

    def value() -> int:
        return store.cached(("config",), "key", compute)

    assert (value(), value()) == (1, 1)
    add(store, "a")
    assert value() == 2
    with store.writing() as session:
        session.execute(text("DELETE FROM config WHERE name = 'nobody'"))
    assert value() == 2  # a statement that changed no row changed nothing
    with store.writing() as session:
        session.execute(text("UPDATE config SET value = '2'"))
    assert value() == 3


def test_what_is_kept_survives_a_restore_that_has_nothing_to_undo(store: Store) -> None:
    kept = store.snapshot()
    asked: list[int] = []
    for _ in range(2):
        store.restore(kept)
        store.cached(("config",), "counted", lambda: asked.append(1))
    assert asked == [1]


def test_a_snapshot_brings_rows_and_counters_back(store: Store) -> None:
    add(store, "a")
    kept = store.snapshot()
    add(store, "b")
    before = store.commits
    store.restore(kept)
    assert count(store) == 1
    assert store.commits > before


def test_a_reader_keeps_its_view_while_others_write(store: Store) -> None:
    with store.reading() as session:
        assert session.query(Config).count() == 0
        add(store, "a")
        assert session.query(Config).count() == 0
    assert count(store) == 1


def test_a_half_read_result_holds_up_nobody(store: Store) -> None:
    add(store, "a")
    add(store, "b")
    kept = []
    with store.reading() as session:
        rows = session.scalars(select(Config))
        kept.append(next(rows))
        kept.append(rows)
    add(store, "c")
    store.restore(store.snapshot())
    assert count(store) == 3


def test_two_hundred_writers_lose_nothing(store: Store) -> None:
    add(store, "counter")
    errors: list[Exception] = []

    def raise_counter() -> None:
        try:
            with store.writing() as session:
                row = session.get_one(Config, ("core", "counter"))
                row.value = str(int(row.value) + 1)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=raise_counter) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    with store.reading() as session:
        assert session.get_one(Config, ("core", "counter")).value == "201"


def test_a_database_file_outlives_its_store(tmp_path: Path) -> None:
    first = Store(tmp_path / "kept.sqlite")
    first.create_tables()
    add(first, "a")
    first.close()
    assert count(Store(tmp_path / "kept.sqlite")) == 1
