"""Random requests to web services: nothing that Moodle would not answer, and no state broken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import strategies as st
from mock.campus import PASSWORD, ROOT, SUCCESSOR, Browser, Campus, flat, world
from mock.fuzzing import JSON, WORDS, Pairs, arguments, ask_at_random, close, pairs_of

from mock_moodle.app import import_packages
from mock_moodle.webservice.registry import FUNCTIONS

import_packages()

NAMES = sorted(FUNCTIONS)
OFFERED_TO_PAGES = [name for name in NAMES if FUNCTIONS[name].ajax]
TOKENS = {"admin": "0" * 32, "anna": "1" * 32}
FORM = "application/x-www-form-urlencoded"
NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Moodle, too, sends these as they are."""
SERVER = "/webservice/rest/server.php"
BROKEN_IN_MOODLE = ("core_group_create_groupings",)
"""Without an idnumber Moodle's own answer breaks its signature."""


def school() -> dict[str, Any]:
    """One service with every function, and an administrator's and a student's token for it."""
    spec = world(SUCCESSOR, availability=None)
    spec["services"].append({"name": "All", "functions": NAMES, "uploadfiles": True, "downloadfiles": True})
    spec["tokens"] += [{"token": token, "user": user, "service": "All"} for user, token in TOKENS.items()]
    return spec


@pytest.fixture(scope="module")
def campus() -> Iterator[Campus]:
    campus = Campus(school())
    for token in TOKENS.values():
        campus.call("core_webservice_get_site_info", token)
    campus.site.initial = campus.site.store.snapshot()  # a first call is noted at the token
    yield campus
    close(campus.app)


def post(campus: Campus, pairs: Pairs, address: str = SERVER) -> Any:
    form = "&".join(f"{quote(name, safe='')}={quote(value, safe='', errors='replace')}" for name, value in pairs)
    return Browser(campus.app).client.post(address, data=form, content_type=FORM)


@pytest.mark.parametrize("name", NAMES)
def test_a_function_answers_in_both_formats(campus: Campus, name: str) -> None:
    sent = arguments(FUNCTIONS[name].parameters or {}).map(lambda given: list(flat(given).items()))

    def ask(call: tuple[str, Pairs, Pairs, str]) -> None:
        token, fitting, more, output = call
        asked = [("wstoken", token), ("wsfunction", name), *fitting, *more]
        answer = post(campus, [*asked, ("moodlewsrestformat", output)])
        assert answer.status_code == 200
        if output == "xml":
            root = fromstring(NO_XML.sub("", answer.text).encode())
            assert root.tag in ("RESPONSE", "EXCEPTION")
            errorcode = root.findtext("ERRORCODE")
        else:
            said = json.loads(answer.data)
            errorcode = said["errorcode"] if isinstance(said, dict) and "exception" in said else None
        assert errorcode != "invalidresponse" or name in BROKEN_IN_MOODLE, f"it broke its own signature: {answer.text}"

    names = st.sampled_from([*(FUNCTIONS[name].parameters or {}), "x", "x[0]", "moodlewssettingfilter"])
    calls = st.tuples(
        st.sampled_from(sorted(TOKENS.values())),
        sent,
        pairs_of(names, at_most=1),
        st.sampled_from(["json", "json", "json", "xml"]),
    )
    ask_at_random(campus, calls, ask)


@pytest.mark.parametrize("address", [SERVER, "/webservice/upload.php", "/login/token.php"])
def test_any_form_is_answered(campus: Campus, address: str) -> None:
    def ask(pairs: Pairs) -> None:
        answer = post(campus, pairs, address)
        assert answer.status_code == 200
        assert b"error" in answer.data.lower()

    ask_at_random(campus, pairs_of(st.text(max_size=20)), ask, usually=50)


@pytest.mark.parametrize("address", [SERVER, "/webservice/upload.php", "/login/token.php", "/lib/ajax/service.php"])
def test_any_bytes_are_answered(campus: Campus, address: str) -> None:
    def ask(sent: tuple[bytes, str]) -> None:
        answer = Browser(campus.app).client.post(address, data=sent[0], content_type=sent[1])
        assert answer.status_code == 200

    types = st.sampled_from([FORM, "multipart/form-data; boundary=x", "application/json", ""])
    ask_at_random(campus, st.tuples(st.binary(max_size=200), types), ask, usually=30)


