"""Lists around courses, and what those are told who may not see them, as a real Moodle 4.5.6 shows them."""

from __future__ import annotations

import pytest
from mock.campus import ROOT, Campus

from mock_moodle.store.core import Course
from mock_moodle.world.load import patch_world


@pytest.mark.parametrize(
    ("path", "title", "told"),
    [
        ("/my/courses.php", "My courses", "Algebra"),
        ("/course/index.php", "All courses", "Algebra"),
        ("/course/info.php?id=2", "Course information | Algebra", "Algebra"),
        ("/user/index.php?id=2", "ALG: Participants", "Boris Sidorov"),
        ("/user/view.php?id=4&course=2", "Algebra: Personal profile: Boris Sidorov", "boris@example.com"),
        ("/mod/quiz/index.php?id=2", "Quizzes", "No close date"),
    ],
)
def test_lists_have_moodles_names(campus: Campus, path: str, title: str, told: str) -> None:
    page = campus.sign_in("anna").get(path)
    assert (page.status, page.title, told in page.text) == (200, f"{title} | campus", True)


def test_who_takes_no_part_is_led_to_the_ways_in(campus: Campus) -> None:
    robot = campus.sign_in("robot")
    refused = robot.get("/course/view.php", id=2)
    assert refused.location == f"{ROOT}/enrol/index.php?id=2"
    page = robot.follow(refused)
    assert (page.title, "You cannot enrol yourself in this course." in page.text) == ("ALG | campus", True)
    assert campus.sign_in("anna").get("/enrol/index.php", id=2).location == f"{ROOT}/course/view.php?id=2"


def test_a_hidden_course_is_a_notice_to_students(campus: Campus) -> None:
    with campus.site.visit() as visit:
        visit.session.get_one(Course, 2).visible = False
    page = campus.sign_in("anna").get("/course/view.php", id=2)
    assert (page.status, page.title) == (200, "Notice | campus")
    assert campus.sign_in("tamara").get("/course/view.php", id=2).title == "Course: Algebra | campus"
    assert "Algebra" not in campus.visitor().get("/course/index.php").text


@pytest.mark.parametrize(("userid", "title", "told"), [(6, "User", "not available to you"), (99, "", "Invalid user")])
def test_a_profile_that_is_nobodys_business(campus: Campus, userid: int, title: str, told: str) -> None:
    page = campus.sign_in("anna").get("/user/profile.php", id=userid)
    assert (page.status, page.title.split(" | ")[0], told in page.text) == (200, title, True)


def test_forms_are_read_from_posts_only(campus: Campus) -> None:
    visitor = campus.visitor()
    form = {"username": "anna", "password": "Passw0rd!", "service": "moodle_mobile_app"}
    sent = visitor.client.put("/login/token.php", data=form, base_url=ROOT)
    assert sent.json["errorcode"] == "missingparam"


def test_course_names_of_a_world_are_kept(campus: Campus) -> None:
    with campus.site.visit():
        patch_world({"courses": [{"shortname": "BIO", "fullname": "Biology"}]})
    assert "Biology" in campus.visitor().get("/course/index.php").text
