"""A review reaches Moodle once, whatever Moodle does meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from actors import BOB, Browser, Candidate, Clock, FakeMoodle, make_exam

from proctor_engine.lms import Access, RefusedError, Review, UnreachableError
from proctor_engine.service import Service
from proctor_engine.store.model import Delivery, DeliveryState
from proctor_engine.tasks import deliver, rounds


@pytest.fixture
def concluded(service: Service, moodle: FakeMoodle, finish: Callable[..., Candidate]) -> Candidate:
    moodle.staff[BOB.email] = Access(success=True, reviewer_auth=True, reviewer_courses=(3,))
    ann = finish()
    bob = Browser(service).sign_in(BOB)
    assert bob.post(f"/api/review/{ann.id}/conclusion", json={"conclusion": "Clean"}).status_code == 200
    return ann


def state(service: Service) -> tuple[DeliveryState, str | None]:
    with service.database.begin() as db:
        row = db.query(Delivery).one()
        return row.state, row.error


@pytest.mark.usefixtures("concluded")
def test_an_unreachable_moodle_is_tried_again_later(service: Service, moodle: FakeMoodle, clock: Clock) -> None:
    moodle.failures = [UnreachableError("down"), UnreachableError("down")]
    assert deliver.deliver_due(service) == 0
    assert deliver.deliver_due(service) == 0, "not before its time"
    clock.advance(seconds=11)
    assert deliver.deliver_due(service) == 0
    clock.advance(seconds=31)
    assert deliver.deliver_due(service) == 1
    assert [review.accesscode for review in moodle.reviews] == [make_exam().accesscode]


@pytest.mark.usefixtures("concluded")
def test_a_lost_answer_does_not_send_the_review_twice(service: Service, moodle: FakeMoodle, clock: Clock) -> None:
    moodle.loses_answers, moodle.failures = True, [UnreachableError("time-out")]
    deliver.deliver_due(service)
    clock.advance(seconds=11)
    assert deliver.deliver_due(service) == 1
    assert len(moodle.reviews) == 1
    assert state(service) == (DeliveryState.DELIVERED, None)


@pytest.mark.usefixtures("concluded")
def test_a_worker_that_dies_while_it_asks_sends_nothing_twice(
    service: Service, moodle: FakeMoodle, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = moodle.submit

    def dies(review: Review) -> None:
        submit(review)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(moodle, "submit", dies)
        with pytest.raises(KeyboardInterrupt):
            deliver.deliver_due(service)
    assert deliver.deliver_due(service) == 0, "somebody may still be waiting for the answer"
    clock.advance(minutes=3)
    assert deliver.deliver_due(service) == 1
    assert len(moodle.reviews) == 1


@pytest.mark.usefixtures("concluded")
def test_an_access_code_that_moodle_does_not_know_is_given_up_and_said(service: Service, moodle: FakeMoodle) -> None:
    moodle.failures = [RefusedError("submit", "notdone", "Entry was not found")]
    deliver.deliver_due(service)
    assert state(service) == (DeliveryState.FAILED, "submit: Entry was not found (notdone)")


@pytest.mark.usefixtures("concluded")
def test_one_exam_asks_a_constant_number_of_things_of_moodle_and_idling_none(
    service: Service, moodle: FakeMoodle, clock: Clock
) -> None:
    deliver.deliver_due(service)
    of_ann = [what for what in moodle.asked if "bob" not in what]
    assert of_ann == ["exams ann@example.org", f"submit {make_exam().accesscode}"]
    asked = len(moodle.asked)
    for _day in range(180):
        clock.advance(days=1)
        rounds.go(service)
        rounds.clean(service)
    assert len(moodle.asked) == asked
