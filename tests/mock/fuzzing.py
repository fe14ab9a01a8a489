"""What the tests with random requests share: values, how many of them, and when a site counts as unbroken.

`FUZZ_EXAMPLES=10000 pytest tests/mock -k fuzz -rP` asks every endpoint so often; the usual run asks a few times. Each
example is a handful of requests in a row to the site as it was loaded, so that one may stumble over what another left
behind, and a failure shrinks to the requests that it takes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar
from zlib import crc32

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mock.campus import Campus
from sqlalchemy import text

from contract.webservice import Multiple, Presence, Schema, Value
from mock_moodle.control.api import Control
from mock_moodle.world.state import Rows, rows_by_table

Request = TypeVar("Request")
Pairs = list[tuple[str, str]]

ASKED = int(os.environ.get("FUZZ_EXAMPLES", "0"))
IN_A_ROW = 20 if ASKED else 3
EXPORTED = 64
"""One example in so many ends with an export, which is loaded."""
WORDS = (
    "", "0", "1", "2", "3", "-1", "true", "on", "x", "admin", "anna", "anna@example.com", "1e9", "1e309", "NaN",
    "9" * 30, "<b>", "%", "\x00", "\x08", "' OR 1=1 --", "a b&c=d", "😀", "[]", "{}", "2026-02-30",
    "javascript:alert(1)", "1,2", "a" * 300,
)  # fmt: skip
SCALARS = st.one_of(st.integers(-3, 9).map(str), st.sampled_from(WORDS), st.text(max_size=8))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 4), st.sampled_from([1e300, 2**70, -1.5]), SCALARS),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(SCALARS, inner, max_size=2)),
    max_leaves=6,
)
NUMBERS = st.integers(0, 4).map(str)


def ask_at_random(
    campus: Campus,
    requests: st.SearchStrategy[Request],
    ask: Callable[[Request], object],
    *,
    usually: int = 15,
    share: int = 1,
) -> None:
    """Asks FUZZ_EXAMPLES times, `usually` many without it; `share` tests ask the same endpoint."""
    control, asked = Control.of(campus.app), 0
    began = control.clock.time()

    @settings(
        max_examples=-(-(ASKED // share or usually) // IN_A_ROW),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(requests, min_size=IN_A_ROW, max_size=IN_A_ROW))
    def ask_in_a_row(in_a_row: list[Request]) -> None:
        nonlocal asked
        control.reset()
        control.seed(1)
        control.clock.freeze(began)
        for request in in_a_row:
            ask(request)
            asked += 1
        control.faults.clear()
        control.recorder.stop()
        # By the requests, so that a failure found again exports again; a number drawn would be 1 in 64 only at first,
        # for Hypothesis varies the rest of an example and keeps its numbers.
        assert_unbroken(campus, exported=crc32(repr(in_a_row).encode()) % EXPORTED == 0)

    ask_in_a_row()
    print(f"{asked} requests")  # -rP shows it


def assert_unbroken(campus: Campus, *, exported: bool) -> None:
    """No row points to one that is gone; the front page is there; the site's export, loaded, holds the same."""
    with campus.site.visit(write=False) as visit:
        assert visit.session.execute(text("PRAGMA foreign_key_check")).all() == []
    if exported:
        assert campus.visitor().get("/").status == 200
        again = Campus(Control.of(campus.app).export())
        assert rows(again) == rows(campus)
        close(again.app)


def fitting(schema: Schema) -> st.SearchStrategy[object]:
    """Values that mostly fit a signature, as text, lists and objects."""
    if isinstance(schema, Value):
        return NUMBERS | SCALARS if schema.type in ("int", "bool", "float") else SCALARS
    if isinstance(schema, Multiple):
        return st.lists(fitting(schema.content), max_size=2)
    return arguments(schema.keys)


def arguments(schemas: dict[str, Schema]) -> st.SearchStrategy[dict[str, object]]:
    """The same for parameters by name; what may be left out often is, and now and then anything is, or is no fit."""
    fit = {name: fitting(schema) for name, schema in schemas.items()}
    optional = {name: fit[name] for name, schema in schemas.items() if schema.presence is not Presence.REQUIRED}
    required = {name: fit[name] for name in fit if name not in optional}
    return st.fixed_dictionaries(required, optional=optional) | st.fixed_dictionaries(
        {}, optional={name: values | SCALARS for name, values in fit.items()}
    )


def pairs_of(names: st.SearchStrategy[str], *, at_most: int = 6) -> st.SearchStrategy[Pairs]:
    return st.lists(st.tuples(names, SCALARS), max_size=at_most)


def rows(campus: Campus) -> Rows:
    """All that the site keeps."""
    with campus.site.visit(write=False):
        return rows_by_table()


def close(app: Flask) -> None:
    app.extensions["mock_moodle"].store.close()
