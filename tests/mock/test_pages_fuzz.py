"""Whatever is sent to a page, it answers as Moodle would: never with a server error, never with a broken site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import Tag
from hypothesis import given
from hypothesis import strategies as st
from mock.campus import STUDENT_TOKEN, SUCCESSOR, V08, Browser, Campus, shown_fields, world
from mock.fuzzing import SCALARS, assert_unbroken, close, examples

from mock_moodle.app import create_app

OWN_TESTS = ("/webservice/", "/lib/ajax/", "/__mock__/", "/theme/<path", "/theme/bootstrap")
"""Addresses that are asked elsewhere, or are files."""
NAMES = (
    "id", "q", "cmid", "attempt", "page", "thispage", "nextpage", "finishattempt", "timeup", "next", "previous",
    "slots", "section", "action", "webservice", "roleid", "contextid", "resettype", "archetype", "shortname",
    "savechanges", "addselect[]", "removeselect[]", "add", "remove", "fids[]", "user", "service", "tokenid",
    "users[]", "services[]", "validuntil[enabled]", "validuntil[day]", "validuntil[month]", "validuntil[year]",
    "username", "email", "update", "name", "availabilityconditionsjson", "timeopen[enabled]", "timeopen[day]",
    "timelimit[number]", "timelimit[enabled]", "courseid", "status", "userquery", "from", "to", "to[day]",
    "force", "accesscode", "proof", "plain", "begin", "expires", "signature", "client_id", "redirect_uri",
    "response_type", "scope", "state", "grant_type", "code", "client_secret", "access_token", "refresh_token",
    "prompt", "submitbutton", "cancel", "attemptid[]", "q1:1_answer", "q1:1_:sequencecheck", "slot", "mark",
    "s__enablewebservices", "s_availability_examus_retention[v]", "returnto", "imagefile", "quizpassword",
    "logintoken", "password", "testsession", "setmode", "pageurl", "code_challenge", "code_challenge_method",
)  # fmt: skip
WORDS = (
    "edit", "add", "show", "renew", "del", "delete", "create", "engine", "engine-secret", "code", "user_info",
    "openid", "authorization_code", "client_credentials", "http://engine.test/callback", "optionalsubsystems",
    "availabilitysettingexamus", "<script>", '{"op":"&","c":[]}', '{"op":"&","c":[{"type":"x"}]}',
)  # fmt: skip
VALUES = st.one_of(SCALARS, st.sampled_from(WORDS))
FIELDS = st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, min_size=1, max_size=2), max_size=6)
SITES = {"successor": SUCCESSOR, "v08": V08}
ADDRESSES = sorted({rule.rule for rule in create_app().url_map.iter_rules() if not rule.rule.startswith(OWN_TESTS)})


@dataclass
class Visited:
    """A site, and the browsers of those who are signed in there."""

    campus: Campus
    browsers: dict[str, Browser]
    sesskeys: dict[str, str]


@pytest.fixture(scope="module", params=SITES)
def visited(request: pytest.FixtureRequest) -> Iterator[Visited]:
    spec = world(SITES[request.param])
    spec["site"]["settings"] |= {"local_oauth/openid": True, "local_oauth/strict": request.param == "successor"}
    campus = Campus(spec)
    campus.exams("anna")
    campus.call("mod_quiz_start_attempt", quizid=2, token=STUDENT_TOKEN)
    browsers = {name: campus.sign_in(name) for name in ("admin", "anna")}
    sesskeys = {name: browser.sesskey() for name, browser in browsers.items()}
    campus.site.initial = campus.site.store.snapshot()  # a reset leaves them signed in
    yield Visited(campus, browsers | {"visitor": campus.visitor()}, sesskeys)
    close(campus.app)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_breaks(visited: Visited, address: str) -> None:
    @examples(6)
    @given(st.sampled_from(sorted(visited.browsers)), FIELDS, st.booleans(), st.booleans(), st.data())
    def ask(name: str, fields: dict[str, Any], signed: bool, posted: bool, data: st.DataObject) -> None:
        path, browser = filled(address, data), visited.browsers[name]
        if signed:
            fields["sesskey"] = [visited.sesskeys.get(name, "x")]
        page = browser.post(path, **fields) if posted else browser.get(path, **fields)
        assert page.status < 500

    visited.campus.site.reset()
    ask()
    assert_unbroken(visited.campus)


FORMS = (
    ("visitor", "/login/index.php"),
    ("admin", "/user/editadvanced.php?id=-1"),
    ("admin", "/user/editadvanced.php?id=3"),
    ("admin", "/admin/roles/define.php?action=add&resettype=student"),
    ("admin", "/admin/roles/define.php?action=edit&roleid=5"),
    ("admin", "/admin/roles/assign.php?contextid=1&roleid=1"),
    ("admin", "/admin/settings.php?section=optionalsubsystems"),
    ("admin", "/admin/settings.php?section=httpsecurity"),
    ("admin", "/admin/settings.php?section=availabilitysettingexamus"),
    ("admin", "/admin/webservice/service.php?id=0"),
    ("admin", "/admin/webservice/service.php?id=2"),
    ("admin", "/admin/webservice/service_users.php?id=2"),
    ("admin", "/admin/webservice/tokens.php"),
    ("admin", "/admin/webservice/tokens.php?action=create"),
    ("admin", "/course/modedit.php?update=1"),
    ("admin", "/local/oauth/index.php?action=add"),
    ("admin", "/mod/quiz/report.php?id=2&mode=overview"),
    ("admin", "/availability/condition/examus/index.php"),
    ("anna", "/mod/quiz/view.php?id=2"),
    ("anna", "/mod/quiz/attempt.php?attempt=1&cmid=2&page=0"),
    ("anna", "/mod/quiz/attempt.php?attempt=1&cmid=2&page=1"),
    ("anna", "/mod/quiz/attempt.php?attempt=1&cmid=2&page=2"),
    ("anna", "/mod/quiz/summary.php?attempt=1&cmid=2"),
    ("anna", "/local/oauth/login.php?client_id=engine&response_type=code&scope=user_info"),
)


@pytest.mark.parametrize(("name", "address"), FORMS)
def test_a_form_filled_in_at_random_is_answered(visited: Visited, name: str, address: str) -> None:
    visited.campus.site.reset()
    browser = visited.browsers[name]
    shown = browser.get(address)
    forms = [filled_in(form, address) for form in shown.soup.select("form")]
    assert forms, shown.text

    @examples(12)
    @given(st.sampled_from(forms), st.data())
    def submit(form: FilledIn, data: st.DataObject) -> None:
        names = sorted(set(form.fields) - {"sesskey"})
        changed = data.draw(st.dictionaries(st.sampled_from(names), VALUES, max_size=3)) if names else {}
        left_out = data.draw(st.sets(st.sampled_from(names), max_size=2)) if names else set()
        fields = {key: value for key, value in form.fields.items() if key not in left_out} | changed
        page = (browser.post if form.posts else browser.get)(form.action, **fields)
        assert page.status < 500

    submit()
    assert_unbroken(visited.campus)


@dataclass(frozen=True)
class FilledIn:
    """A form as it was rendered, every button pressed."""

    action: str
    posts: bool
    fields: dict[str, Any]

    def __repr__(self) -> str:
        return f"form {self.action}"


def filled_in(form: Tag, address: str) -> FilledIn:
    fields: dict[str, Any] = dict(shown_fields(form))
    for button in form.select("button[name], input[type=submit][name]"):
        if button["name"] not in ("cancel", "resetbutton", "previous"):
            fields[str(button["name"])] = button.get("value", "")
    for choice in form.select("select[multiple]"):
        options = [str(option["value"]) for option in choice.select("option")]
        fields[str(choice["name"])] = options[:2]
    return FilledIn(str(form.get("action") or address), str(form.get("method")).lower() == "post", fields)


def filled(address: str, data: st.DataObject) -> str:
    """The rule's own parts, drawn."""
    parts = {"<int:contextid>": st.integers(0, 20).map(str), "<key>": st.text(min_size=1, max_size=5)}
    path = address
    for part in ("<int:contextid>", "<key>", "<path:name>", "<path:path>"):
        if part in path:
            words = st.lists(VALUES.map(lambda word: word.strip("/.") or "f1"), min_size=1, max_size=5).map("/".join)
            path = path.replace(part, quote(data.draw(parts.get(part, words)), safe="/"))
    return path
