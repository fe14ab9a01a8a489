"""The log: who may look, what it shows, and "New entry"."""

from __future__ import annotations

import csv
import io

import pytest
from conformance.browser import Browser, Page
from conformance.lab import COURSE_NAME, EXAM_NAME, PASSWORD, Lab, Person
from conformance.proctoring import Proctoring, renew

from contract.entry import STATUS_TITLES, Status
from contract.wire import LOG_PATH


def rows(page: Page, person: Person) -> list[str]:
    """The text of `person`'s rows; a judged entry that was never used has a fresh one beside it."""
    return [
        text for each in page.soup.select("table tr") if person.email in (text := " ".join(each.get_text(" ").split()))
    ]


def entry_id(proctoring: Proctoring, accesscode: str) -> int:
    return int(proctoring.behind(accesscode)["id"])


@pytest.fixture
def reviewed(proctoring: Proctoring, accesscode: str) -> str:
    """The student's entry, judged with everything that the log can show."""
    proctoring.review(
        accesscode,
        Status.SUSPICIOUS.value,
        comment="Looked aside & smiled",
        score=42,
        review_link="https://proctoring.example.com/report/1",
        warnings=['{"type": "warning_avert_eyes", "start": 1700000100, "end": 1700000110}'],
        warning_titles='{"warning_avert_eyes": {"en": "Eyes elsewhere"}}',
    )
    return accesscode


def log(browser: Browser, person: Person) -> Page:
    return browser.get(LOG_PATH, userquery=person.email)


@pytest.mark.usefixtures("reviewed")
def test_log_shows_the_review(lab: Lab, student: Person) -> None:
    page = log(lab.admin, student)
    assert page.status == 200
    (shown,) = [row for row in rows(page, student) if Status.SUSPICIOUS.value in row]
    assert EXAM_NAME in shown
    assert "42" in shown
    assert page.soup.select_one('a[href="https://proctoring.example.com/report/1"]')


def test_details_show_comment_and_warnings(lab: Lab, proctoring: Proctoring, reviewed: str) -> None:
    page = lab.admin.get(LOG_PATH, action="show", id=entry_id(proctoring, reviewed))
    assert page.status == 200
    assert "Eyes elsewhere" in page.text
    assert "Looked aside & smiled" in page.text


def test_address_that_is_a_script_is_no_link(
    lab: Lab, proctoring: Proctoring, student: Person, accesscode: str
) -> None:
    proctoring.review(accesscode, Status.CLEAN.value, review_link="javascript:alert(1)")
    for page in (
        log(lab.admin, student),
        lab.admin.get(LOG_PATH, action="show", id=entry_id(proctoring, accesscode)),
    ):
        assert page.status == 200
        assert not page.soup.select('a[href^="javascript:alert"]')


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize("status", [Status.CLEAN, Status.SUSPICIOUS])
def test_log_can_be_narrowed_to_a_status(lab: Lab, student: Person, status: Status) -> None:
    page = lab.admin.get(LOG_PATH, userquery=student.email, status=status.value)
    assert bool(rows(page, student)) is (status is Status.SUSPICIOUS)


@pytest.mark.usefixtures("reviewed")
def test_student_may_not_look(student: Person, browser: Browser) -> None:
    page = log(browser, student)
    assert rows(page, student) == []
    assert page.status in (403, 404)


def test_reader_without_the_course_s_log_gets_no_single_entry_either(
    lab: Lab, proctoring: Proctoring, student: Person, accesscode: str
) -> None:
    """Entries are numbered: whoever guesses a number must not read or renew what the list keeps from them."""
    entry = entry_id(proctoring, accesscode)
    stranger = lab.browser(lab.student())
    page = stranger.get(LOG_PATH, action="show", id=entry)
    assert page.status in (403, 404)
    assert student.email not in page.text
    stranger.post(LOG_PATH, action="renew", id=entry, force="true", sesskey=stranger.get("/my/").sesskey)
    assert proctoring.status(accesscode) is Status.NOT_INITED


COLUMNS = ("timefinish", "timescheduled", "u_email", "courseid", "cmid", "status", "review_link", "score")


