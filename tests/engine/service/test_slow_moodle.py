"""A Moodle that is slow makes nobody wait but who asked it: on SQLite, too, where one writer shuts out all others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from actors import ANN, BOB, Browser, Candidate, FakeMoodle, make_exam

from demo import clip
from proctor_engine import clock
from proctor_engine.lms import Access
from proctor_engine.service import Service
from proctor_engine.settings import Settings, Slots
from proctor_engine.tasks import deliver

BOBS, CODE = "b" * 32, "c" * 32


@pytest.fixture
def uploads(moodle: FakeMoodle, begin: Callable[..., Candidate]) -> list[int]:
    """What Bob's uploads were answered, one each time that Moodle is asked from now on."""
    moodle.exams_due = [make_exam(BOBS)]
    bob = begin(BOBS, BOB)
    answers: list[int] = []
    moodle.meanwhile = lambda: answers.append(bob.events(time=0).status_code)
    return answers


def test_pictures_come_in_while_moodle_looks_for_a_profile_picture(
    service: Service, moodle: FakeMoodle, uploads: list[int]
) -> None:
    moodle.exams_due = [make_exam(CODE, identification="face")]
    moodle.profile_picture = clip.profile_picture()
    ann = Browser(service).sign_in(ANN)
    made = ann.post("/api/sessions", json={"access_code": CODE, "consent": True}).json
    checked = ann.post(f"/api/sessions/{made['id']}/face", data=moodle.profile_picture)
    assert (checked.json["decision"], uploads) == ("same", [202])


def test_pictures_come_in_while_moodle_is_told_of_a_booking(
    service: Service, settings: Settings, moodle: FakeMoodle, uploads: list[int]
) -> None:
    service.settings = settings.model_copy(update={"slots": Slots(from_hour=0, to_hour=24)})
    moodle.exams_due = [make_exam(CODE, scheduling_required=True)]
    ann = Browser(service).sign_in(ANN)
    midday = (clock.now() + timedelta(days=2)).replace(hour=12, minute=0, second=0, microsecond=0)
    assert ann.post(f"/exams/{CODE}/slot", data={"slot": int(midday.timestamp())}).status_code == 302
    assert (moodle.booked, uploads) == ({CODE: midday}, [202])


def test_pictures_come_in_while_moodle_takes_a_review(
    service: Service, moodle: FakeMoodle, watched: Candidate, uploads: list[int]
) -> None:
    moodle.staff[BOB.email] = Access(success=True, reviewer_auth=True, reviewer_courses=(3,))
    bob = Browser(service).sign_in(BOB)
    assert bob.post(f"/api/review/{watched.id}/conclusion", json={"conclusion": "Clean"}).status_code == 200
    assert deliver.deliver_due(service) == 1
    assert uploads == [202]
