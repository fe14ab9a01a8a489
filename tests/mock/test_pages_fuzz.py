"""Whatever is sent to a page, it answers as Moodle would: never with a server error, never with a broken site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
from bs4 import Tag
from hypothesis import strategies as st
from mock.campus import ROOT, STUDENT_TOKEN, SUCCESSOR, V08, Browser, Campus, Page, shown_fields, world
from mock.fuzzing import SCALARS, ask_at_random, close
from mock.test_plugins import grades_zip

from mock_moodle.app import create_app
from mock_moodle.plugins import arriving

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
    "logintoken", "password", "testsession", "installzipcomponent", "installzipstorage", "confirmrelease",
    "confirmplugincheck", "abortinstall", "confirmabortinstall", "examus2_accesscode", "method", "token", "setmode",
    "pageurl", "code_challenge", "code_challenge_method",
)  # fmt: skip
WORDS = (
    "edit", "add", "show", "renew", "del", "delete", "create", "engine", "engine-secret", "code", "user_info",
    "openid", "authorization_code", "client_credentials", "http://engine.test/callback", "optionalsubsystems",
    "availabilitysettingexamus", "<script>", '{"op":"&","c":[]}', '{"op":"&","c":[{"type":"x"}]}',
)  # fmt: skip
HOST = urlsplit(ROOT).netloc
SITES = {"successor": SUCCESSOR, "v08": V08}
ADDRESSES = sorted({rule.rule for rule in create_app().url_map.iter_rules() if not rule.rule.startswith(OWN_TESTS)})


@dataclass
class Visited:
    """A site, and the cookies and session keys of those who are signed in there."""

    campus: Campus
    cookies: dict[str, str]
    sesskeys: dict[str, str]

    def browser(self, name: str) -> Browser:
        """Signed in, whatever a page did to the browser before it."""
        browser = self.campus.visitor()
        if name in self.cookies:
            browser.client.set_cookie("MoodleSession", self.cookies[name], domain=HOST)
        return browser


def prepared(plugin: dict[str, Any]) -> Campus:
    """Anna has an access code and has begun an attempt; a plugin's code lies there, not yet in the database."""
    spec = world(plugin)
    spec["plugins"].append({"component": "availability_examus2", "version": 2025112401})
    spec["site"]["settings"] |= {"local_oauth/openid": True, "local_oauth/strict": plugin is SUCCESSOR}
    campus = Campus(spec)
    campus.exams("anna")
    campus.call("mod_quiz_start_attempt", quizid=2, token=STUDENT_TOKEN)
    with TemporaryDirectory() as folder, campus.site.visit():
        archive = grades_zip(Path(folder))
        waiting = arriving.uploaded(arriving.keep(archive.name, archive.read_bytes()))
        assert waiting
        arriving.lay_down(waiting, "local_grades")
    return campus


@pytest.fixture(scope="module", params=SITES)
def visited(request: pytest.FixtureRequest) -> Iterator[Visited]:
    campus = prepared(SITES[request.param])
    browsers = {name: campus.sign_in(name) for name in ("admin", "anna", "tamara")}
    sesskeys = {name: browser.sesskey() for name, browser in browsers.items()}
    campus.site.initial = campus.site.store.snapshot()  # a reset leaves them signed in
    cookies = {name: browser.client.get_cookie("MoodleSession", HOST) for name, browser in browsers.items()}
    yield Visited(campus, {name: cookie.value for name, cookie in cookies.items() if cookie}, sesskeys)
    close(campus.app)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_breaks(visited: Visited, address: str) -> None:
    def ask(asked: tuple[str, str, dict[str, list[str]], bool, bool]) -> None:
        name, path, fields, signed, posted = asked
        if signed:
            fields = fields | {"sesskey": [visited.sesskeys.get(name, "x")]}
        browser = visited.browser(name)
        page = browser.post(path, **fields) if posted else browser.get(path, **fields)
        assert page.status < 500

    values = st.lists(st.sampled_from(WORDS) | SCALARS, min_size=1, max_size=2)
    asked = st.tuples(
        st.sampled_from(["admin", "anna", "visitor"]),
        addresses(address),
        st.dictionaries(st.sampled_from(NAMES), values, max_size=6),
        st.booleans(),
        st.booleans(),
    )
    ask_at_random(visited.campus, asked, ask, usually=9, share=len(SITES))


