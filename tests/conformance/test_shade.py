"""The shade: what opens the questions of a watched attempt, asked as the engine and the quiz page's script do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conformance import quiz
from conformance.browser import Browser, Page
from conformance.lab import QUESTION_TEXT, Lab, Person
from conformance.proctoring import open_entry
from joserfc import jwt
from joserfc.jwk import OctKey

from contract import panel
from contract.wire import PLUGIN_PATH
from demo.administrator import Administrator

ENGINE = "https://engine.example"
SECRET = "a-secret-for-conformance-of-32-characters"
SETTINGS = ("engineurl", "panelkeys", "wayin")


class Watched:
    """A student's running attempt, and what the engine would say about it."""

    def __init__(self, lab: Lab, browser: Browser, attempt: int) -> None:
        self.lab, self.browser, self.attempt = lab, browser, attempt

    def questions(self) -> Page:
        return quiz.attempt_page(self.browser, self.attempt, self.lab.exam.cmid)

    def summary(self) -> Page:
        return self.browser.get("/mod/quiz/summary.php", attempt=self.attempt, cmid=self.lab.exam.cmid)

    def hand_over(self, **more: str | int) -> dict[str, Any]:
        return hand_over(self.browser, self.attempt, **more)

    def ticket(self) -> dict[str, Any]:
        decoded = jwt.decode(self.hand_over()["ticket"], OctKey.import_key(SECRET), algorithms=[panel.ALGORITHM])
        assert (decoded.header["typ"], decoded.header["kid"]) == (panel.TICKET_TYPE, "k1")
        return dict(decoded.claims)

    def proof(self, ticket: dict[str, Any], *, typ: str = panel.PROOF_TYPE, key: str = SECRET, **changed: Any) -> str:
        claims = {
            "iss": ENGINE, "aud": ticket["iss"], "sub": ticket["sub"], "iat": ticket["iat"], "exp": ticket["iat"] + 300,
            "nonce": ticket["jti"], "attempt": ticket["attempt"], "cmid": ticket["cmid"],
            "accesscode": ticket["accesscode"], **changed,
        }  # fmt: skip
        return jwt.encode({"alg": panel.ALGORITHM, "typ": typ, "kid": "k1"}, claims, OctKey.import_key(key))


def hand_over(browser: Browser, attempt: int, **more: str | int) -> dict[str, Any]:
    page = browser.get("/my/")
    answer: dict[str, Any] = browser.post(
        f"{PLUGIN_PATH}/handover.php", attempt=attempt, sesskey=page.sesskey, **more
    ).response.json()
    return answer


@pytest.fixture
def administrator(lab: Lab) -> Iterator[Administrator]:
    """The site knows our key meanwhile, and its own settings afterwards."""
    admin = Administrator(lab.address, "admin", lab.admin_password)
    before = {name: admin.setting(name) for name in SETTINGS}
    lenient = admin.setting("acceptplainready") == "1"
    admin.set_plugin(engineurl=ENGINE, panelkeys=f"k1:{SECRET}", wayin=panel.WayIn.PANEL.value, acceptplainready=False)
    yield admin
    admin.set_plugin(**before, acceptplainready=lenient)


@pytest.fixture
def watched(request: pytest.FixtureRequest, lab: Lab, browser: Browser, accesscode: str) -> Watched:
    request.getfixturevalue("administrator")
    open_entry(browser, accesscode)
    attempt = quiz.start(browser, lab.exam.cmid)
    assert attempt
    return Watched(lab, browser, attempt)


def test_questions_come_with_the_proof_and_go_when_the_student_is_lost(watched: Watched) -> None:
    gate = watched.questions()
    assert gate.status == 200
    assert QUESTION_TEXT not in gate.html
    proof = watched.proof(watched.ticket())
    answer = watched.hand_over(proof=proof)
    assert answer["accepted"] is True
    assert 240 < answer["openfor"] <= 300
    assert QUESTION_TEXT in watched.questions().html
    assert watched.hand_over(lost=1) == {"accepted": True, "openfor": 0}
    assert QUESTION_TEXT not in watched.questions().html
    assert watched.hand_over(proof=proof) == {"accepted": False, "openfor": 0}, "a proof is good once"


def test_ticket_tells_who_sits_where(lab: Lab, watched: Watched, student: Person, accesscode: str) -> None:
    ticket = watched.ticket()
    assert tuple(ticket) == panel.TICKET_CLAIMS
    assert (ticket["iss"], ticket["aud"]) == (lab.address, ENGINE)
    assert (ticket["sub"], ticket["email"]) == (str(student.id), student.email)
    assert (ticket["attempt"], ticket["cmid"], ticket["accesscode"]) == (
        watched.attempt,
        lab.exam.cmid,
        accesscode,
    )
    assert 0 < ticket["exp"] - ticket["iat"] <= panel.TICKET_LIFETIME_SECONDS
    assert watched.ticket()["jti"] != ticket["jti"]


def test_proof_of_something_else_opens_nothing(watched: Watched) -> None:
    ticket = watched.ticket()
    now = ticket["iat"]
    others: tuple[dict[str, Any], ...] = (
        {"typ": panel.TICKET_TYPE},
        {"key": "another-secret-of-32-characters-or-so"},
        {"iss": "https://elsewhere.example"},
        {"aud": "https://elsewhere.example"},
        {"sub": str(int(ticket["sub"]) + 1)},
        {"attempt": ticket["attempt"] + 1},
        {"cmid": ticket["cmid"] + 1},
        {"accesscode": "f" * 32},
        {"nonce": "f" * 2 * panel.NONCE_BYTES},
        {"iat": now - 60, "exp": now - 1},
        {"exp": now + panel.PROOF_LIFETIME_SECONDS + 1},
        {"iat": now + 10 * panel.CLOCK_SKEW_SECONDS, "exp": now + 20 * panel.CLOCK_SKEW_SECONDS},
        {"exp": str(now + 300)},
    )
    for changed in others:
        answer = watched.hand_over(proof=watched.proof(ticket, **changed))
        assert answer == {"accepted": False, "openfor": 0}, changed
    assert watched.hand_over(proof="x")["accepted"] is False
    assert QUESTION_TEXT not in watched.questions().html
    assert watched.hand_over(proof=watched.proof(ticket))["accepted"] is True


def test_whoever_is_lost_may_still_hand_in(watched: Watched) -> None:
    """The summary holds no question, so there the gate keeps nobody back."""
    page = watched.summary()
    assert (page.status, page.location) == (200, "")
    assert QUESTION_TEXT not in page.html


def test_plain_word_counts_where_the_site_says_so(administrator: Administrator, watched: Watched) -> None:
    assert watched.hand_over(plain=1) == {"accepted": False, "openfor": 0}
    administrator.set_plugin(acceptplainready=True)
    assert watched.hand_over(plain=1)["accepted"] is True
    assert QUESTION_TEXT in watched.questions().html


def test_ticket_is_for_the_page_of_its_own_student(lab: Lab, watched: Watched) -> None:
    assert hand_over(lab.browser(lab.student()), watched.attempt) == {"ended": True}
    forged = watched.browser.post(f"{PLUGIN_PATH}/handover.php", attempt=watched.attempt, sesskey="forged")
    assert "ticket" not in forged.html
