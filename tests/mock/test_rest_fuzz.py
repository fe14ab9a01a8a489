"""Random requests to web services: nothing that Moodle would not answer, and no state broken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st
from mock.campus import PASSWORD, ROOT, SUCCESSOR, Browser, Campus, world
from mock.fuzzing import SCALARS, WORDS, Dice, Pairs, assert_unbroken, close, dice, examples, pairs_of

from contract.webservice import Multiple, Schema, Single, Value
from mock_moodle.app import import_packages
from mock_moodle.webservice.registry import FUNCTIONS

import_packages()

NAMES = sorted(FUNCTIONS)
TOKENS = {"admin": "0" * 32, "anna": "1" * 32}
FORM = "application/x-www-form-urlencoded"
NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Moodle, too, sends these as they are."""
SERVER = "/webservice/rest/server.php"


def school() -> dict[str, Any]:
    """One service with every function, and an administrator's and a student's token for it."""
    spec = world(SUCCESSOR, availability=None)
    spec["services"].append({"name": "All", "functions": NAMES, "uploadfiles": True, "downloadfiles": True})
    spec["tokens"] += [{"token": token, "user": user, "service": "All"} for user, token in TOKENS.items()]
    return spec


@pytest.fixture(scope="module")
def campus() -> Iterator[Campus]:
    campus = Campus(school())
    yield campus
    close(campus.app)


def post(campus: Campus, pairs: Pairs, address: str = SERVER) -> Any:
    form = "&".join(f"{quote(name, safe='')}={quote(value, safe='', errors='replace')}" for name, value in pairs)
    return Browser(campus.app).client.post(address, data=form, content_type=FORM)


def fill(schema: Schema, name: str, dice: Dice) -> Pairs:
    """Form pairs that mostly fit a signature."""
    if isinstance(schema, Value):
        if dice.random() < 0.6 and schema.type in ("int", "bool"):
            return [(name, str(dice.randint(0, 4 if schema.type == "int" else 1)))]
        return [(name, dice.scalar())]
    if isinstance(schema, Multiple):
        indexes = range(dice.randint(0, 2))
        return [pair for index in indexes for pair in fill(schema.content, f"{name}[{index}]", dice)]
    return fill_all({f"{name}[{key}]": inner for key, inner in schema.keys.items()}, dice)


def fill_all(schemas: Mapping[str, Schema], dice: Dice) -> Pairs:
    """Most of them: some are left out, whether they may or not."""
    return [pair for name, schema in schemas.items() if dice.random() < 0.8 for pair in fill(schema, name, dice)]


@pytest.mark.parametrize("name", NAMES)
def test_a_function_answers_in_both_formats(campus: Campus, name: str) -> None:
    function = FUNCTIONS[name]
    campus.site.reset()
    for throw in dice(5):
        if function.type == "write":
            campus.site.reset()
        token = throw.choice(sorted(TOKENS.values()))
        asked = [("wstoken", token), ("wsfunction", name), *fill_all(function.parameters or {}, throw)]
        if throw.random() < 0.25:
            xml = NO_XML.sub("", post(campus, asked).text)
            assert fromstring(xml.encode()).tag in ("RESPONSE", "EXCEPTION"), asked
        answer = post(campus, [*asked, ("moodlewsrestformat", "json")])
        assert answer.status_code == 200, asked
        said = json.loads(answer.data)
        if isinstance(said, dict) and "exception" in said:
            assert {"exception", "errorcode", "message"} <= set(said), asked
            assert said["errorcode"] != "invalidresponse", f"{asked} broke its own signature: {said}"
    assert_unbroken(campus)


@pytest.mark.parametrize("address", [SERVER, "/webservice/upload.php", "/login/token.php"])
def test_any_form_is_answered(campus: Campus, address: str) -> None:
    @examples(50)
    @given(pairs_of(st.text(max_size=20)))
    def ask(pairs: Pairs) -> None:
        answer = post(campus, pairs, address)
        assert answer.status_code == 200
        assert b"error" in answer.data.lower()

    campus.site.reset()
    ask()


@pytest.mark.parametrize("address", [SERVER, "/webservice/upload.php", "/login/token.php", "/lib/ajax/service.php"])
def test_any_bytes_are_answered(campus: Campus, address: str) -> None:
    @examples(30)
    @given(st.binary(max_size=200), st.sampled_from([FORM, "multipart/form-data; boundary=x", "application/json", ""]))
    def ask(body: bytes, content_type: str) -> None:
        answer = Browser(campus.app).client.post(address, data=body, content_type=content_type)
        assert answer.status_code == 200

    campus.site.reset()
    ask()


