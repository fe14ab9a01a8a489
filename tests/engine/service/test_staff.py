"""What proctors and reviewers do, and what comes of it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from actors import BOB, Browser, Candidate, Clock, FakeMoodle, csrf, make_exam

from proctor_engine.lms import Access, Profile
from proctor_engine.service import Service
from proctor_engine.store.model import ExamSession

Begin = Callable[..., Candidate]
Analyse = Callable[[], None]
AWAY = "warning_change_active_window_on_computer"


@pytest.fixture
def bob(service: Service, moodle: FakeMoodle) -> Browser:
    moodle.staff[BOB.email] = Access(
        success=True, proctor_auth=True, reviewer_auth=True, proctor_courses=(3,), reviewer_courses=(3,)
    )
    return Browser(service).sign_in(BOB)


@pytest.fixture
def reviewed(begin: Begin, clock: Clock, analyse: Analyse, empty_room: Callable[[float], bytes]) -> Candidate:
    """Nobody in the picture for half a minute, and twice away from the window."""
    ann = begin()
    for second in range(30):
        clock.advance(seconds=1)
        ann.frame(empty_room(second), second)
        analyse()
    for start in (2.0, 20.0):
        ann.events({"type": AWAY, "start": start, "end": start + 3}, time=29)
    ann.post("finish")
    analyse()
    return ann


def incidents(bob: Browser, ann: Candidate) -> dict[str, Any]:
    found = bob.get(f"/api/review/{ann.id}").json["incidents"]
    return {f"{incident['type']}@{incident['start']:.0f}": incident for incident in found}


# Review


def test_the_score_follows_each_decision(bob: Browser, reviewed: Candidate) -> None:
    path = f"/api/review/{reviewed.id}"
    before = bob.get(path).json["score"]["value"]
    away = [incident["number"] for key, incident in incidents(bob, reviewed).items() if key.startswith(AWAY)]
    without = bob.post(f"{path}/incidents/{away[0]}", json={"decision": "dismissed"}).json["score"]
    assert without < before
    assert bob.post(f"{path}/incidents/{away[0]}", json={"decision": "undecided"}).json["score"] == before
    assert bob.post(f"{path}/incidents/{away[0]}", json={"decision": "maybe"}).status_code == 422
    assert bob.post(f"{path}/incidents/99", json={"decision": "confirmed"}).status_code == 404


def test_a_dismissed_incident_is_not_told_to_moodle(
    service: Service, moodle: FakeMoodle, bob: Browser, reviewed: Candidate
) -> None:
    from proctor_engine.tasks import deliver

    for key, incident in incidents(bob, reviewed).items():
        if key.startswith(AWAY):
            bob.post(f"/api/review/{reviewed.id}/incidents/{incident['number']}", json={"decision": "dismissed"})
    bob.post(f"/api/review/{reviewed.id}/conclusion", json={"conclusion": "Suspicious"})
    deliver.deliver_due(service)
    [review] = moodle.reviews
    assert {warning.type for warning in review.warnings} == {"warning_no_user_in_frame"}
    assert review.review_link == f"http://localhost/review/{reviewed.id}"
    assert set(review.warning_titles["warning_no_user_in_frame"]) == {"en", "ru"}


@pytest.mark.parametrize("conclusion", ["Guilty", "", None, "Finished"])
def test_only_moodles_conclusions_are_taken(bob: Browser, reviewed: Candidate, conclusion: str | None) -> None:
    answer = bob.post(f"/api/review/{reviewed.id}/conclusion", json={"conclusion": conclusion})
    assert answer.status_code == 422


def test_a_running_session_cannot_be_concluded(bob: Browser, begin: Begin) -> None:
    ann = begin()
    assert bob.post(f"/api/review/{ann.id}/conclusion", json={"conclusion": "Clean"}).status_code == 409


def test_exports_hold_the_same_facts(bob: Browser, reviewed: Candidate) -> None:
    base = f"/review/{reviewed.id}/report"
    facts = json.loads(bob.get(f"{base}.json").text)
    rows = list(csv.DictReader(io.StringIO(bob.get(f"{base}.csv").text.removeprefix("\ufeff"))))
    assert [row["type"] for row in rows] == [incident["type"] for incident in facts["incidents"]]
    page = bob.get(f"{base}.html")
    assert "attachment" in page.headers["Content-Disposition"]
    assert page.text.count("data:image/jpeg;base64,") >= 1
    pdf = bob.get(f"{base}.pdf").data
    assert pdf.startswith(b"%PDF-")
    assert b"/Image" in pdf
    assert bob.get(f"{base}.exe").status_code == 404


def test_exports_speak_russian(bob: Browser, reviewed: Candidate) -> None:
    assert "Никого нет в кадре" in bob.get(f"/review/{reviewed.id}/report.html?lang=ru").text
    assert bob.get(f"/review/{reviewed.id}/report.pdf?lang=ru").data.startswith(b"%PDF-")


@pytest.mark.usefixtures("reviewed")
def test_the_queue_is_by_score_and_a_course_shows_how_scores_lie(bob: Browser) -> None:
    assert "Ann Lee" in bob.get("/review").text
    page = bob.get("/review/course/3")
    assert "1 session" in page.text
    assert "Ann Lee" not in bob.get("/review/course/3?name=zzz").text
    assert "Ann Lee" in bob.get("/review/course/3?name=ann&state=proposed&least=1").text
    assert "ann@example.org" in bob.get("/review/course/3/export.csv").text


def test_many_are_concluded_only_with_their_number(moodle: FakeMoodle, bob: Browser, finish: Begin) -> None:
    sessions = []
    for code in ("a", "b"):
        moodle.exams_due = [make_exam(code * 32)]
        sessions.append(finish(code * 32).id)
    token = bob.get("/review/course/3").text.split('name="csrf_token" value="')[2].split('"')[0]
    form = {"session": sessions, "conclusion": "Clean", "comment": "", "csrf_token": token}
    assert bob.client.post("/review/course/3", data=form | {"sure": "1"}).status_code == 400
    assert bob.client.post("/review/course/3", data=form | {"sure": "2"}).status_code == 302
    assert {bob.get(f"/api/review/{key}").json["conclusion"] for key in sessions} == {"Clean"}


def test_in_automatic_mode_the_proposal_is_sent_and_says_that_no_person_concluded(
    service: Service, finish: Begin, bob: Browser
) -> None:
    service.settings = service.settings.model_copy(update={"automatic": True})
    ann = finish()
    facts = bob.get(f"/api/review/{ann.id}").json
    assert (facts["state"], facts["reviews"][0]["reviewer"]) == ("concluded", "automatic")


@pytest.mark.parametrize("mode", ["normal", "olympics", "identification"])
def test_the_automatic_setting_is_for_mode_auto_only(
    service: Service, moodle: FakeMoodle, finish: Begin, bob: Browser, mode: str
) -> None:
    service.settings = service.settings.model_copy(update={"automatic": True})
    moodle.exams_due = [make_exam(mode=mode)]
    ann = finish()
    assert bob.get(f"/api/review/{ann.id}").json["state"] == "proposed"


# The wall


def test_the_wall_pushes_everybody_first_and_then_who_has_changed(
    moodle: FakeMoodle, bob: Browser, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proctor_engine.web.wall.LOOK", 0)
    ann = begin()
    moodle.exams_due = [make_exam("b" * 32)]
    begin("b" * 32, Profile(id="20", email="cora@example.org", firstname="Cora"))
    stream = bob.client.get("/api/wall/3/41/stream", buffered=False)
    events = stream.response
    first = json.loads(next(events).decode().partition("data: ")[2])
    assert {card["name"] for card in first} == {"Ann Lee", "Cora"}
    assert next(events).startswith(b":")
    ann.post("messages", json={"text": "Help"})
    [changed] = json.loads(next(events).decode().partition("data: ")[2])
    assert (changed["id"], changed["asks"]) == (ann.id, True)
    bob.post(f"/api/wall/session/{ann.id}/say", json={"kind": "chat", "text": "I come."})
    [changed] = json.loads(next(events).decode().partition("data: ")[2])
    assert not changed["asks"], "it was answered"
    stream.close()


def test_a_proctor_talks_warns_pauses_and_stops(bob: Browser, begin: Begin) -> None:
    ann = begin()
    path = f"/api/wall/session/{ann.id}"
    bob.post(f"{path}/say", json={"kind": "warn", "text": "Please look at your screen."})
    bob.post(f"{path}/say", json={"kind": "note", "text": "Looks tired."})
    heard = ann.post("alive").json["messages"]
    assert [(message["kind"], message["text"]) for message in heard] == [("warn", "Please look at your screen.")]
    assert ann.post(f"alive?after={heard[-1]['id']}").json["messages"] == []
    assert bob.post(f"{path}/pause").json == {"state": "paused"}
    assert ann.post("alive").json["state"] == "paused"
    assert bob.post(f"{path}/resume").json == {"state": "running"}
    assert bob.post(f"{path}/stop").json == {"state": "finished"}
    assert ann.post("alive").json["state"] == "finished"


def test_the_newest_picture_small_and_large(
    bob: Browser, begin: Begin, clock: Clock, empty_room: Callable[[float], bytes]
) -> None:
    ann = begin()
    path = f"/api/wall/session/{ann.id}/picture"
    assert bob.get(path).status_code == 404
    clock.advance(seconds=5)
    ann.frame(empty_room(1), 1)
    ann.frame(empty_room(2), 2)
    large = bob.get(path)
    assert large.data == empty_room(2)
    small = bob.get(f"{path}?small")
    assert len(small.data) < len(large.data)
    assert bob.get(f"{path}?small", headers={"If-None-Match": small.headers["ETag"]}).status_code == 304


def test_a_candidate_sees_the_warnings_that_the_teacher_lets_them_see(
    moodle: FakeMoodle, begin: Begin, clock: Clock, analyse: Analyse, empty_room: Callable[[float], bytes]
) -> None:
    for code, shown in (("a" * 32, True), ("b" * 32, False)):
        moodle.exams_due = [make_exam(code, warnings={"warning_no_user_in_frame": shown})]
        ann = begin(code)
        for second in range(12):
            clock.advance(seconds=1)
            ann.frame(empty_room(second), second)
            analyse()
        types = [warning["type"] for warning in ann.post("alive").json["warnings"]]
        assert types == (["warning_no_user_in_frame"] if shown else [])


def test_a_silent_browser_is_waited_for_while_the_exam_lasts(
    service: Service, moodle: FakeMoodle, begin: Begin, clock: Clock
) -> None:
    from proctor_engine.tasks import rounds

    moodle.exams_due = [make_exam(time_limit_mins=60)]
    ann = begin()
    clock.advance(minutes=50)
    assert rounds.end_silent(service) == 0
    clock.advance(minutes=20)
    assert rounds.end_silent(service) == 1
    assert ann.post("alive").json["state"] == "finished"


def test_the_next_in_the_queue_is_the_riskiest_that_waits(
    service: Service, moodle: FakeMoodle, bob: Browser, finish: Begin
) -> None:
    ids = []
    for code in "abc":
        moodle.exams_due = [make_exam(code * 32)]
        ids.append(finish(code * 32).id)
    with service.database.begin() as db:
        for score, key in enumerate(ids):
            db.get_one(ExamSession, key).score = score
    assert bob.get("/review/next").location == f"/review/{ids[2]}"
    assert bob.get(f"/review/next?but={ids[2]}").location == f"/review/{ids[1]}"
    for key in ids:
        bob.post(f"/api/review/{key}/conclusion", json={"conclusion": "Clean"})
    assert bob.get("/review/next").location == "/review"


def test_in_a_bulk_decision_those_that_cannot_be_concluded_are_left_out_and_counted(
    service: Service, moodle: FakeMoodle, bob: Browser, finish: Begin
) -> None:
    service.settings = service.settings.model_copy(update={"second_review": True})
    sessions = []
    for code in "ab":
        moodle.exams_due = [make_exam(code * 32)]
        sessions.append(finish(code * 32).id)
    bob.post(f"/api/review/{sessions[0]}/conclusion", json={"conclusion": "Clean"})
    form = {"session": sessions, "sure": "2", "conclusion": "Clean", "csrf_token": csrf(bob, "/review/course/3")}
    page = bob.client.post("/review/course/3", data=form, follow_redirects=True).text
    assert "Concluded: 1" in page
    assert "Left out" in page
    assert len(bob.get(f"/api/review/{sessions[0]}").json["reviews"]) == 1


def test_an_exported_page_needs_nothing_from_anywhere_else(bob: Browser, reviewed: Candidate) -> None:
    page = bob.get(f"/review/{reviewed.id}/report.html").text
    assert re.findall(r"(?:src|href|action)=\"(?!data:)|url\(|@import", page) == []
    assert "<script" not in page


def test_whoever_was_stopped_is_told_so(bob: Browser, begin: Begin) -> None:
    ann = begin()
    bob.post(f"/api/wall/session/{ann.id}/stop")
    assert "A proctor ended it." in ann.browser.get(f"/room/{ann.id}").text


def test_a_picture_that_the_purge_has_just_taken_is_no_failure(
    service: Service, bob: Browser, reviewed: Candidate
) -> None:
    [piece, *_] = bob.get(f"/api/review/{reviewed.id}").json["evidence"]
    service.evidence.delete_session(reviewed.id)
    assert bob.get(f"/api/review/{reviewed.id}/evidence/{piece['id']}").status_code == 404


def test_ways_in_are_shown_to_those_who_may_go_them(service: Service, moodle: FakeMoodle) -> None:
    moodle.staff[BOB.email] = Access(success=True, reviewer_auth=True, reviewer_courses=(3,))
    page = Browser(service).sign_in(BOB).get("/review").text
    assert 'href="/review"' in page
    assert 'href="/wall"' not in page
    assert 'href="/admin' not in page
