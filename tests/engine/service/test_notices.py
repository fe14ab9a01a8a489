"""What is told to reviewers and never scored, and what people saw themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from actors import BOB, Browser, Candidate, Clock, FakeMoodle, make_exam

from proctor_engine.lms import Access
from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.store.model import Consent, Evidence

Begin = Callable[..., Candidate]
Analyse = Callable[[], None]


@pytest.fixture
def bob(service: Service, moodle: FakeMoodle) -> Browser:
    moodle.staff[BOB.email] = Access(
        success=True, proctor_auth=True, reviewer_auth=True, proctor_courses=(3,), reviewer_courses=(3,)
    )
    return Browser(service).sign_in(BOB)


def test_a_notice_is_for_reviewers_has_its_time_and_comes_once(begin: Begin, clock: Clock, bob: Browser) -> None:
    ann = begin()
    clock.advance(seconds=60)
    told = {"type": "pasted", "start": 12.0}
    for sequence in (0, 0):
        assert ann.events(told, {"type": "cannot_tell", "start": 0, "detail": "screens"}, time=13, sequence=sequence)
    assert ann.post("alive").json["messages"] == []
    facts = bob.get(f"/api/review/{ann.id}").json
    assert [(one["text"], one["time"]) for one in facts["messages"]] == [
        ("This browser does not tell: how many screens there are", 0.0),
        ("Text was pasted into an answer", 12.0),
    ]
    assert (facts["incidents"], facts["score"]["value"]) == ([], 0)


def test_notices_are_told_in_the_readers_language(begin: Begin, clock: Clock, bob: Browser) -> None:
    ann = begin()
    clock.advance(seconds=5)
    ann.events({"type": "left_full_screen", "start": 1}, time=2)
    [message] = bob.get(f"/api/review/{ann.id}?lang=ru").json["messages"]
    assert message["text"] == "Полноэкранный режим покинут"


@pytest.mark.parametrize("kind", ["taken_over", "phone_joined", "reloaded"])
def test_a_browser_cannot_tell_what_the_service_sees_itself(begin: Begin, kind: str) -> None:
    assert begin().events({"type": kind, "start": 0}, time=0).status_code == 422


def test_a_virtual_camera_is_forbidden_software(begin: Begin, clock: Clock, analyse: Analyse, bob: Browser) -> None:
    ann = begin()
    clock.advance(seconds=9)
    event = {"type": "warning_forbidden_software", "start": 0, "end": 8, "detail": "OBS Virtual Camera"}
    ann.events(event, time=8)
    ann.post("finish")
    analyse()
    [incident] = bob.get(f"/api/review/{ann.id}").json["incidents"]
    assert (incident["type"], incident["detail"]) == (event["type"], event["detail"])


def test_pictures_of_the_screen_are_kept_where_they_are_asked_for(
    service: Service,
    settings: Settings,
    begin: Begin,
    analyse: Analyse,
    bob: Browser,
    empty_room: Callable[[float], bytes],
) -> None:
    ann = begin()
    assert ann.send("screen", empty_room(0), 0, sequence=0).status_code == 403
    service.settings = settings.model_copy(update={"screen_share": True, "screen_interval": 30.0})
    assert ann.send("screen", empty_room(0), 0, sequence=0).status_code == 202
    ann.post("finish")
    analyse()
    with service.database.begin() as db:
        [piece] = db.query(Evidence).all()
    assert (piece.kind, piece.purpose.value) == ("screen", "surroundings")
    assert bob.get(f"/api/review/{ann.id}/evidence/{piece.id}").data == empty_room(0)


# Marks


def test_a_proctor_marks_what_they_see_and_it_counts(
    begin: Begin, clock: Clock, analyse: Analyse, bob: Browser
) -> None:
    ann = begin()
    clock.advance(seconds=30)
    path = f"/api/wall/session/{ann.id}/mark"
    assert bob.post(path, json={"type": "warning_nonverbal", "detail": "shows three fingers"}).status_code == 201
    assert bob.post(path, json={"type": "warning_phone"}).status_code == 201
    ann.events({"type": "warning_extra_display", "start": 1, "end": 3}, time=20)
    ann.post("finish")
    analyse()
    facts = bob.get(f"/api/review/{ann.id}").json
    marked = {one["type"]: one for one in facts["incidents"]}
    assert set(marked) == {"warning_nonverbal", "warning_phone", "warning_extra_display"}
    nonverbal = marked["warning_nonverbal"]
    assert (nonverbal["by"], nonverbal["decision"], nonverbal["detail"]) == (
        BOB.email,
        "confirmed",
        "shows three fingers",
    )
    assert 29 <= nonverbal["start"] <= 32
    assert facts["score"]["value"] > 0
    number = marked["warning_phone"]["number"]
    without = bob.post(f"/api/review/{ann.id}/incidents/{number}", json={"decision": "dismissed"}).json
    assert without["score"] < facts["score"]["value"]


def test_a_reviewer_marks_a_moment_of_the_recording(begin: Begin, clock: Clock, analyse: Analyse, bob: Browser) -> None:
    ann = begin()
    clock.advance(seconds=60)
    path = f"/api/review/{ann.id}/incidents"
    assert bob.post(path, json={"type": "warning_books", "start": 5}).status_code == 409
    ann.post("finish")
    analyse()
    assert bob.post(path, json={"type": "warning_books", "start": 5, "end": 8.5}).status_code == 201
    [incident] = bob.get(f"/api/review/{ann.id}").json["incidents"]
    assert (incident["type"], incident["start"], incident["end"]) == ("warning_books", 5.0, 8.5)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"type": "warning_cheater"}, 422),
        ({"type": "warning_no_ping"}, 422),
        ({"type": "nonsense"}, 422),
        ({}, 422),
        ({"type": "warning_books"}, 422),  # The exam's rules allow books.
        ({"type": "warning_phone", "start": "now"}, 422),
        ({"type": "warning_phone", "start": 9, "end": 3}, 422),
        ({"type": "warning_phone", "start": -4, "end": 1e9}, 201),
    ],
)
def test_only_what_a_person_can_see_and_the_rules_forbid_is_marked(
    moodle: FakeMoodle, begin: Begin, clock: Clock, bob: Browser, fields: dict[str, object], status: int
) -> None:
    moodle.exams_due = [make_exam(rules={"allow_to_use_books": True})]
    ann = begin()
    clock.advance(seconds=10)
    assert bob.post(f"/api/wall/session/{ann.id}/mark", json=fields).status_code == status


def test_a_reviewer_alone_does_not_mark_on_the_wall(service: Service, moodle: FakeMoodle, begin: Begin) -> None:
    ann = begin()
    moodle.staff[BOB.email] = Access(success=True, reviewer_auth=True, reviewer_courses=(3,))
    reviewer = Browser(service).sign_in(BOB)
    assert reviewer.post(f"/api/wall/session/{ann.id}/mark", json={"type": "warning_phone"}).status_code == 403


def test_the_consent_tells_what_the_browser_notes_and_where_the_sound_goes(service: Service) -> None:
    browser = Browser(service).sign_in()
    page = browser.get(f"/exams/{'a' * 32}").text
    for told in ("Sound is searched for voices", "leave the exam&#39;s window", "copied, pasted or printed", "write"):
        assert told in page
    browser.post("/api/sessions", json={"access_code": "a" * 32, "consent": True})
    with service.database.begin() as db:
        assert "leave the exam's window" in db.query(Consent).one().text, "the record has the same words"
