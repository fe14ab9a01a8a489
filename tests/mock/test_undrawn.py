"""Pages that the mock does not draw have the titles and refusals of a real Moodle 4.5.6, and say what they are."""

from __future__ import annotations

import pytest
import requests
from mock.campus import EXAM, ROOT, Browser, Campus

from mock_moodle.testing import MockMoodle

LOGIN = f"{ROOT}/login/index.php"


@pytest.mark.parametrize(
    ("path", "title", "refused"),
    [
        ("/course/edit.php?id=2", "Edit course settings", "Update course settings"),
        ("/grade/report/user/index.php?id=2", "User report | Algebra", ""),
        ("/grade/report/grader/index.php?id=2", "Grader report | Algebra", "View grader report"),
        ("/grade/edit/tree/index.php?id=2", "Gradebook setup | Algebra", "Manage grade items"),
        ("/group/index.php?id=2", "Groups", "Manage groups"),
        ("/mod/assign/index.php?id=2", "Assignments", ""),
        ("/mod/forum/index.php?id=2", "ALG: Forums", ""),
        ("/question/edit.php?courseid=2", "Edit questions", "access question edit tab questions"),
        (f"/mod/quiz/edit.php?cmid={EXAM}", "Editing quiz: Exam", "access question edit tab editq"),
        ("/report/progress/index.php?course=2", "Completion conditions", "View activity completion reports"),
        ("/course/modedit.php?add=quiz&course=2&section=1", "New Quiz | ALG", "Manage activities"),
    ],
)
def test_pages_of_a_course(campus: Campus, path: str, title: str, refused: str) -> None:
    page = campus.sign_in("tamara").get(path)
    assert (page.status, page.title) == (200, f"{title} | campus")
    assert "The mock does not draw this page" in page.text
    assert campus.visitor().get(path).location == LOGIN
    assert campus.sign_in("robot").get(path).location == f"{ROOT}/enrol/index.php?id=2"
    if refused and EXAM_PATH not in path:
        page = campus.sign_in("anna").get(path)
        assert (page.status, f"permissions to do that ({refused})." in page.text) == (404, True)


EXAM_PATH = "/mod/quiz/"
"""Whom the proctored exam itself keeps out is led to the course before."""


@pytest.mark.parametrize(
    ("path", "title", "guests"),
    [
        ("/user/preferences.php", "Preferences", "Course or activity not accessible."),
        ("/user/edit.php", "campus: Edit profile", "The guest user cannot edit their profile"),
        ("/user/files.php", "Private files", ""),
        ("/message/index.php", "Messages", ROOT),
        ("/message/notificationpreferences.php", "Notification preferences", "Guest user can not edit messaging"),
        ("/calendar/view.php", "campus: Calendar: Upcoming events", "Calendar"),
        ("/grade/report/overview/index.php", "Grades - Anna Petrova", "Invalid user ID"),
    ],
)
def test_pages_of_whoever_is_signed_in(campus: Campus, path: str, title: str, guests: str) -> None:
    assert campus.sign_in("anna").get(path).title == f"{title} | campus"
    assert campus.visitor().get(path).location == LOGIN
    page = as_guest(campus).get(path)
    assert guests in (page.location if page.status == 303 else page.text)


def as_guest(campus: Campus) -> Browser:
    browser = campus.visitor()
    token = browser.get("/login/index.php").form("[name=logintoken]")["value"]
    browser.follow(browser.post("/login/index.php", username="guest", password="guest", logintoken=token))
    return browser


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/calendar/view.php?view=month", "campus: Calendar: Detailed month view: January 2027"),
        ("/calendar/view.php?view=day&course=2", "ALG: Calendar: Day view: Friday, 15 January 2027"),
    ],
)
def test_the_calendar_names_the_day(campus: Campus, path: str, title: str) -> None:
    campus.site.clock.freeze(1_800_000_000)
    assert campus.sign_in("anna").get(path).title == f"{title} | campus"


