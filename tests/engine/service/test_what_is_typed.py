"""Scripts, formulas and quotes in what people type are text everywhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from actors import ANN, Candidate, FakeMoodle, administrator, csrf, make_exam, reviewer

from proctor_engine.lms import Profile
from proctor_engine.service import Service
from proctor_engine.web.export import sheet

Begin = Callable[..., Candidate]
Analyse = Callable[[], None]


EVIL = ('<script>alert("x")</script>', "</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>')


@pytest.mark.parametrize("evil", EVIL)
def test_names_and_comments_are_shown_not_run(
    service: Service, moodle: FakeMoodle, begin: Begin, analyse: Analyse, evil: str
) -> None:
    moodle.exams_due = [
        make_exam(name=evil, course_name=evil, rules={"custom_rules": evil}, user_agreement_url="javascript:alert(1)")
    ]
    ann = begin(who=Profile(id="17", email=ANN.email, firstname=evil))
    bob, admin = reviewer(service, moodle, 3), administrator(service)
    page = ann.browser.get(f"/exams/{'a' * 32}").text
    assert "javascript:" not in page
    shown = [page, ann.browser.get("/exams").text, ann.browser.get(f"/room/{ann.id}").text]
    ann.post("messages", json={"text": evil})
    bob.post(f"/api/wall/session/{ann.id}/say", json={"kind": "note", "text": evil})
    bob.post(f"/api/wall/session/{ann.id}/mark", json={"type": "warning_talk", "detail": evil})
    watched = ("/wall", "/wall/3/41", f"/wall/session/{ann.id}")
    shown += [bob.get(path).text for path in watched]
    ann.post("finish")
    shown.append(ann.browser.get(f"/room/{ann.id}").text)
    analyse()
    bob.post(f"/api/review/{ann.id}/conclusion", json={"conclusion": "Clean", "comment": evil})
    reviewed = ("/review?state=concluded", f"/review/{ann.id}", f"/review/{ann.id}/report.html", "/review/course/3")
    shown += [bob.get(path).text for path in reviewed]
    form = {"email": f"{evil}@example.org", "course": "3", "csrf_token": csrf(admin, "/admin/staff")}
    admin.client.post("/admin/staff", data=form)
    shown += [admin.get(path).text for path in ("/admin/staff", "/admin/audit")]
    assert [page for page in shown if evil in page] == []
    assert bob.get(f"/review/{ann.id}/report.pdf").data.startswith(b"%PDF-")


def test_a_cell_that_a_spreadsheet_would_run_is_text() -> None:
    for value in ("=1+1", "+x", "@y", "-2+3", "\t=1", " =1", "＝1", "plain", "a-b", "a=b", "12; 13"):
        [_, row] = sheet.table(["a"], [[value]]).removeprefix("\ufeff").splitlines()
        assert row == value if value[0].isalnum() else row.startswith("'"), value
    assert sheet.harmless(-5) == -5


def test_a_formula_behind_another_separator_is_text_too() -> None:
    """Where the comma is the decimal sign, spreadsheets part cells at semicolons, whatever the quotes say."""
    assert sheet.harmless("Ann;=HYPERLINK(0)") == "Ann;'=HYPERLINK(0)"
    assert sheet.harmless("Ann\n=1;+2") == "Ann\n'=1;'+2"


@pytest.mark.parametrize("text", ["' OR '1'='1", "'; DROP TABLE person; --", "%", "\\", '") UNION SELECT 1 --'])
def test_quotes_in_every_field_are_only_text(
    service: Service, moodle: FakeMoodle, begin: Begin, analyse: Analyse, text: str
) -> None:
    ann = begin()
    ann.post("messages", json={"text": text})
    ann.post("finish")
    analyse()
    bob = reviewer(service, moodle, 3)
    found = bob.get("/review/course/3", query_string={"name": text})
    assert found.status_code == 200
    assert ann.id not in found.text
    assert bob.get("/review/course/3", query_string={"name": "Ann"}).text.count(ann.id) > 0
    assert bob.post(f"/api/review/{ann.id}/conclusion", json={"conclusion": text}).status_code == 422
    made = bob.post(f"/api/review/{ann.id}/conclusion", json={"conclusion": "Clean", "comment": text})
    assert made.status_code == 200
    facts = bob.get(f"/api/review/{ann.id}").json
    assert text in [message["text"] for message in facts["messages"]]
    assert [review["comment"] for review in facts["reviews"]] == [text]
    assert bob.get(f"/api/review/{text}").status_code == 404