FORMS = (
    ("visitor", "/login/index.php"),
    ("visitor", "/login/forgot_password.php"),
    ("visitor", "/local/oauth/login.php?client_id=engine&response_type=code&scope=user_info"),
    ("admin", "/user/editadvanced.php?id=-1"),
    ("admin", "/user/editadvanced.php?id=3"),
    ("admin", "/admin/roles/define.php?action=add"),
    ("admin", "/admin/roles/define.php?action=add&resettype=student"),
    ("admin", "/admin/roles/define.php?action=edit&roleid=5"),
    ("admin", "/admin/roles/manage.php"),
    ("admin", "/admin/roles/assign.php?contextid=1&roleid=1"),
    ("admin", "/admin/settings.php?section=optionalsubsystems"),
    ("admin", "/admin/settings.php?section=httpsecurity"),
    ("admin", "/admin/settings.php?section=mobilesettings"),
    ("admin", "/admin/settings.php?section=webserviceprotocols"),
    ("admin", "/admin/settings.php?section=availabilitysettingexamus"),
    ("admin", "/admin/tool/installaddon/index.php"),
    ("admin", "/admin/index.php"),
    ("admin", "/admin/index.php?confirmrelease=1"),
    ("admin", "/admin/webservice/service.php?id=0"),
    ("admin", "/admin/webservice/service.php?id=2"),
    ("admin", "/admin/webservice/service_users.php?id=2"),
    ("admin", "/admin/webservice/service_functions.php?id=1"),
    ("admin", "/admin/webservice/tokens.php"),
    ("admin", "/admin/webservice/tokens.php?action=create"),
    ("admin", "/admin/webservice/tokens.php?action=delete&tokenid=1"),
    ("admin", "/course/modedit.php?update=1"),
    ("admin", "/local/oauth/index.php?action=add"),
    ("admin", "/local/oauth/index.php?action=edit&id=1"),
    ("admin", "/local/oauth/index.php?action=del&id=1"),
    ("admin", "/availability/condition/examus/index.php"),
    ("tamara", "/course/view.php?id=2"),
    ("tamara", "/mod/quiz/report.php?id=2&mode=overview"),
    ("tamara", "/mod/quiz/comment.php?attempt=1&slot=1"),
    ("anna", "/login/index.php"),
    ("anna", "/login/change_password.php"),
    ("anna", "/mod/quiz/view.php?id=2"),
    ("anna", "/mod/quiz/attempt.php?attempt=1&cmid=2&page=0"),
    ("anna", "/mod/quiz/attempt.php?attempt=1&cmid=2&page=1"),
    ("anna", "/mod/quiz/attempt.php?attempt=1&cmid=2&page=2"),
    ("anna", "/mod/quiz/summary.php?attempt=1&cmid=2"),
    ("anna", "/availability/condition/examus/start.php?id=1"),
    ("anna", "/local/oauth/login.php?client_id=engine&response_type=code&scope=user_info"),
)

EDITABLE = ("/course/view.php?id=2",)
NOT_EDIT_MODE = ":not([action$='/editmode.php'])"
"""Else half of the requests would go to the form that is on every page."""


@pytest.mark.parametrize(("name", "address"), FORMS)
def test_a_form_filled_in_at_random_is_answered(visited: Visited, name: str, address: str) -> None:
    visited.campus.site.reset()
    forms = visited.browser(name).get(address).soup.select(f"form{'' if address in EDITABLE else NOT_EDIT_MODE}")

    def ask(filled: FilledIn) -> None:
        browser = visited.browser(name)
        page = (browser.post if filled.posts else browser.get)(filled.action, **filled.fields)
        assert page.status < 500

    if forms:  # a page of one of the sites only
        asked = st.one_of(*(filled_in(form, address) for form in forms))
        ask_at_random(visited.campus, asked, ask, share=len(SITES))


