"""What staff could try: other courses, other roles, reviewing twice, the administrator's password."""

from __future__ import annotations

import re
from collections.abc import Callable

from actors import ANN, BOB, Browser, Candidate, Clock, FakeMoodle, administrator, csrf, make_exam, reviewer
from sqlalchemy import delete, func, select

from proctor_engine.lms import Access, Profile
from proctor_engine.service import Service
from proctor_engine.settings import Settings
from proctor_engine.store import admins
from proctor_engine.store.model import Audit
from proctor_engine.web.app import create_app

Begin = Callable[..., Candidate]
Analyse = Callable[[], None]


def test_a_reviewer_of_another_course_sees_nothing(service: Service, moodle: FakeMoodle, finish: Begin) -> None:
    ann = finish()
    bob = reviewer(service, moodle, 4)
    for path in (
        f"/api/review/{ann.id}",
        f"/review/{ann.id}/report.json",
        f"/api/wall/session/{ann.id}",
        f"/api/wall/session/{ann.id}/picture",
        "/api/wall/3/41",
        "/wall/3/41",
        "/review/course/3",
    ):
        assert bob.get(path).status_code == 404, path
    assert bob.post(f"/api/review/{ann.id}/conclusion", json={"conclusion": "Clean"}).status_code == 404
    assert bob.post(f"/api/wall/session/{ann.id}/stop").status_code == 404
    assert ANN.name not in bob.get("/review").text


def test_where_moodle_does_not_tell_courses_none_is_open_until_it_is_assigned(
    service: Service, moodle: FakeMoodle, begin: Begin
) -> None:
    ann = begin()
    moodle.staff[BOB.email] = Access(success=True, reviewer_auth=True)
    bob = Browser(service).sign_in(BOB)
    assert bob.get(f"/api/review/{ann.id}").status_code == 404
    admin = administrator(service)
    form = {"email": BOB.email, "course": "3", "csrf_token": csrf(admin, "/admin/staff")}
    assert admin.client.post("/admin/staff", data=form).status_code == 302
    assert bob.get(f"/api/review/{ann.id}").status_code == 200


def test_a_candidate_is_no_staff(begin: Begin) -> None:
    browser = begin().browser
    for path in ("/review", "/wall", "/admin/staff", "/admin/people", "/admin/audit"):
        assert browser.get(path).status_code == 403, path


def test_a_reviewer_is_no_administrator(service: Service, moodle: FakeMoodle) -> None:
    assert reviewer(service, moodle, 3).get("/admin/people").status_code == 403


def test_the_second_review_is_another_persons(
    service: Service, settings: Settings, moodle: FakeMoodle, finish: Begin
) -> None:
    service.settings = settings.model_copy(update={"second_review": True})
    ann = finish()
    bob = reviewer(service, moodle, 3)
    path = f"/api/review/{ann.id}/conclusion"
    assert bob.post(path, json={"conclusion": "Clean"}).json["state"] == "proposed"
    assert bob.post(path, json={"conclusion": "Clean"}).status_code == 409
    cora = reviewer(service, moodle, 3, who=Profile(id="19", email="cora@example.org", firstname="Cora"))
    assert cora.post(path, json={"conclusion": "Suspicious"}).json["state"] == "concluded"


def test_passwords_cannot_be_tried_quickly(service: Service) -> None:
    browser = Browser(service)
    token = csrf(browser, "/admin/sign-in")
    tries = [
        browser.client.post("/admin/sign-in", data={"name": "admin", "password": "x", "csrf_token": token}).status_code
        for _ in range(7)
    ]
    assert tries[:5] == [403] * 5
    assert tries[-1] == 429


def test_the_local_administrator_can_be_switched_off(service: Service, settings: Settings) -> None:
    admin = administrator(service)
    assert admin.get("/admin/people").status_code == 200
    service.settings = settings.model_copy(update={"local_admin": False})
    assert admin.get("/admin/sign-in").status_code == 404
    assert admin.get("/admin/people").status_code in {302, 403}


