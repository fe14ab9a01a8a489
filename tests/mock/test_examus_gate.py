"""The gate before the questions: which proof opens it, and for how long."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from mock.campus import CONDITION, EXAM, Browser, Campus
from mock.successor import ENGINE, SECRET, begin, code_of, configure

from contract import panel
from contract.wire import ENTRY_PATH, PLUGIN_PATH, READY_MESSAGE
from mock_moodle.store.core import CourseModule

pytestmark = pytest.mark.usefixtures("connected")


class Engine:
    """Takes tickets and gives proofs, as the engine's server does."""

    def __init__(self, campus: Campus, browser: Browser, attempt: int) -> None:
        self.campus, self.browser, self.attempt = campus, browser, attempt

    def hand_over(self, **more: Any) -> dict[str, Any]:
        form = {"attempt": self.attempt, "sesskey": self.browser.sesskey(), **more}
        answer: dict[str, Any] = self.browser.post(f"{PLUGIN_PATH}/handover.php", **form).response.json
        return answer

    def ticket(self) -> dict[str, Any]:
        handed = self.hand_over()
        decoded = jwt.decode(handed["ticket"], OctKey.import_key(SECRET), algorithms=["HS256"])
        assert decoded.header["typ"] == panel.TICKET_TYPE
        return dict(decoded.claims)

    def proof(self, ticket: dict[str, Any], *, typ: str = panel.PROOF_TYPE, key: str = SECRET, **changed: Any) -> str:
        now = self.campus.site.clock.time()
        claims = {
            "iss": ENGINE, "aud": ticket["iss"], "sub": ticket["sub"], "iat": now, "exp": now + 300,
            "nonce": ticket["jti"], "attempt": ticket["attempt"], "cmid": ticket["cmid"],
            "accesscode": ticket["accesscode"], **changed,
        }  # fmt: skip
        return jwt.encode({"alg": "HS256", "typ": typ, "kid": "k1"}, claims, OctKey.import_key(key))

    def prove(self, **changed: Any) -> dict[str, Any]:
        return self.hand_over(proof=self.proof(self.ticket(), **changed))


@pytest.fixture
def engine(campus: Campus, anna: Browser) -> Engine:
    return Engine(campus, anna, begin(campus, anna))


def test_questions_come_after_the_proof_and_go_when_it_runs_out(campus: Campus, anna: Browser, engine: Engine) -> None:
    waiting = anna.get("/mod/quiz/attempt.php", attempt=1)
    assert f"{PLUGIN_PATH}/gate.php?attempt=1" in waiting.location
    gate = anna.get(waiting.location)
    assert "The Moon" not in gate.html
    assert gate.form("iframe")["allow"] == panel.PANEL_ALLOW
    assert engine.prove() == {"accepted": True, "openfor": 300}
    assert "The Moon" in anna.get("/mod/quiz/attempt.php", attempt=1).html
    assert "examus-guard" in anna.get("/mod/quiz/summary.php", attempt=1).html
    assert "attempt.php" in anna.get(waiting.location).location
    campus.site.clock.travel(301)
    assert "gate.php" in anna.get("/mod/quiz/attempt.php", attempt=1).location
    summary = anna.get("/mod/quiz/summary.php", attempt=1)
    assert summary.status == 200, "it holds no question, and whoever is there may hand in"
    assert "examus-guard" not in summary.html


def test_a_ticket_says_who_is_there(engine: Engine) -> None:
    ticket = engine.ticket()
    assert set(ticket) == set(panel.TICKET_CLAIMS)
    assert (ticket["aud"], ticket["sub"], ticket["email"]) == (ENGINE, "3", "anna@example.com")
    assert ticket["exp"] - ticket["iat"] <= panel.TICKET_LIFETIME_SECONDS


@pytest.mark.parametrize(
    "changed",
    [
        {"typ": panel.TICKET_TYPE},
        {"key": "another-secret-of-32-characters-or-so"},
        {"iss": "https://evil.test"},
        {"aud": "https://other-moodle.test"},
        {"sub": "4"},
        {"attempt": 2},
        {"cmid": 2},
        {"accesscode": "f" * 32},
        {"nonce": "f" * 32},
        {"exp": 1},
        {"exp": 9_999_999_999},
        {"iat": 9_999_999_999, "exp": 9_999_999_999},
        {"iat": "now"},
    ],
)
def test_a_proof_that_answers_something_else_is_refused(engine: Engine, changed: dict[str, Any]) -> None:
    assert engine.prove(**changed) == {"accepted": False, "openfor": 0}


def test_a_proof_is_good_once(engine: Engine) -> None:
    proof = engine.proof(engine.ticket())
    assert engine.hand_over(proof=proof)["accepted"] is True
    assert engine.hand_over(proof=proof)["accepted"] is False


def test_the_gate_shuts_when_the_service_has_lost_the_student(anna: Browser, engine: Engine) -> None:
    proof = engine.proof(engine.ticket())
    assert engine.hand_over(proof=proof)["openfor"] == 300
    assert engine.hand_over(lost=1) == {"accepted": True, "openfor": 0}
    assert "gate.php" in anna.get("/mod/quiz/attempt.php", attempt=1).location
    assert engine.hand_over(proof=proof)["accepted"] is False
    assert engine.prove()["openfor"] == 300


def test_garbage_is_no_proof(engine: Engine) -> None:
    for garbage in ("x", "a.b.c", "e30.e30.", "...."):
        assert engine.hand_over(proof=garbage)["accepted"] is False


def test_the_plain_word_counts_where_an_administrator_says_so(campus: Campus, anna: Browser, engine: Engine) -> None:
    assert engine.hand_over(plain=1)["accepted"] is False
    configure(campus, acceptplainready="1")
    assert READY_MESSAGE in anna.get(f"{PLUGIN_PATH}/gate.php", attempt=1).html
    assert engine.hand_over(plain=1)["accepted"] is True


def test_the_hand_over_wants_the_page_s_key_and_its_own_student(campus: Campus, engine: Engine) -> None:
    assert engine.browser.post(f"{PLUGIN_PATH}/handover.php", attempt=1, sesskey="forged").status == 404
    boris = campus.sign_in("boris")
    answer = boris.post(f"{PLUGIN_PATH}/handover.php", attempt=1, sesskey=boris.sesskey())
    assert answer.response.json == {"ended": True}


def test_previews_and_unprotected_exams_have_no_gate(campus: Campus, anna: Browser) -> None:
    tamara = campus.sign_in("tamara")
    page = tamara.post("/mod/quiz/startattempt.php", cmid=EXAM, sesskey=tamara.sesskey())
    assert tamara.get(page.location).status == 200
    with campus.site.visit() as visit:
        tree = {"op": "&", "c": [{**CONDITION, "noprotection": True}], "showc": [True]}
        visit.session.get_one(CourseModule, EXAM).availability = tree
    anna.get(ENTRY_PATH, accesscode=code_of(campus))
    page = anna.post("/mod/quiz/startattempt.php", cmid=EXAM, sesskey=anna.sesskey())
    assert anna.get(page.location).status == 200
