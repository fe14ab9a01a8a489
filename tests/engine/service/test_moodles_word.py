"""Tickets and events are believed only with Moodle's fresh signature, and once."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from actors import ANN, Browser, Candidate, Clock, FakeMoodle, reviewer
from joserfc import jwt
from joserfc.jwk import OctKey

from contract import panel, push
from proctor_engine.lms.panel import PanelKeys, TicketError
from proctor_engine.service import Service
from proctor_engine.settings import Settings

Begin = Callable[..., Candidate]
SECRET = "s" * 40
KEYS = PanelKeys({"k1": SECRET}, "https://moodle.example.org", "http://localhost")


def ticket(clock: Clock, secret: str = SECRET, kid: str = "k1", typ: str = panel.TICKET_TYPE, **claims: Any) -> str:
    at = int(clock.now().timestamp())
    values = {
        "iss": "https://moodle.example.org",
        "aud": "http://localhost",
        "sub": "17",
        "iat": at,
        "exp": at + 120,
        "jti": "n" * 32,
        "attempt": 5,
        "cmid": 41,
        "accesscode": "a" * 32,
        "email": ANN.email,
        "name": "Ann Lee",
        "language": "en",
    }
    header = {"alg": panel.ALGORITHM, "typ": typ, "kid": kid}
    return jwt.encode(header, values | claims, OctKey.import_key(secret), algorithms=[panel.ALGORITHM])


def test_a_fresh_ticket_is_believed(clock: Clock) -> None:
    read = KEYS.read(ticket(clock))
    assert (read.email, read.access_code, read.attempt) == (ANN.email, "a" * 32, 5)


@pytest.mark.parametrize(
    "forged",
    [
        {"secret": "x" * 40},
        {"kid": "k2"},
        {"typ": panel.PROOF_TYPE},
        {"iss": "https://evil.example"},
        {"aud": "https://other.example"},
        {"exp": 1},
        {"exp": 2**40},
        {"iat": 2**33, "exp": 2**33 + 60},
        {"email": None, "accesscode": None, "attempt": "x"},
    ],
)
def test_a_forged_stale_or_strange_ticket_is_refused(clock: Clock, forged: dict[str, Any]) -> None:
    with pytest.raises(TicketError):
        KEYS.read(ticket(clock, **forged))


def test_an_unsigned_ticket_is_refused(clock: Clock) -> None:
    head, body, _signature = ticket(clock).split(".")
    for token in (f"{head}.{body}.", "", "a.b.c", "eyJhbGciOiJub25lIn0." + body + "."):
        with pytest.raises(TicketError):
            KEYS.read(token)


def with_keys(service: Service, settings: Settings) -> None:
    moodle = settings.moodle.model_copy(update={"panel_keys": {"k1": SECRET}, "push_keys": {"k1": SECRET}})
    service.settings = settings.model_copy(update={"moodle": moodle})


def test_a_ticket_signs_in_once(service: Service, settings: Settings, clock: Clock) -> None:
    with_keys(service, settings)
    token = ticket(clock)
    browser = Browser(service)
    assert browser.client.post("/panel/prepare", data={"ticket": token}).status_code == 302
    assert browser.get("/api/me").json["email"] == ANN.email
    assert Browser(service).client.post("/panel/prepare", data={"ticket": token}).status_code == 403


def test_a_proof_is_for_this_exam_and_only_while_pictures_come(
    service: Service, settings: Settings, clock: Clock, begin: Begin, empty_room: Callable[[float], bytes]
) -> None:
    with_keys(service, settings)
    ann = begin()
    ann.frame(empty_room(0), 0)
    proof = ann.post("proof", json={"ticket": ticket(clock)}).json["proof"]
    claims = jwt.decode(proof, OctKey.import_key(SECRET)).claims
    assert set(claims) == set(panel.PROOF_CLAIMS)
    assert (claims["nonce"], claims["aud"]) == ("n" * 32, "https://moodle.example.org")
    assert ann.post("proof", json={"ticket": ticket(clock, accesscode="b" * 32)}).status_code == 403
    clock.advance(seconds=90)
    assert ann.post("proof", json={"ticket": ticket(clock)}).status_code == 409


def test_while_a_proctor_has_paused_the_exam_nothing_is_proved(
    service: Service,
    settings: Settings,
    moodle: FakeMoodle,
    clock: Clock,
    begin: Begin,
    empty_room: Callable[[float], bytes],
) -> None:
    with_keys(service, settings)
    ann, bob = begin(), reviewer(service, moodle, 3)
    ann.frame(empty_room(0), 0)
    for order, status in (("pause", 409), ("resume", 200)):
        assert bob.post(f"/api/wall/session/{ann.id}/{order}").status_code == 200
        assert ann.post("proof", json={"ticket": ticket(clock)}).status_code == status, order


def test_a_browser_that_was_taken_over_from_proves_nothing_any_more(
    service: Service, settings: Settings, clock: Clock, begin: Begin, empty_room: Callable[[float], bytes]
) -> None:
    with_keys(service, settings)
    ann = begin()
    ann.frame(empty_room(0), 0)
    taken = {"ticket": ticket(clock), "holder": "tablet", "take_over": True}
    assert ann.browser.client.post("/api/panel/open", json=taken).status_code == 200
    refused = ann.post("proof", json={"ticket": ticket(clock)})
    assert (refused.status_code, refused.json["elsewhere"]) == (409, True)


def push_headers(clock: Clock, body: bytes, secret: str = SECRET, ahead: int = 0) -> dict[str, str]:
    stamp = str(int((clock.now() + timedelta(seconds=ahead)).timestamp()))
    signature = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {
        push.KEY_HEADER: "k1",
        push.TIMESTAMP_HEADER: stamp,
        push.SIGNATURE_HEADER: f"{push.SIGNATURE_SCHEME}={signature}",
    }


def test_a_signed_event_ends_the_exam_and_forged_or_recorded_ones_do_not(
    service: Service, settings: Settings, clock: Clock, begin: Begin
) -> None:
    with_keys(service, settings)
    ann = begin()
    event = {
        "id": "e1",
        "type": push.PushEvent.ATTEMPT_SUBMITTED.value,
        "created": 1,
        "site": "https://moodle.example.org",
        "data": {"accesscode": "a" * 32},
    }
    body = json.dumps(event).encode()
    client = ann.browser.client
    assert client.post(push.PUSH_PATH, data=body, headers=push_headers(clock, body, "x" * 40)).status_code == 403
    assert client.post(push.PUSH_PATH, data=body, headers=push_headers(clock, body, ahead=-900)).status_code == 403
    assert client.post(push.PUSH_PATH, data=body + b" ", headers=push_headers(clock, body)).status_code == 403
    assert ann.post("alive").json["handed_in"] is False
    assert client.post(push.PUSH_PATH, data=body, headers=push_headers(clock, body)).json == {"seen": False}
    assert client.post(push.PUSH_PATH, data=body, headers=push_headers(clock, body)).json == {"seen": True}
    assert ann.post("alive").json["handed_in"] is True


@pytest.mark.parametrize(("moodles", "ours"), [("ru", "ru"), ("en_us", "en"), ("de", None)])
def test_the_panel_learns_the_language_of_the_page_around_it(
    service: Service, settings: Settings, clock: Clock, begin: Begin, moodles: str, ours: str | None
) -> None:
    with_keys(service, settings)
    client = Browser(service).client
    asked = {"ticket": ticket(clock, language=moodles), "holder": "x"}
    assert client.post("/api/panel/open", json=asked).json == {"state": "unprepared", "language": ours}
    begin()
    opened = client.post("/api/panel/open", json=asked | {"take_over": True}).json
    assert (opened["state"], opened["language"]) == ("running", ours)
