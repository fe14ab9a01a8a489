"""Activities beside quizzes, as a real Moodle 4.5.6 told and showed them."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from mock.campus import HOMEWORK, ROOT, Campus
from mock.rest_client import as_service, ask

from mock_moodle.testing import MockMoodle
from mock_moodle.webservice.registry import FUNCTIONS

LISTS = {
    "book": "books", "data": "databases", "folder": "folders", "label": "labels", "lesson": "lessons",
    "page": "pages", "url": "urls", "workshop": "workshops",
}  # fmt: skip
FIRST_OF_THEIR_OWN = {
    "book": ("numbering", 1), "data": ("comments", False), "folder": ("revision", 1), "lesson": ("maxanswers", 5),
    "page": ("display", 5), "url": ("parameters", "a:0:{}"), "workshop": ("gradinggrade", 20),
}  # fmt: skip


@pytest.fixture
def school(mock_moodle: MockMoodle) -> MockMoodle:
    """A course with one activity of each kind, a student, a teacher and a service with every function."""
    as_service(mock_moodle, "All", sorted(FUNCTIONS))
    for modname in LISTS:
        mock_moodle.course("algebra").module(modname, modname.capitalize(), intro="<p>Why</p>", content="<p>Text</p>")
    mock_moodle.user("anna").enrolled_in("algebra")
    mock_moodle.user("tamara").enrolled_in("algebra", "editingteacher")
    return mock_moodle


def listed(moodle: MockMoodle, username: str, modname: str) -> dict[str, Any]:
    token = moodle.user(username).token("All")
    function = f"mod_{modname}_get_{LISTS[modname]}_by_courses"
    (one,) = ask(moodle, token, function, **{"courseids[0]": moodle.course("algebra").id})[LISTS[modname]]
    return dict(one)


@pytest.mark.parametrize("modname", FIRST_OF_THEIR_OWN)
def test_a_fresh_activity_is_told_with_moodles_defaults(school: MockMoodle, modname: str) -> None:
    name, value = FIRST_OF_THEIR_OWN[modname]
    assert listed(school, "anna", modname)[name] == value


@pytest.mark.parametrize(
    ("modname", "names"),
    [
        ("book", {"section", "visible", "groupmode", "groupingid", "revision", "timecreated", "timemodified"}),
        ("lesson", {"password", "conditions", "deadline", "dependency", "available", "timemodified"}),
        ("data", {"scale", "editany", "notification"}),
    ],
)
def test_some_settings_are_for_the_staff(school: MockMoodle, modname: str, names: set[str]) -> None:
    assert names <= set(listed(school, "tamara", modname))
    assert not names & set(listed(school, "anna", modname))


def test_what_an_exporter_tells_stands_in_its_own_order(school: MockMoodle) -> None:
    assert list(listed(school, "anna", "data"))[-2:] == ["coursemodule", "introfiles"]
    assert list(listed(school, "anna", "lesson"))[:3] == ["id", "course", "coursemodule"]


def contents(moodle: MockMoodle, username: str, **options: str) -> dict[str, dict[str, Any]]:
    asked = {
        f"options[0][{key}]": text
        for name, value in options.items()
        for key, text in (("name", name), ("value", value))
    }
    token = moodle.user(username).token("All")
    sections = ask(moodle, token, "core_course_get_contents", courseid=moodle.course("algebra").id, **asked)
    return {module["modname"]: module for section in sections for module in section["modules"]}


def test_pages_and_books_have_contents(school: MockMoodle) -> None:
    modules = contents(school, "anna")
    (page,) = modules["page"]["contents"]
    assert (page["filename"], page["timecreated"], page["sortorder"]) == ("index.html", None, 1)
    assert modules["book"]["contents"][0]["content"] == "[]"
    assert modules["folder"]["contentsinfo"] == {
        "filescount": 0, "filessize": 0, "lastmodified": 0, "mimetypes": [],
    }  # fmt: skip
    token = school.user("anna").token()
    assert requests.get(page["fileurl"], params={"token": token}, timeout=30).text == "<p>Text</p>"


def test_excluded_contents_leave_their_summary(school: MockMoodle) -> None:
    page = contents(school, "anna", excludecontents="1")["page"]
    assert (page["contents"], page["contentsinfo"]["filescount"]) == ([], 1)


def test_a_label_is_its_text_and_leads_nowhere(school: MockMoodle) -> None:
    label = contents(school, "anna")["label"]
    assert (label["description"], label["noviewlink"], "url" in label) == (
        '<div class="no-overflow"><p>Why</p></div>', True, False,
    )  # fmt: skip


def test_a_file_shows_its_own_kinds_icon(school: MockMoodle) -> None:
    school.course("algebra").module("resource", "Handout", files=[{"filename": "a.pdf", "content": "x"}])
    handout = contents(school, "anna")["resource"]
    assert handout["modicon"].endswith("/f/pdf?filtericon=1")
    token = school.user("anna").token("All")
    listing = ask(school, token, "mod_resource_get_resources_by_courses")
    (file,) = listing["resources"][0]["contentfiles"]
    assert (file["icon"], "/content/0/a.pdf" in file["fileurl"]) == ("f/pdf", True)


TITLES = {
    "book": "Book",
    "data": "Data | Course",
    "folder": "ALG: Folder",
    "page": "ALG: Page",
    "workshop": "Workshop (Setup phase)",
}


def with_activities(campus: Campus) -> dict[str, int]:
    modules = [{"modname": modname, "name": modname.capitalize(), "content": "<p>Text</p>"} for modname in LISTS]
    handout = {"modname": "resource", "name": "Handout", "files": [{"filename": "a.txt", "content": "hello"}]}
    course = {"shortname": "ALG", "fullname": "Course", "sections": [{"section": 0, "modules": [*modules, handout]}]}
    from mock_moodle.store.core import CourseModule
    from mock_moodle.world.load import patch_world

    with campus.site.visit() as visit:
        patch_world({"courses": [course]})
        return {cm.modname: cm.id for cm in visit.session.query(CourseModule)}


@pytest.mark.parametrize("modname", TITLES)
def test_an_activity_has_a_page(campus: Campus, modname: str) -> None:
    cmid = with_activities(campus)[modname]
    page = campus.sign_in("anna").get(f"/mod/{modname}/view.php", id=cmid)
    assert (page.status, page.title) == (200, f"{TITLES[modname]} | campus")


def test_a_label_leads_back_a_file_to_its_download_an_empty_book_to_its_editing(campus: Campus) -> None:
    numbers = with_activities(campus)
    anna, tamara = campus.sign_in("anna"), campus.sign_in("tamara")
    label = anna.get("/mod/label/view.php", id=numbers["label"])
    assert label.location == f"{ROOT}/course/view.php?id=2#module-{numbers['label']}"
    handout = anna.get("/mod/resource/view.php", id=numbers["resource"])
    assert handout.location.endswith("/mod_resource/content/1/a.txt")
    assert anna.follow(handout).html == "hello"
    book = tamara.get("/mod/book/view.php", id=numbers["book"])
    assert book.location == f"{ROOT}/mod/book/edit.php?cmid={numbers['book']}"


@pytest.mark.parametrize(("cmid", "text"), [(999, "Invalid course module ID"), (HOMEWORK, "data record")])
def test_a_number_of_no_such_activity_is_an_error(campus: Campus, cmid: int, text: str) -> None:
    page = campus.sign_in("anna").get("/mod/page/view.php", id=cmid)
    assert (page.status, text in page.text) == (404, True)


def test_a_visitor_is_sent_to_sign_in_before_a_file(campus: Campus) -> None:
    numbers = with_activities(campus)
    handout = campus.sign_in("anna").get("/mod/resource/view.php", id=numbers["resource"]).location
    assert campus.visitor().get(handout).location == f"{ROOT}/login/index.php"
    sent = campus.sign_in("anna").get(handout).response
    assert sent.headers["Content-Disposition"] == 'inline; filename="a.txt"'
    assert sent.headers["Content-Type"] == "text/plain; charset=utf-8"


class TestAssignments:
    def status(self, moodle: MockMoodle, username: str) -> Any:
        token = moodle.user(username).token("All")
        return ask(moodle, token, "mod_assign_get_submission_status", assignid=1)

    def test_looking_makes_an_empty_submission(self, school: MockMoodle) -> None:
        school.course("algebra").module("assign", "Essay")
        assert "submission" not in self.status(school, "anna")["lastattempt"]
        second = self.status(school, "anna")["lastattempt"]["submission"]
        assert (second["status"], [plugin["type"] for plugin in second["plugins"]]) == ("new", ["file", "comments"])

    def test_after_the_cut_off_date_nobody_edits(self, school: MockMoodle) -> None:
        school.course("algebra").module("assign", "Essay", cutoffdate=1_600_000_000)
        assert self.status(school, "anna")["lastattempt"]["canedit"] is False

    def test_its_plugins_are_told(self, school: MockMoodle) -> None:
        school.course("algebra").module("assign", "Essay")
        told = ask(school, school.user("anna").token("All"), "mod_assign_get_assignments")["courses"][0]["assignments"]
        enabled = [(each["subtype"], each["plugin"]) for each in told[0]["configs"] if each["name"] == "enabled"]
        assert enabled == [
            ("assignsubmission", "file"),
            ("assignsubmission", "comments"),
            ("assignfeedback", "comments"),
        ]


def test_the_gradebook_numbers_items_as_they_were_made(school: MockMoodle) -> None:
    school.course("algebra").quiz("Exam")
    school.course("biology").quiz("Test")
    school.user("anna").enrolled_in("biology")
    report = ask(
        school, school.user("anna").token("All"), "gradereport_user_get_grade_items",
        courseid=school.course("biology").id, userid=school.user("anna").id,
    )  # fmt: skip
    numbers = [(item["id"], item["itemname"]) for item in report["usergrades"][0]["gradeitems"]]
    # before it: a total, a lesson, the two grades of a workshop and a quiz
    assert numbers == [(7, "Test"), (6, None)]


def test_a_hidden_course_is_listed_to_those_who_may_see_it(school: MockMoodle) -> None:
    school.control.patch({"courses": [{"shortname": "algebra", "fullname": "Algebra", "visible": False}]})

    def courses(username: str) -> list[str]:
        token = school.user(username).token("All")
        asked = {"userid": school.user(username).id}
        return [course["shortname"] for course in ask(school, token, "core_enrol_get_users_courses", **asked)]

    assert (courses("anna"), courses("tamara")) == ([], ["algebra"])


def test_weeks_are_named_by_their_days(school: MockMoodle) -> None:
    course = {"shortname": "weekly", "fullname": "W", "format": "weeks", "startdate": 1_735_689_600}
    school.control.patch({"courses": [{**course, "sections": [{"section": 0}, {"section": 1}]}]})
    school.user("anna").enrolled_in("weekly")
    told = ask(
        school, school.user("anna").token("All"), "core_course_get_contents", courseid=school.course("weekly").id
    )
    assert [section["name"] for section in told] == ["General", "1 January - 7 January"]