def test_a_token_is_only_for_those_who_sign_in(campus: Campus) -> None:
    names = st.sampled_from(["username", "password", "service", "appsitecheck", "username[]"])

    @examples(100)
    @given(pairs_of(names), st.sampled_from(["anna", "admin", "Anna ", "guest", "nobody"]))
    def ask(pairs: Pairs, username: str) -> None:
        right = ("password", PASSWORD), ("service", "moodle_mobile_app")
        said = json.loads(post(campus, [("username", username), *right, *pairs], "/login/token.php").data)
        assert ("token" in said) + ("errorcode" in said) + ("appsitecheck" in said) == 1

    campus.site.reset()
    ask()
    assert_unbroken(campus)


def test_whatever_is_uploaded_can_be_fetched(campus: Campus) -> None:
    names = st.sampled_from(["itemid", "filepath", "filearea", "qformat", "token"])
    filenames = st.one_of(st.sampled_from([*WORDS, "../../x", "a/b", "a.png", ".", "/"]), st.text(max_size=9))

    @examples(60)
    @given(pairs_of(names, at_most=3), st.lists(st.tuples(filenames, st.binary(max_size=9)), max_size=2))
    def send(pairs: Pairs, files: list[tuple[str, bytes]]) -> None:
        data: dict[str, Any] = {"token": TOKENS["anna"], **dict(pairs)}
        data |= {f"file_{number}": (BytesIO(content), name) for number, (name, content) in enumerate(files)}
        client = Browser(campus.app).client
        answer = client.post("/webservice/upload.php", data=data)
        assert answer.status_code == 200
        said = json.loads(answer.data)
        for stored in said if isinstance(said, list) else []:
            if "error" in stored:
                continue
            path = f"{stored['contextid']}/user/draft/{stored['itemid']}{stored['filepath']}{stored['filename']}"
            found = client.get(f"/webservice/pluginfile.php/{quote(path)}?token={TOKENS['anna']}")
            assert found.status_code == 200, path
            assert len(found.data) == stored["filesize"]

    campus.site.reset()
    send()
    assert_unbroken(campus)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 4), st.sampled_from([1e300, 2**70]), SCALARS),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(SCALARS, inner, max_size=2)),
    max_leaves=6,
)


def test_pages_may_ask_anything_as_json(campus: Campus) -> None:
    call = st.fixed_dictionaries({"index": st.integers(0, 3), "methodname": st.sampled_from(NAMES), "args": JSON})
    asked = st.one_of(JSON, st.lists(st.one_of(call, JSON), min_size=1, max_size=3))
    campus.site.reset()
    anna = campus.sign_in("anna")
    addresses = [f"/lib/ajax/service.php?sesskey={anna.sesskey()}", "/lib/ajax/service-nologin.php"]

    @examples(150)
    @given(asked, st.sampled_from(addresses))
    def ask(body: Any, address: str) -> None:
        answer = anna.client.post(address, json=body, base_url=ROOT)
        assert answer.status_code == 200
        assert isinstance(json.loads(answer.data), (list, dict))

    ask()
    assert_unbroken(campus)


def test_a_pages_script_may_send_any_arguments(campus: Campus) -> None:
    """JSON has numbers, lists and nulls where a form has text."""
    campus.site.reset()
    anna = campus.sign_in("anna")
    address = f"/lib/ajax/service.php?sesskey={anna.sesskey()}"

    def arguments(name: str) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({}, optional=dict.fromkeys(FUNCTIONS[name].parameters or {}, JSON))

    offered = [name for name in NAMES if FUNCTIONS[name].ajax]

    @examples(150)
    @given(st.sampled_from(offered).flatmap(lambda name: st.tuples(st.just(name), arguments(name))))
    def ask(call: tuple[str, dict[str, Any]]) -> None:
        answer = anna.client.post(address, json=[{"index": 0, "methodname": call[0], "args": call[1]}], base_url=ROOT)
        assert answer.status_code == 200
        said = json.loads(answer.data)
        assert isinstance(said, list), said
        assert len(said) == 1

    ask()
    assert_unbroken(campus)


def test_no_signature_is_without_a_name_for_its_list() -> None:
    for name, function in FUNCTIONS.items():
        assert function.parameters is not None, name
        assert all(isinstance(schema, (Value, Single, Multiple)) for schema in function.parameters.values()), name
