"""Random requests to the controls: a mistake is told in one line, and a reset always leads back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import strategies as st
from mock.campus import ROOT, SUCCESSOR, Campus, world
from mock.fuzzing import JSON, SCALARS, ask_at_random, close

STEP = {
    "status": st.one_of(st.sampled_from([200, 503, 0, -1, 1000]), JSON),
    "body": JSON,
    "content_type": JSON,
    "truncate": JSON,
    "drop": st.booleans(),
    "expire_token": JSON,
}
FAULT = {**STEP, "path": JSON, "function": JSON, "method": JSON, "times": JSON, "repeat": JSON, "steps": JSON}
RECORDED = {"method": JSON, "path": JSON, "parameters": JSON, "status": JSON, "headers": JSON, "body": JSON}
BODIES = {
    "clock": st.fixed_dictionaries({}, optional={"freeze": JSON, "travel": JSON, "run": JSON}),
    "seed": st.fixed_dictionaries({}, optional={"seed": JSON}),
    "faults": st.fixed_dictionaries({}, optional=FAULT),
    "functions/core_webservice_get_site_info": st.fixed_dictionaries(
        {}, optional={"answer": JSON, "errorcode": JSON, "message": JSON}
    ),
    "recorder": st.one_of(
        st.fixed_dictionaries({"upstream": st.sampled_from(["http://127.0.0.1:1", "", "x", "http://", 7, None])}),
        st.fixed_dictionaries({"recording": st.one_of(JSON, st.lists(st.fixed_dictionaries(RECORDED), max_size=2))}),
    ),
    "world": st.dictionaries(st.sampled_from(["users", "courses", "site", "tokens", "questions"]), JSON, max_size=2),
    "snapshots/one": JSON,
    "snapshots/one/restore": JSON,
    "journal": JSON,
    "journal/count": JSON,
    "journal/wait": JSON,
    "reset": JSON,
}
FILTERS = st.dictionaries(
    st.sampled_from(["limit", "count", "path", "function", "status", "after", "method", "wsfunction"]), SCALARS
)


@pytest.fixture(scope="module")
def campus() -> Iterator[Campus]:
    campus = Campus(world(SUCCESSOR), control=True)
    yield campus
    close(campus.app)


@pytest.mark.parametrize("address", BODIES)
def test_a_control_is_never_a_traceback(campus: Campus, address: str) -> None:
    client = campus.visitor().client

    def ask(asked: tuple[str, Any, dict[str, str]]) -> None:
        method, body, filters = asked
        path = f"/__mock__/{address}"
        answer = client.open(path, method=method, json=body, query_string={"timeout": "0", **filters})
        assert answer.status_code < 500
        if answer.status_code in (400, 408):
            told = json.loads(answer.data)["error"]
            assert told
            assert "\n" not in told

    methods = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"])
    ask_at_random(campus, st.tuples(methods, BODIES[address], FILTERS), ask, usually=24)


def test_what_was_set_up_at_random_still_answers(campus: Campus) -> None:
    """A fault, a canned answer or a recording that was taken is also one that can be played."""
    client = campus.visitor().client

    def ask(control: tuple[str, Any]) -> None:
        client.post("/__mock__/reset")
        taken = client.post(f"/__mock__/{control[0]}", json=control[1])
        try:
            answer = client.get("/login/index.php", base_url=ROOT)
        except ConnectionError:
            return  # dropped or broken off, as asked
        if taken.status_code != 200:
            assert answer.status_code == 200
        journal = client.get("/__mock__/journal").json
        assert [each["path"] for each in journal] == ["/login/index.php"]

    controls = [st.tuples(st.just(name), BODIES[name]) for name in ("faults", "recorder", "clock")]
    ask_at_random(campus, st.one_of(controls), ask, usually=99)