@pytest.mark.usefixtures("reviewed")
def test_log_can_be_sorted_by_anything(lab: Lab, student: Person) -> None:
    """Also by columns that no query has: then it is shown as it was."""
    for column in (*COLUMNS, "details", "create_entry", "nothing"):
        page = lab.admin.get(LOG_PATH, userquery=student.email, tsort=column)
        assert page.status == 200, column
        assert rows(page, student), column


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize(
    "query",
    [
        {"moduleid": 1, "timemodified": 1},
        {"from[day]": 1, "from[month]": 1, "from[year]": 2000, "to[day]": 1, "to[month]": 1, "to[year]": 2037},
    ],
    ids=["filters", "dates"],
)
def test_bookmarks_of_v08_still_open_the_log(lab: Lab, student: Person, query: dict[str, int]) -> None:
    page = lab.admin.get(LOG_PATH, userquery=student.email, **query)
    assert page.status == 200
    assert rows(page, student)


@pytest.mark.usefixtures("reviewed")
def test_log_can_be_had_as_a_file(lab: Lab, student: Person) -> None:
    """What the filter leaves, without buttons and links, and with the course also where the page does without."""
    page = lab.admin.get(LOG_PATH, userquery=student.email, status=Status.SUSPICIOUS.value, download="csv")
    assert page.response.headers["Content-Type"].startswith("text/csv")
    assert page.response.headers["Content-Disposition"].startswith("attachment")
    heading, *found = csv.reader(io.StringIO(page.response.content.decode("utf-8-sig")))
    assert len(heading) == len(COLUMNS)
    (row,) = (dict(zip(COLUMNS, values, strict=True)) for values in found)
    assert row["u_email"].endswith(student.email)
    assert (row["courseid"], row["cmid"]) == (COURSE_NAME, EXAM_NAME)
    assert (row["status"], row["score"]) == (STATUS_TITLES[Status.SUSPICIOUS].en, "42")
    assert row["review_link"] == "https://proctoring.example.com/report/1"


def test_log_offers_every_status(lab: Lab, proctoring: Proctoring, student: Person, accesscode: str) -> None:
    made_up = "Waiting for a proctor"
    proctoring.review(accesscode, made_up)
    page = lab.admin.get(LOG_PATH, userquery=student.email, status=made_up)
    assert rows(page, student)
    offered = {str(option.get("value")) for option in page.soup.select('select[name="status"] option')}
    assert offered >= {made_up, *(status.value for status in Status)}


def test_visitor_signs_in_first_and_gets_the_entry_asked_for(
    lab: Lab, proctoring: Proctoring, student: Person, accesscode: str
) -> None:
    entry = entry_id(proctoring, accesscode)
    visitor = Browser(lab.address)
    assert visitor.get(LOG_PATH, action="show", id=entry).location == f"{lab.address}/login/index.php"
    page = visitor.sign_in(lab.teacher.username, PASSWORD)
    assert page.url == f"{lab.address}{LOG_PATH}?action=show&id={entry}"
    assert student.email in page.text


def test_new_entry_gives_a_fresh_code(lab: Lab, proctoring: Proctoring, student: Person, reviewed: str) -> None:
    renew(lab.admin, entry_id(proctoring, reviewed))
    fresh = proctoring.exam(student.email)
    assert fresh["accesscode"] != reviewed
    assert fresh["status"] == Status.NOT_INITED.value
    assert proctoring.status(reviewed) is Status.SUSPICIOUS


def test_unused_entry_is_replaced_when_forced(
    lab: Lab, proctoring: Proctoring, student: Person, accesscode: str
) -> None:
    renew(lab.admin, entry_id(proctoring, accesscode), force=True)
    assert proctoring.status(accesscode) is Status.FORCE_RESET
    assert proctoring.exam(student.email)["accesscode"] != accesscode


def test_new_entry_needs_the_page_s_own_key(lab: Lab, proctoring: Proctoring, accesscode: str) -> None:
    entry = entry_id(proctoring, accesscode)
    lab.admin.post(LOG_PATH, action="renew", id=entry, force="true", sesskey="forged")
    lab.admin.get(LOG_PATH, action="renew", id=entry, force="true")
    assert proctoring.status(accesscode) is Status.NOT_INITED
