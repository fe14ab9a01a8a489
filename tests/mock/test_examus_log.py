"""The proctoring log of the plugin of this repository."""

from __future__ import annotations

import json

import pytest
from mock.campus import Campus
from mock.successor import code_of, review

from contract.wire import LOG_PATH

pytestmark = pytest.mark.usefixtures("connected")


def test_a_course_s_log_is_open_to_its_teacher(campus: Campus) -> None:
    campus.exams("anna")
    with campus.site.visit() as visit:
        from mock_moodle.access import context_system
        from mock_moodle.store.core import RoleCapability

        visit.session.add(
            RoleCapability(
                contextid=context_system().id, roleid=3, capability="availability/examus:logaccess_course", permission=1
            )
        )
    tamara = campus.sign_in("tamara")
    assert tamara.get(LOG_PATH).status == 404
    assert "anna@example.com" in tamara.get(LOG_PATH, courseid=2).text
    page = tamara.get(LOG_PATH, courseid=2)
    assert tamara.submit(page, "#entries form").location.endswith(f"{LOG_PATH}?courseid=2")


def test_a_new_entry_wants_the_page_s_key(campus: Campus) -> None:
    code = code_of(campus)
    admin = campus.sign_in("admin")
    assert admin.get(LOG_PATH, action="renew", id=1, force=1).status == 404
    assert campus.status(code) == "Not inited"


def test_details_show_titles_in_the_reader_s_language(campus: Campus) -> None:
    titles = {"warning_talk": {"en": "Speech", "ru": "Речь"}}
    warning = {"type": "warning_talk", "start": 1700000000, "end": "2026-01-01T10:00:00+0000"}
    review(
        campus, code_of(campus), "Clean", comment="a < b", review_link="javascript:alert(1)",
        warnings=[json.dumps(warning), "warning_phone"], warning_titles=json.dumps(titles), score=7,
    )  # fmt: skip
    page = campus.sign_in("admin").get(LOG_PATH, action="show", id=1)
    assert "Speech" in page.text
    assert "warning_phone" in page.text
    assert "a < b" in page.text
    assert not page.soup.select('a[href^="javascript"]')