def test_a_token_is_only_for_those_who_sign_in(campus: Campus) -> None:
    def ask(asked: tuple[str, Pairs]) -> None:
        right = ("password", PASSWORD), ("service", "moodle_mobile_app")
        said = json.loads(post(campus, [("username", asked[0]), *right, *asked[1]], "/login/token.php").data)
        assert ("token" in said) + ("errorcode" in said) + ("appsitecheck" in said) == 1

    names = st.sampled_from(["username", "password", "service", "appsitecheck", "username[]"])
    people = st.sampled_from(["anna", "admin", "Anna ", "guest", "nobody"])
    ask_at_random(campus, st.tuples(people, pairs_of(names)), ask, usually=50)


def test_whatever_is_uploaded_can_be_fetched(campus: Campus) -> None:
    def send(sent: tuple[Pairs, list[tuple[str, bytes]]]) -> None:
        data: dict[str, Any] = {"token": TOKENS["anna"], **dict(sent[0])}
        data |= {f"file_{number}": (BytesIO(content), name) for number, (name, content) in enumerate(sent[1])}
        client = Browser(campus.app).client
        answer = client.post("/webservice/upload.php", data=data)
        assert answer.status_code == 200
        said = json.loads(answer.data)
        for stored in said if isinstance(said, list) else []:
            if "error" in stored:
                continue
            assert campus.call("core_user_add_user_private_files", TOKENS["anna"], draftid=stored["itemid"]) is None
            path = f"{stored['contextid']}/user/private{stored['filepath']}{stored['filename']}"
            found = client.get(f"/webservice/pluginfile.php/{quote(path)}?token={TOKENS['anna']}")
            assert found.status_code == 200, path
            assert len(found.data) == stored["filesize"]

    names = st.sampled_from(["itemid", "filepath", "filearea", "qformat", "token"])
    filenames = st.one_of(st.sampled_from([*WORDS, "../../x", "a/b", "a.png", ".", "/"]), st.text(max_size=9))
    files = st.lists(st.tuples(filenames, st.binary(max_size=9)), max_size=2)
    ask_at_random(campus, st.tuples(pairs_of(names, at_most=3), files), send, usually=50)


def ask_as_a_page(campus: Campus, calls: st.SearchStrategy[Any], *, usually: int = 15, login: bool = True) -> None:
    """As the script of a page that Anna has open."""
    campus.site.reset()
    anna = campus.sign_in("anna")
    address = f"/lib/ajax/service.php?sesskey={anna.sesskey()}" if login else "/lib/ajax/service-nologin.php"
    loaded, campus.site.initial = campus.site.initial, campus.site.store.snapshot()  # a reset leaves her signed in

    def ask(body: Any) -> None:
        answer = anna.client.post(address, json=body, base_url=ROOT)
        assert answer.status_code == 200
        assert isinstance(json.loads(answer.data), (list, dict))

    try:
        ask_at_random(campus, calls, ask, usually=usually)
    finally:
        campus.site.initial = loaded


@pytest.mark.parametrize("login", [True, False])
def test_pages_may_ask_anything_as_json(campus: Campus, login: bool) -> None:
    call = st.fixed_dictionaries({"index": st.integers(0, 3), "methodname": st.sampled_from(NAMES), "args": JSON})
    ask_as_a_page(campus, JSON | st.lists(call | JSON, min_size=1, max_size=3), usually=50, login=login)


@pytest.mark.parametrize("name", OFFERED_TO_PAGES)
def test_a_pages_script_may_send_any_arguments(campus: Campus, name: str) -> None:
    """JSON has numbers, lists and nulls where a form has text."""
    parameters = FUNCTIONS[name].parameters or {}
    sent = arguments(parameters) | st.fixed_dictionaries({}, optional=dict.fromkeys(parameters, JSON))
    ask_as_a_page(campus, sent.map(lambda given: [{"index": 0, "methodname": name, "args": given}]))
