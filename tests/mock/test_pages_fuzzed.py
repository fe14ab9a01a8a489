"""Whatever is sent to a page, it answers as Moodle would: never with a server error, never with a broken site."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mock.campus import SUCCESSOR, V08, Browser, Campus, world

NAMES = (
    "id", "q", "cmid", "attempt", "page", "thispage", "nextpage", "finishattempt", "timeup", "next", "previous",
    "slots", "section", "action", "webservice", "roleid", "contextid", "resettype", "archetype", "shortname",
    "savechanges", "addselect[]", "removeselect[]", "add", "remove", "fids[]", "user", "service", "tokenid",
    "users[]", "services[]", "validuntil[enabled]", "validuntil[day]", "validuntil[month]", "validuntil[year]",
    "username", "email", "update", "name", "availabilityconditionsjson", "timeopen[enabled]", "timeopen[day]",
    "timelimit[number]", "timelimit[enabled]", "courseid", "status", "userquery", "from", "to", "to[day]",
    "force", "accesscode", "proof", "plain", "begin", "expires", "signature", "client_id", "redirect_uri",
    "response_type", "scope", "state", "grant_type", "code", "client_secret", "access_token", "refresh_token",
    "prompt", "submitbutton", "cancel", "attemptid[]", "q1:1_answer", "q1:1_:sequencecheck",
    "s__enablewebservices", "returnto", "imagefile", "quizpassword",
)  # fmt: skip
WORDS = (
    "0", "1", "2", "-1", "3", "99999999999999999999", "1e309", "NaN", "x", "on", "edit", "add", "show", "renew",
    "del", "delete", "create", "{}", "[]", "engine", "code", "user_info", "authorization_code",
    "client_credentials", "http://engine.test/callback", "javascript:alert(1)", "optionalsubsystems",
    "availabilitysettingexamus", "<script>", "%", "2026-02-30",
)  # fmt: skip
TREES = ('{"op":"&","c":[]}', '{"op":"&","c":[{"type":"x"}]}')
VALUES = st.one_of(
    st.sampled_from([*WORDS, *TREES, "", "\x00", "' OR 1=1 --", "a b&c=d", "😀"]),
    st.text(max_size=20),
)
FIELDS = st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, min_size=1, max_size=2), max_size=6)


@pytest.fixture(scope="module", params=[SUCCESSOR, V08], ids=["successor", "v08"])
def site(request: pytest.FixtureRequest) -> tuple[Campus, dict[str, Browser]]:
    campus = Campus(world(request.param))
    campus.exams("anna")
    return campus, {name: campus.sign_in(name) for name in ("admin", "anna")} | {"visitor": campus.visitor()}


def addresses(campus: Campus) -> list[str]:
    """Pages of the packages that these tests belong to, without parts in their paths."""
    packages = ("quiz.", "oauth.", "examus.", "admin.")
    rules = [rule for rule in campus.app.url_map.iter_rules() if rule.endpoint.startswith(packages)]
    return sorted({rule.rule for rule in rules if not rule.arguments})


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_page_breaks(site: tuple[Campus, dict[str, Browser]], data: st.DataObject) -> None:
    campus, browsers = site
    address = data.draw(st.sampled_from(addresses(campus)))
    browser = browsers[data.draw(st.sampled_from(sorted(browsers)))]
    fields: dict[str, Any] = data.draw(FIELDS)
    if data.draw(st.booleans()):
        fields["sesskey"] = [browser.sesskey()] if browser is not browsers["visitor"] else ["x"]
    page = browser.post(address, **fields) if data.draw(st.booleans()) else browser.get(address, **fields)
    assert page.status < 500
    assert campus.visitor().get("/").status == 200
