"""A privacy request that was made in Moodle reaches the pictures here."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from actors import ANN, Browser, Candidate, Clock, FakeMoodle, make_exam
from sqlalchemy import func, select

from contract import push
from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.store.model import Audit, ExamSession, Person

SECRET = "0123456789abcdef0123456789abcdef"
Begin = Callable[..., Candidate]
Room = Callable[[float], bytes]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"moodle": settings.moodle.model_copy(update={"push_keys": {"k1": SECRET}})})


@pytest.fixture
def tell(browser: Browser, clock: Clock) -> Callable[..., Any]:
    """Moodle says that entries were erased."""

    def tell(*codes: object, secret: str = SECRET) -> Any:
        event = {
            "id": "e1",
            "type": push.PushEvent.ENTRIES_ERASED.value,
            "created": 1,
            "site": "https://moodle.example.org",
            "data": dict.fromkeys(push.ERASED_DATA, codes),
        }
        body, stamp = json.dumps(event).encode(), str(int(clock.now().timestamp()))
        signature = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {
            push.KEY_HEADER: "k1",
            push.TIMESTAMP_HEADER: stamp,
            push.SIGNATURE_HEADER: f"{push.SIGNATURE_SCHEME}={signature}",
        }
        return browser.client.post(push.PUSH_PATH, data=body, headers=headers)

    return tell


@pytest.fixture
def two_exams(moodle: FakeMoodle, begin: Begin, clock: Clock, empty_room: Room) -> tuple[Candidate, Candidate]:
    moodle.exams_due = [make_exam("a" * 32), make_exam("b" * 32)]
    exams = begin("a" * 32), begin("b" * 32)
    clock.advance(seconds=5)
    for exam in exams:
        assert exam.frame(empty_room(0), 0).status_code == 202
    return exams


def left(service: Service) -> tuple[int, list[str]]:
    """How many sessions, and whose folders."""
    with service.database.read() as db:
        count = db.scalar(select(func.count()).select_from(ExamSession))
    return count or 0, sorted(path.name for path in (service.settings.data / "evidence").iterdir())


def test_what_moodle_erased_goes_and_the_rest_stays(
    service: Service, two_exams: tuple[Candidate, Candidate], tell: Callable[..., Any]
) -> None:
    first, second = two_exams
    assert tell("a" * 32, "unknown").json == {"seen": False, "erased": 1}
    assert left(service) == (1, [second.id])
    assert first.post("alive").status_code == 404
    assert tell("a" * 32).json["erased"] == 0, "Moodle may ask again"


def test_with_the_last_exam_the_person_goes(
    service: Service, settings: Settings, two_exams: tuple[Candidate, Candidate], tell: Callable[..., Any]
) -> None:
    assert tell("a" * 32, "b" * 32).json["erased"] == len(two_exams)
    assert left(service) == (0, [])
    with service.database.read() as db:
        assert db.scalar(select(func.count()).select_from(Person)) == 0
        assert ANN.email not in set(db.scalars(select(Audit.actor)))
    everything = b"".join(path.read_bytes() for path in settings.data.rglob("*") if path.is_file())
    assert ANN.email.encode() not in everything


@pytest.mark.parametrize("codes", [(), (None,), ({"a": 1},), ("x" * 10_000,)])
def test_senseless_codes_erase_nothing(
    service: Service, two_exams: tuple[Candidate, Candidate], tell: Callable[..., Any], codes: tuple[object, ...]
) -> None:
    assert tell(*codes).json["erased"] == 0
    assert left(service)[0] == len(two_exams)


def test_nobody_without_the_key_can_have_anything_erased(
    service: Service, two_exams: tuple[Candidate, Candidate], tell: Callable[..., Any]
) -> None:
    assert tell("a" * 32, secret="y" * 32).status_code == 403
    assert left(service)[0] == len(two_exams)
