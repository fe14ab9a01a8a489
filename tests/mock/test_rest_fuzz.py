"""Random requests: nothing that Moodle would not answer, and no state broken.

`FUZZ_EXAMPLES=10000 pytest tests/mock/test_rest_fuzz.py` is the long run.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any
from urllib.parse import quote

from defusedxml.ElementTree import fromstring
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.webservice import Multiple, Schema, Single, Value
from mock_moodle.app import create_app, import_packages
from mock_moodle.site import Site
from mock_moodle.testing import STARTER
from mock_moodle.webservice.registry import FUNCTIONS
from mock_moodle.world.load import World

import_packages()

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
TOKEN = "0" * 32
WORLD: dict[str, Any] = {
    **STARTER,
    "courses": [
        {
            "shortname": "algebra",
            "fullname": "Algebra",
            "enrolments": [{"user": "admin", "role": "editingteacher"}],
            "sections": [
                {
                    "section": 0,
                    "modules": [
                        {"modname": "quiz", "name": "Exam", "questions": ["moon"]},
                        {"modname": "forum", "name": "Talk"},
                        {"modname": "assign", "name": "Essay"},
                    ],
                }
            ],
        }
    ],
    "services": [
        *STARTER["services"],
        {"name": "All", "functions": sorted(name for name in FUNCTIONS), "uploadfiles": True, "downloadfiles": True},
    ],
    "tokens": [{"token": TOKEN, "user": "admin", "service": "All"}],
}


@cache
def site() -> tuple[Site, FlaskClient]:
    app = create_app(World(WORLD))
    return app.extensions["mock_moodle"], app.test_client()


SCALARS = st.one_of(
    st.integers(-3, 9).map(str),
    st.sampled_from(["", "0", "1", "true", "abc", "1e9", "9" * 30, "<b>", "%"]),
    st.text(max_size=8),
)


def values_of(schema: Schema, name: str) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Form pairs that mostly fit a signature."""
    if isinstance(schema, Value):
        likely = {"int": st.integers(0, 4).map(str), "bool": st.sampled_from(["0", "1"])}.get(schema.type, SCALARS)
        return st.one_of(likely, SCALARS).map(lambda value: [(name, value)])
    if isinstance(schema, Multiple):
        return st.integers(0, 2).flatmap(
            lambda count: merged([values_of(schema.content, f"{name}[{index}]") for index in range(count)])
        )
    return merged([values_of(inner, f"{name}[{key}]") for key, inner in schema.keys.items()])


def merged(parts: list[st.SearchStrategy[list[tuple[str, str]]]]) -> st.SearchStrategy[list[tuple[str, str]]]:
    return st.tuples(*(st.one_of(part, part, st.just([])) for part in parts)).map(
        lambda each: [pair for pairs in each for pair in pairs]
    )


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    name = draw(st.sampled_from(sorted(FUNCTIONS)))
    parameters = FUNCTIONS[name].parameters or {}
    pairs = draw(merged([values_of(schema, key) for key, schema in parameters.items()]))
    return name, pairs


def post(pairs: list[tuple[str, str]]) -> Any:
    form = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    return site()[1].post("/webservice/rest/server.php", data=form, content_type="application/x-www-form-urlencoded")


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(calls())
def test_every_function_answers_in_both_formats(call: tuple[str, list[tuple[str, str]]]) -> None:
    name, pairs = call
    started = [("wstoken", TOKEN), ("wsfunction", name)]
    site()[0].reset()
    answer = post([*started, ("moodlewsrestformat", "json"), *pairs])
    assert answer.status_code == 200
    said = json.loads(answer.data)
    if isinstance(said, dict) and "exception" in said:
        assert {"exception", "errorcode", "message"} <= set(said)
        assert said["errorcode"] != "invalidresponse", f"{name} broke its own signature: {said}"
    assert fromstring(post([*started, *pairs]).text.encode()).tag in ("RESPONSE", "EXCEPTION")


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=6))
def test_any_form_is_answered(pairs: list[tuple[str, str]]) -> None:
    answer = post(pairs)
    assert answer.status_code == 200
    assert b"invalidtoken" in answer.data


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_answered(body: bytes) -> None:
    answer = site()[1].post("/webservice/rest/server.php", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200


PAGES = ("/login/index.php", "/login/token.php", "/login/logout.php", "/course/view.php", "/lib/ajax/service.php")


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.sampled_from(PAGES), st.dictionaries(st.sampled_from(["id", "sesskey", "testsession", "username"]), SCALARS))
def test_pages_do_not_crash(path: str, values: dict[str, str]) -> None:
    for ask in (site()[1].get, site()[1].post):
        assert ask(path, query_string=values).status_code < 500


def test_no_signature_is_without_a_name_for_its_list() -> None:
    for name, function in FUNCTIONS.items():
        assert function.parameters is not None, name
        assert all(isinstance(schema, (Value, Single, Multiple)) for schema in function.parameters.values()), name