def test_who_administers_comes_from_moodle_by_name_and_sees_no_candidate(
    service: Service, settings: Settings, moodle: FakeMoodle, watched: Candidate
) -> None:
    service.settings = settings.model_copy(update={"local_admin": False, "administrators": ("dpo@example.org",)})
    officer = Profile(id="21", email="DPO@example.org", firstname="Dora")
    dora = Browser(service).sign_in(officer)
    assert "/admin/people" in dora.get("/exams").text
    for path in ("/admin/people", "/admin/audit", "/admin/staff"):
        assert dora.get(path).status_code == 200, path
    for path in (f"/review/{watched.id}", f"/api/wall/session/{watched.id}", "/review", "/wall"):
        assert dora.get(path).status_code == 403, path
    assert f"/review/{watched.id}" not in dora.get(f"/admin/audit?whose={watched.id}").text, "a way that is closed"
    cora = Browser(service).sign_in(Profile(id="22", email="cora@example.org", firstname="Cora"))
    assert "/admin/people" not in cora.get("/exams").text
    assert cora.get("/admin/people").status_code == 403
    assert reviewer(service, moodle, 3).get("/admin/people").status_code == 403
    assert Browser(service).get("/admin/people").location.startswith("/sign-in"), "Moodle's, not a password's"


def test_who_proctors_one_course_and_reviews_another_does_neither_in_the_others(
    service: Service, moodle: FakeMoodle, begin: Begin, analyse: Analyse
) -> None:
    moodle.staff[BOB.email] = Access(
        success=True, proctor_auth=True, reviewer_auth=True, proctor_courses=(3,), reviewer_courses=(4,)
    )
    ann = begin()
    bob = Browser(service).sign_in(BOB)
    assert bob.get(f"/api/wall/session/{ann.id}").status_code == 200
    ann.post("finish")
    analyse()
    assert bob.get(f"/api/review/{ann.id}").status_code == 404
    assert bob.post(f"/api/review/{ann.id}/conclusion", json={"conclusion": "Clean"}).status_code == 404


def ways(service: Service, *prefixes: str) -> list[tuple[str, str]]:
    """Every method and address under some prefixes, with places for a session, a course, a number."""
    rules = create_app(service).url_map.iter_rules()
    return [
        (method, re.sub(r"<[^>]*?(\w+)>", r"{\1}", rule.rule))
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(prefixes)
    ]


STAFFS = ("/review", "/api/review", "/wall", "/api/wall", "/admin/staff", "/admin/people", "/admin/audit")


def test_no_address_of_staff_is_open_to_anybody_else(service: Service, begin: Begin) -> None:
    candidate, stranger = begin().browser, Browser(service)
    found = ways(service, *STAFFS)
    assert len(found) > 25
    for method, path in found:
        named = {"session_id": "x", "kind": "pdf", "order": "stop"}
        address = path.format(**named, course_id=3, cm_id=41, number=1, evidence_id=1)
        ask = {"GET": candidate.get, "POST": candidate.post}[method]
        assert ask(address).status_code == 403, (method, path)
        token = {"X-CSRFToken": csrf(stranger, "/admin/sign-in")}
        assert stranger.client.open(address, method=method, headers=token).status_code in {302, 401}, (method, path)


def test_no_address_of_a_session_is_open_in_another_course(service: Service, moodle: FakeMoodle, finish: Begin) -> None:
    ann = finish()
    bob = reviewer(service, moodle, 4)
    found = [(method, path) for method, path in ways(service, *STAFFS) if "{session_id}" in path]
    assert len(found) > 13
    body = {"kind": "chat", "text": "x", "decision": "confirmed", "conclusion": "Clean", "type": "warning_talk"}
    for method, path in found:
        address = path.format(session_id=ann.id, kind="pdf", order="stop", number=1, evidence_id=1)
        answer = bob.get(address) if method == "GET" else bob.post(address, json=body)
        assert answer.status_code == 404, (method, path)


SHOW_NOBODY = {"/wall", "/review/next", "/admin/staff", "/admin/people"}


