"""The candidate's whole way over HTTP, as the demo goes it."""

from __future__ import annotations

from collections.abc import Callable

from actors import BOB, Browser, Candidate, Clock, FakeMoodle

from proctor_engine.lms import Access
from proctor_engine.service import Service
from proctor_engine.tasks import deliver


def test_from_sign_in_to_the_review_in_moodle(
    service: Service,
    moodle: FakeMoodle,
    clock: Clock,
    begin: Callable[..., Candidate],
    analyse: Callable[[], None],
    empty_room: Callable[[float], bytes],
) -> None:
    moodle.staff[BOB.email] = Access(success=True, reviewer_auth=True, reviewer_courses=(3,))
    ann = begin()
    clock.advance(seconds=40)
    for second in range(40):
        assert ann.frame(empty_room(second), second).status_code == 202
    ann.events({"type": "warning_change_active_window_on_computer", "start": 10.0, "end": 14.0}, time=39)
    assert ann.post("finish").json == {"state": "finished"}
    analyse()

    bob = Browser(service).sign_in(BOB)
    facts = bob.get(f"/api/review/{ann.id}").json
    assert facts["state"] == "proposed"
    types = {incident["type"] for incident in facts["incidents"]}
    assert types == {"warning_no_user_in_frame", "warning_change_active_window_on_computer"}
    assert any(piece["kind"] == "frame" for piece in facts["evidence"])

    answer = bob.post(f"/api/review/{ann.id}/conclusion", json={"conclusion": "Suspicious", "comment": "left"})
    assert answer.json["state"] == "concluded"
    assert deliver.deliver_due(service) == 1
    [review] = moodle.reviews
    assert (review.accesscode, review.status, review.comment) == ("a" * 32, "Suspicious", "left")
    assert {warning.type for warning in review.warnings} == types
    assert deliver.deliver_due(service) == 0
