"""Whatever is sent to a page, it answers as Moodle would: never with a server error, never with a broken site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from bs4 import Tag
from mock.campus import ROOT, STUDENT_TOKEN, SUCCESSOR, V08, Browser, Campus, shown_fields, world
from mock.fuzzing import Dice, assert_unbroken, close, dice

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

    def refresh(self, throw: Dice) -> None:
        """Now and then: a page may have signed everybody out."""
        if throw.number % 20 == 0:
            self.campus.site.reset()


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
    cookies = {name: browser.client.get_cookie("MoodleSession", HOST) for name, browser in browsers.items()}
    yield Visited(campus, {name: cookie.value for name, cookie in cookies.items() if cookie}, sesskeys)
    close(campus.app)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_breaks(visited: Visited, address: str) -> None:
    for throw in dice(6, share=len(SITES)):
        visited.refresh(throw)
        name = throw.choice(["admin", "anna", "visitor"])
        fields = {
            throw.choice(NAMES): [throw.scalar(WORDS) for _ in range(throw.randint(1, 2))]
            for _ in range(throw.randint(0, 6))
        }
        if throw.flip():
            fields["sesskey"] = [visited.sesskeys.get(name, "x")]
        path, browser = filled(address, throw), visited.browser(name)
        page = browser.post(path, **fields) if throw.flip() else browser.get(path, **fields)
        assert page.status < 500, (throw.number, name, path, fields)
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
    shown = visited.browser(name).get(address)
    forms = [filled_in(form, address) for form in shown.soup.select("form")]
    assert forms, shown.text

    for throw in dice(12, share=len(SITES)):
        visited.refresh(throw)
        browser, form = visited.browser(name), throw.choice(forms)
        fields = {key: value for key, value in form.fields.items() if key == "sesskey" or throw.random() < 0.9}
        for _ in range(throw.randint(0, 3)):
            fields[throw.choice(sorted({*form.fields, "x"} - {"sesskey"}))] = throw.scalar(WORDS)
        page = (browser.post if form.posts else browser.get)(form.action, **fields)
        assert page.status < 500, (throw.number, form.action, fields)
    assert_unbroken(visited.campus)


@dataclass(frozen=True)
class FilledIn:
    """A form as it was rendered, every button pressed."""

    action: str
    posts: bool
    fields: dict[str, Any]


def filled_in(form: Tag, address: str) -> FilledIn:
    fields: dict[str, Any] = dict(shown_fields(form))
    for button in form.select("button[name], input[type=submit][name]"):
        if button["name"] not in ("cancel", "resetbutton", "previous"):
            fields[str(button["name"])] = button.get("value", "")
    for choice in form.select("select[multiple]"):
        options = [str(option["value"]) for option in choice.select("option")]
        fields[str(choice["name"])] = options[:2]
    return FilledIn(str(form.get("action") or address), str(form.get("method")).lower() == "post", fields)


def filled(address: str, throw: Dice) -> str:
    """The rule's own parts, drawn."""
    path = address.replace("<int:contextid>", str(throw.randint(0, 20))).replace("<key>", throw.choice("ab"))
    for part in ("<path:name>", "<path:path>"):
        words = [throw.scalar(WORDS).strip("/.") or "f1" for _ in range(throw.randint(1, 5))]
        path = path.replace(part, quote("/".join(words), safe="/", errors="replace"))
    return path
