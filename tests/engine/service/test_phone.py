"""The phone as the second camera."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from actors import ANN, BOB, Browser, Candidate, Clock, FakeMoodle, jpeg, make_exam

from proctor_engine.lms import Access
from proctor_engine.service import Service
from proctor_engine.store.model import Consent, Evidence
from proctor_engine.web.app import create_app

Begin = Callable[..., Candidate]
Room = Callable[[float], bytes]


@pytest.fixture
def ann(moodle: FakeMoodle, begin: Begin) -> Candidate:
    moodle.exams_due = [make_exam(auxiliary_camera=True)]
    return begin()


class Phone:
    """A browser without any cookie of ours, which opened the link."""

    def __init__(self, service: Service, link: str) -> None:
        self.client = create_app(service).test_client()
        self.link = link.rpartition("/")[2]
        self.headers: dict[str, str] = {}

    def join(self, **fields: Any) -> Any:
        answer = self.client.post("/api/phone/join", json={"link": self.link, "consent": True} | fields)
        if answer.status_code == 200:
            self.headers = {"Authorization": f"Bearer {answer.json['token']}"}
        return answer

    def send(self, content: bytes) -> Any:
        return self.client.post("/api/phone/pictures", data=content, headers=self.headers)


def invite(ann: Candidate) -> Any:
    return ann.browser.post(f"/api/sessions/{ann.id}/phone", json={"link": True}).json


def facts(service: Service, moodle: FakeMoodle, ann: Candidate) -> Any:
    moodle.staff[BOB.email] = Access(
        success=True, proctor_auth=True, reviewer_auth=True, proctor_courses=(3,), reviewer_courses=(3,)
    )
    return Browser(service).sign_in(BOB).get(f"/api/wall/session/{ann.id}").json


def test_its_pictures_are_kept_beside_the_computers(
    service: Service, moodle: FakeMoodle, ann: Candidate, clock: Clock, empty_room: Room
) -> None:
    invited = invite(ann)
    assert invited["phone"] == "waiting"
    assert invited["code"].startswith("data:image/svg+xml")
    phone = Phone(service, invited["link"])
    assert "second camera" in phone.client.get(f"/phone/{phone.link}").text
    assert phone.join().json["interval"] == service.settings.phone_interval
    for second in (10, 20):
        clock.advance(seconds=10)
        assert phone.send(empty_room(second)).status_code == 202
    seen = facts(service, moodle, ann)
    assert seen["phone"] == "good"
    assert [piece["kind"] for piece in seen["evidence"]] == ["phone", "phone"]
    bob = Browser(service).sign_in(BOB)
    picture = f"/api/wall/session/{ann.id}/evidence/{seen['evidence'][-1]['id']}"
    assert bob.get(picture).data == empty_room(20)
    assert ann.browser.get(picture).status_code == 403


def test_a_link_is_for_one_phone_and_ten_minutes(
    service: Service, ann: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = invite(ann)["link"]
    assert Phone(service, link).join().status_code == 200
    assert Phone(service, link).join().status_code == 403
    late = Phone(service, invite(ann)["link"])
    monkeypatch.setattr("proctor_engine.web.phone.LINK_SECONDS", -1)
    assert late.join().status_code == 403
    assert late.client.get(f"/phone/{late.link}").status_code == 403


def test_without_its_own_consent_it_sends_nothing(service: Service, ann: Candidate) -> None:
    phone = Phone(service, invite(ann)["link"])
    assert phone.join(consent=False).status_code == 400
    assert phone.send(b"x").status_code == 401
    phone.join()
    with service.database.begin() as db:
        consent = db.get_one(Consent, ann.id)
    assert "second_camera" in consent.purposes
    assert "this phone takes a picture" in consent.text


def test_a_phones_token_opens_nothing_else(service: Service, ann: Candidate, empty_room: Room) -> None:
    phone = Phone(service, invite(ann)["link"])
    phone.join()
    alive = phone.client.post(f"/api/sessions/{ann.id}/alive", headers=phone.headers)
    assert alive.status_code == 401
    assert ann.browser.client.post("/api/phone/pictures", data=empty_room(0), headers=ann.headers).status_code == 401


def test_covered_frozen_and_away_are_noted_once_each(
    service: Service, moodle: FakeMoodle, ann: Candidate, clock: Clock, empty_room: Room
) -> None:
    phone = Phone(service, invite(ann)["link"])
    phone.join()
    even = [jpeg(np.full((240, 320, 3), 20 + shade, np.uint8)) for shade in range(2)]
    for content in (empty_room(1), *even, empty_room(2), empty_room(2)):
        clock.advance(seconds=10)
        phone.send(content)
    assert ann.post("alive").json["phone"] == "good"
    clock.advance(seconds=100)
    assert ann.post("alive").json["phone"] == "away"
    phone.send(empty_room(3))
    told = [message["text"] for message in facts(service, moodle, ann)["messages"]]
    assert [text.partition(";")[0] for text in told] == [
        "The phone joined as the second camera",
        "The phone's picture is even, as of a covered lens",
        "The phone's picture is clear again",
        "The phone sends the same picture again and again",
        "The phone sent nothing",
        "The phone's picture is clear again",
    ]
    assert facts(service, moodle, ann)["score"]["value"] == 0


def test_before_and_after_the_exam_nothing_is_kept(
    service: Service, moodle: FakeMoodle, browser: Browser, empty_room: Room
) -> None:
    moodle.exams_due = [make_exam(auxiliary_camera=True)]
    browser.sign_in(ANN)
    made = browser.post("/api/sessions", json={"access_code": "a" * 32, "consent": True}).json
    ann = Candidate(browser, made["id"], made["token"])
    phone = Phone(service, invite(ann)["link"])
    phone.join()
    assert phone.send(empty_room(1)).json["state"] == "identified"
    browser.post(f"/api/sessions/{ann.id}/start")
    ann.post("finish")
    assert phone.send(empty_room(2)).json["state"] == "finished"
    with service.database.begin() as db:
        assert db.query(Evidence).count() == 0


def test_where_no_second_camera_is_asked_for_nobody_is_invited(begin: Begin) -> None:
    ann = begin()
    assert invite(ann) == {"phone": "off"}
    assert ann.post("alive").json["phone"] == "off"
