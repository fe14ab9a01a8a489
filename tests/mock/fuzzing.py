"""What the tests with random requests share: how many, of what, and when a site counts as unbroken.

`FUZZ_EXAMPLES=10000 pytest tests/mock -k fuzz` asks every endpoint so often; the usual run asks a few times.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from mock.campus import Campus
from sqlalchemy import text

from mock_moodle.app import create_app
from mock_moodle.control.api import Control
from mock_moodle.world.load import World

Pairs = list[tuple[str, str]]

WORDS = (
    "", "0", "1", "2", "3", "-1", "true", "on", "x", "admin", "anna", "anna@example.com", "1e9", "1e309", "NaN",
    "9" * 30, "<b>", "%", "\x00", "' OR 1=1 --", "a b&c=d", "😀", "[]", "{}", "2026-02-30", "javascript:alert(1)",
)  # fmt: skip
SCALARS = st.one_of(st.integers(-3, 9).map(str), st.sampled_from(WORDS), st.text(max_size=8))


def examples(usually: int) -> Callable[[Any], Any]:
    """Hypothesis' settings: FUZZ_EXAMPLES requests, `usually` many without it."""
    return settings(
        max_examples=int(os.environ.get("FUZZ_EXAMPLES", usually)),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def pairs_of(names: st.SearchStrategy[str], *, at_most: int = 6) -> st.SearchStrategy[Pairs]:
    return st.lists(st.tuples(names, SCALARS), max_size=at_most)


def assert_unbroken(campus: Campus) -> None:
    """No row points to one that is gone, and what the site holds can be exported and loaded."""
    with campus.site.visit(write=False) as visit:
        assert visit.session.execute(text("PRAGMA foreign_key_check")).all() == []
    assert campus.visitor().get("/").status == 200
    exported = Control.of(campus.app).export()
    campus.site.reset()
    if exported != Control.of(campus.app).export():
        again = create_app(World(exported), wwwroot=campus.site.wwwroot)
        assert Control.of(again).export() == exported
        close(again)


def close(app: Flask) -> None:
    app.extensions["mock_moodle"].store.close()
