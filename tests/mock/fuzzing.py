"""What the tests with random requests share: how many, of what, and when a site counts as unbroken.

`FUZZ_EXAMPLES=10000 pytest tests/mock -k fuzz` asks every endpoint so often; the usual run asks a few times.
Signatures and forms are filled in by a plain random generator, which costs a tenth of what Hypothesis takes; bodies of
free shape are Hypothesis' own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from mock.campus import Campus
from sqlalchemy import text

from mock_moodle.control.api import Control
from mock_moodle.world.state import Rows, rows_by_table

Pairs = list[tuple[str, str]]

ASKED = int(os.environ.get("FUZZ_EXAMPLES", "0"))
WORDS = (
    "", "0", "1", "2", "3", "-1", "true", "on", "x", "admin", "anna", "anna@example.com", "1e9", "1e309", "NaN",
    "9" * 30, "<b>", "%", "\x00", "\x08", "' OR 1=1 --", "a b&c=d", "😀", "[]", "{}", "2026-02-30",
    "javascript:alert(1)", "1,2", "a" * 300,
)  # fmt: skip
SCALARS = st.one_of(st.integers(-3, 9).map(str), st.sampled_from(WORDS), st.text(max_size=8))


def examples(usually: int) -> Callable[[Any], Any]:
    """Hypothesis' settings: FUZZ_EXAMPLES requests, `usually` many without it."""
    return settings(max_examples=ASKED or usually, deadline=None, suppress_health_check=list(HealthCheck))


def dice(usually: int, *, share: int = 1) -> Iterator[Dice]:
    """As many throws, each repeatable by its number; `share` tests ask the same endpoint."""
    for number in range(ASKED // share or usually):
        yield Dice(number)


class Dice(Random):
    """Random values of requests. Its number stands in a failure's message."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def scalar(self, likely: Sequence[str] = WORDS) -> str:
        kind = self.random()
        if kind < 0.3:
            return str(self.randint(-3, 9))
        if kind < 0.9:
            return self.choice(likely if kind < 0.7 else WORDS)
        return "".join(chr(self.randint(1, 0x2FF)) for _ in range(self.randint(0, 8)))

    def flip(self) -> bool:
        return self.random() < 0.5


def pairs_of(names: st.SearchStrategy[str], *, at_most: int = 6) -> st.SearchStrategy[Pairs]:
    return st.lists(st.tuples(names, SCALARS), max_size=at_most)


def assert_unbroken(campus: Campus) -> None:
    """No row points to one that is gone; after a long run, the site's export is loaded and holds the same."""
    with campus.site.visit(write=False) as visit:
        assert visit.session.execute(text("PRAGMA foreign_key_check")).all() == []
    assert campus.visitor().get("/").status == 200
    if ASKED:
        again = Campus(Control.of(campus.app).export())
        assert rows(again) == rows(campus)
        close(again.app)


def rows(campus: Campus) -> Rows:
    """All that the site keeps."""
    with campus.site.visit(write=False):
        return rows_by_table()


def close(app: Flask) -> None:
    app.extensions["mock_moodle"].store.close()