@pytest.mark.parametrize(
    ("path", "title", "refused"),
    [
        ("/admin/environment.php", "Environment | Server", "Access denied"),
        ("/admin/webservice/documentation.php", "API Documentation | Web services | Server", "Access denied"),
        ("/report/security/index.php", "Security checks | Reports", "Access denied"),
        ("/admin/category.php?category=webservicesettings", "Web services | Server", "Category error"),
        ("/admin/category.php?category=server", "Server", "Access denied"),
        ("/admin/settings.php?section=debugging", "Debugging | Development", "Section error!"),
    ],
)
def test_pages_of_the_administration(campus: Campus, path: str, title: str, refused: str) -> None:
    assert campus.sign_in("admin").get(path).title == f"{title} | Administration | campus"
    page = campus.sign_in("anna").get(path)
    assert (page.status, refused in page.text) == (404, True)
    assert campus.visitor().get(path).location == LOGIN


def test_addresses_that_lead_on(campus: Campus) -> None:
    anna, tamara = campus.sign_in("anna"), campus.sign_in("tamara")
    assert anna.get("/grade/report/index.php", id=2).location == f"{ROOT}/grade/report/user/index.php?id=2"
    assert anna.get("/grade/index.php", id=2).location == f"{ROOT}/grade/report/index.php?id=2"
    assert anna.get("/mod/label/index.php", id=2).location == f"{ROOT}/course/view.php?id=2"
    assert anna.get("/user/view.php", id=3).location == f"{ROOT}/user/profile.php?id=3"
    assert anna.get("/enrol/index.php", id=1).location == f"{ROOT}/"
    told = tamara.get("/mod/quiz/grade.php", id=EXAM).location
    assert told == f"{ROOT}/mod/quiz/report.php?id={EXAM}&mode=overview"
    assert campus.visitor().get("/enrol/index.php", id=99).location == LOGIN
    assert "has been disabled by the administrator" in campus.visitor().get("/admin/cron.php").html
    assert campus.visitor().get("/admin/index.php").location == f"{ROOT}/admin/index.php?cache=1"


def test_what_is_not_there_is_told_in_moodles_words(campus: Campus) -> None:
    anna = campus.sign_in("anna")
    for path, said in (
        ("/grade/report/user/index.php?id=99", "You are trying to use an invalid course ID"),
        ("/mod/assign/index.php?id=99", "Can't find data record in database table course."),
        ("/mod/assign/index.php", "A required parameter (id) was missing"),
        ("/course/index.php?categoryid=9", 'Unknown category with category ID number "9"'),
        ("/user/view.php?id=99&course=2", "Invalid user"),
        ("/course/modedit.php", "Invalid action parameter"),
        ("/course/edit.php", "permissions to do that (Create courses)."),
        ("/editmode.php", "A required parameter (context) was missing"),
        ("/admin/roles/assign.php", "A required parameter (contextid) was missing"),
        ("/course/modedit.php?update=99", "Can't find data record in database."),
        ("/course/modedit.php?add=nope&course=2&section=1", "Can't find data record in database table modules."),
    ):
        page = anna.get(path)
        assert (page.status, said in page.text) == (404, True), path
    assert campus.sign_in("anna").get("/course/section.php", id=99).title == "Not found | campus"


def test_guests_see_no_profiles(campus: Campus) -> None:
    guest = as_guest(campus)
    for path in ("/user/profile.php", "/user/profile.php?id=3", "/user/view.php?id=3&course=2"):
        page = guest.get(path)
        assert (page.status, page.title, "Guests cannot access user profiles" in page.text) == (200, "", True)


def test_an_error_leads_on_by_a_form(campus: Campus) -> None:
    page = campus.visitor().get("/mod/assign/index.php")
    assert page.form("main form")["action"] == f"{ROOT}/"


def test_the_journal_says_that_a_page_is_not_drawn() -> None:
    with MockMoodle() as moodle:
        requests.get(f"{moodle.url}/course/search.php", timeout=30)
        requests.get(f"{moodle.url}/cohort/index.php", timeout=30)
        drawn, absent = moodle.journal.find()
        assert "does not draw" in drawn.notes[0]
        assert absent.notes == ["the mock has no /cohort/index.php; a real Moodle may"]