def test_no_address_shows_a_candidate_without_a_row_in_the_log(
    service: Service,
    moodle: FakeMoodle,
    begin: Begin,
    clock: Clock,
    watched: Candidate,
    empty_room: Callable[[float], bytes],
) -> None:
    """Whether or not it is asked for by the page that it belongs to."""
    moodle.exams_due = [make_exam("b" * 32)]
    running = begin("b" * 32)
    clock.advance(seconds=9)
    running.frame(empty_room(1), 1)
    admin = administrator(service)
    piece = admin.get(f"/api/review/{watched.id}").json["evidence"][0]["id"]
    named = {"kind": "json", "evidence_id": piece, "course_id": 3, "cm_id": 41}

    asked = 0
    for method, path in ways(service, *STAFFS):
        if method != "GET" or path in SHOW_NOBODY:
            continue
        with service.database.begin() as db:
            db.execute(delete(Audit))
        whose = running if "wall" in path else watched
        answer = admin.get(path.format(session_id=whose.id, **named), buffered=False)
        if answer.status_code == 404:  # Evidence of an incident is nothing for the wall.
            continue
        with service.database.read() as db:
            rows = db.scalar(select(func.count()).select_from(Audit))
        assert (answer.status_code, rows) == (200, 1), path
        asked += 1
    assert asked > 12


def test_a_visit_is_one_row_however_much_its_page_asks_for(
    service: Service, moodle: FakeMoodle, begin: Begin, clock: Clock, empty_room: Callable[[float], bytes]
) -> None:
    ann, bob = begin(), reviewer(service, moodle, 3)
    clock.advance(seconds=9)
    ann.frame(empty_room(1), 1)
    live = f"/api/wall/session/{ann.id}"
    for path in (
        *("/wall/3/41", "/api/wall/3/41", f"{live}/picture?small"),
        *(f"/wall/session/{ann.id}", live, f"{live}/picture", live),
        *(f"/review/{ann.id}", f"/api/review/{ann.id}", f"/api/review/{ann.id}"),
    ):
        assert bob.get(path).status_code == 200, path
    with service.database.read() as db:
        found = db.scalars(select(Audit.action).where(Audit.actor == BOB.email).order_by(Audit.id)).all()
    assert found == ["sign-in", "wall.open", "session.watch", "review.open"]


def test_numbers_and_names_that_make_no_sense_are_no_failure(
    service: Service, moodle: FakeMoodle, finish: Begin
) -> None:
    ann = finish()
    bob, admin = reviewer(service, moodle, 3), administrator(service)
    for odd in ("x", "-1", str(2**40), str(10**30), "%00", "'", "[]"):
        for path in (
            f"/review?state={odd}&page={odd}",
            f"/review/course/3?state={odd}&page={odd}&least={odd}&name={odd}&done={odd}",
            f"/review/course/{odd}",
            f"/wall/{odd}/{odd}",
            f"/api/wall/session/{ann.id}/evidence/{odd}",
            f"/review/next?but={odd}",
        ):
            assert bob.get(path).status_code in {200, 302, 404}, path
        for path in (f"/admin/audit?before={odd}", f"/admin/people?erased={odd}"):
            assert admin.get(path).status_code == 200, path
    for body in ([], ["x"], "x", 1, {"decision": []}, {"kind": [], "text": []}, {"conclusion": {}}, {"type": []}):
        for what in ("incidents/1", "incidents", "conclusion"):
            assert bob.post(f"/api/review/{ann.id}/{what}", json=body).status_code in {404, 422}, (what, body)
        assert bob.post(f"/api/wall/session/{ann.id}/say", json=body).status_code == 422
    for value, status in ((10**400, 201), (-(10**400), 201), (float("nan"), 201), (True, 422), ("1", 422)):
        marked = {"type": "warning_talk", "start": value}
        assert bob.post(f"/api/review/{ann.id}/incidents", json=marked).status_code == status, value


def test_a_new_password_ends_what_was_opened_with_the_old_one(service: Service) -> None:
    thief = administrator(service)
    assert thief.get("/admin/audit").status_code == 200
    with service.database.begin() as db:
        admins.set_password(db, "admin", "another one")
    assert thief.get("/admin/audit").status_code in {302, 403}