@dataclass(frozen=True)
class FilledIn:
    action: str
    posts: bool
    fields: dict[str, Any]


GONE = object()
FILES = st.tuples(st.binary(max_size=99), st.sampled_from(["a.zip", "a.png", "", "../a.zip"]))


def filled_in(form: Tag, address: str) -> st.SearchStrategy[FilledIn]:
    """A form as it was rendered, every button pressed, with a few of its fields changed or left out."""
    rendered: dict[str, Any] = dict(shown_fields(form))
    offered: dict[str, list[Any]] = {"x": []}
    for control in form.select("[name]"):
        name = str(control["name"])
        offered.setdefault(name, []).extend(str(option.get("value", "")) for option in control.select("option"))
        if control.get("type") == "submit" or control.name == "button":
            if name not in ("cancel", "resetbutton", "previous"):
                rendered[name] = control.get("value", "")
        elif control.name == "select" and control.has_attr("multiple"):
            rendered[name] = offered[name][:2]

    def changes(name: str, options: list[Any]) -> st.SearchStrategy[tuple[str, Any]]:
        values = st.sampled_from([GONE, *options, *options]) | st.sampled_from(WORDS) | SCALARS
        if form.select_one(f'[type=file][name="{name}"]'):
            values = FILES.map(lambda sent: (BytesIO(sent[0]), sent[1]))
        return st.tuples(st.just(name), values)

    def fill(changed: list[tuple[str, Any]]) -> FilledIn:
        fields = {name: value for name, value in {**rendered, **dict(changed)}.items() if value is not GONE}
        return FilledIn(str(form.get("action") or address), str(form.get("method")).lower() == "post", fields)

    every = [changes(name, options) for name, options in offered.items() if name != "sesskey"]
    return st.lists(st.one_of(every), max_size=4).map(fill)


def addresses(rule: str) -> st.SearchStrategy[str]:
    """The rule's own parts, drawn."""
    words = st.lists(st.sampled_from(WORDS) | SCALARS, min_size=1, max_size=5).map(
        lambda parts: quote("/".join(part.strip("/.") or "f1" for part in parts), safe="/", errors="replace")
    )
    parts = {"int": st.integers(0, 20).map(str), "key": st.sampled_from("ab")}
    drawn = [
        st.just(text) if "<" not in text else parts.get(re.split(r"\W", text)[1], words)
        for text in re.split("(<[^>]+>)", rule)
    ]
    return st.tuples(*drawn).map("".join)


def test_every_form_that_a_crawl_finds_is_asked() -> None:
    campus = prepared(SUCCESSOR)
    browsers = {name: campus.sign_in(name) for name in ("admin", "anna", "tamara")} | {"visitor": campus.visitor()}
    asked = {form for name, address in FORMS for form in forms_of(browsers[name].get(address))}
    for browser in browsers.values():
        todo, seen = ["/", "/my/", "/admin/search.php"], set()
        while todo:
            path = todo.pop()
            if path in seen or "sesskey=" in path:
                continue
            seen.add(path)
            page = browser.follow(browser.get(path))
            assert page.status < 500
            assert forms_of(page) <= asked, path
            links = [urljoin(ROOT + path, str(link["href"])).partition("#")[0] for link in page.soup.select("a[href]")]
            todo += [link.removeprefix(ROOT) for link in links if link.startswith(ROOT)]
    close(campus.app)


def forms_of(page: Page) -> set[tuple[str, str]]:
    """Where they lead, and their marks: enough to tell them apart."""
    found = set()
    for form in page.soup.select("form"):
        marks = [
            str(field["name"])
            for field in form.select("[name^=_qf__], [name=section], [name=action], [name][type=submit]")
        ]
        found.add((urlsplit(str(form.get("action"))).path, " ".join(sorted(marks))))
    return found
