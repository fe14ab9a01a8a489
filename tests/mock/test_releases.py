"""What differs between the releases that the mock can be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
import requests
from mock.rest_client import ask

from mock_moodle.releases import RELEASES
from mock_moodle.testing import MockMoodle


@pytest.fixture(scope="module", params=["3.9", "4.1", "4.4", "4.5", "5.0", "5.3"])
def release(request: pytest.FixtureRequest) -> Iterator[MockMoodle]:
    branch: str = request.param
    with MockMoodle(moodle=branch) as moodle:
        moodle.user("anna").enrolled_in("algebra")
        yield moodle


@cache
def number(moodle: MockMoodle) -> tuple[int, int]:
    return moodle.control.site.release.number


def test_each_says_what_it_is_and_answers_by_its_own_signatures(release: MockMoodle) -> None:
    anna = release.user("anna")
    info = ask(release, anna.token(), "core_webservice_get_site_info")
    assert info["release"] == RELEASES[release.control.site.release.branch].release
    assert ("policyagreed" in info) == (number(release) >= (4, 5))
    assert ("limitconcurrentlogins" in info) == (number(release) >= (4, 1))
    (course,) = ask(release, anna.token(), "core_enrol_get_users_courses", userid=anna.id)
    assert ("courseimage" in course) == (number(release) >= (4, 1))
    contents = ask(release, anna.token(), "core_course_get_contents", courseid=course["id"])
    assert ("component" in contents[0]) == (number(release) >= (4, 5))


@pytest.mark.parametrize(("branch", "told"), [("4.4", RELEASES["4.4"].release), ("4.5", "4.5.9")])
def test_the_release_asked_for_counts_more_than_the_worlds(branch: str, told: str) -> None:
    site = {"release": "4.5.9", "version": "2024100709", "settings": {"enablemobilewebservice": True}}
    with MockMoodle({"site": site}, moodle=branch) as moodle:
        info = ask(moodle, moodle.user("anna").token(), "core_webservice_get_site_info")
    assert info["release"] == told
    assert (info["version"] == site["version"]) == (branch == "4.5")


def test_functions_come_and_go(release: MockMoodle) -> None:
    info = ask(release, release.user("anna").token(), "core_webservice_get_site_info")
    names = {function["name"] for function in info["functions"]}
    assert ("core_ai_get_policy_status" in names) == (number(release) >= (4, 5))
    assert ("mod_chat_get_chats_by_courses" in names) == (number(release) < (5, 0))
    assert ("mod_quiz_get_user_quiz_attempts" in names) == (number(release) >= (5, 0))
    assert "mod_quiz_get_user_attempts" in names  # deprecated, and still there
    assert "mod_quiz_start_attempt" in names


def test_an_attempt_that_was_made_in_advance(release: MockMoodle) -> None:
    """5.0 can make them; the deprecated function hides them, and a start begins them."""
    if number(release) < (5, 0):
        return
    anna = release.user("anna")
    release.course("algebra").quiz("Mock exam", questions=["moon"], attempts=1)
    token, quizzes = anna.token(), ask(release, anna.token(), "mod_quiz_get_quizzes_by_courses")["quizzes"]
    (quizid,) = [quiz["id"] for quiz in quizzes if quiz["name"] == "Mock exam"]
    row = {"id": 70, "quiz": quizid, "userid": anna.id, "attempt": 1, "uniqueid": 70, "layout": "1,0", "timestart": 0}
    release.control.patch({"state": {"quiz_attempts": [{**row, "state": "notstarted", "timemodified": 0}]}})

    def states(function: str) -> list[str]:
        told = ask(release, token, function, quizid=quizid, status="all")["attempts"]
        return [attempt["state"] for attempt in told]

    assert states("mod_quiz_get_user_attempts") == []
    assert states("mod_quiz_get_user_quiz_attempts") == ["notstarted"]
    begun = ask(release, token, "mod_quiz_start_attempt", quizid=quizid)["attempt"]
    assert (begun["id"], begun["state"]) == (70, "inprogress")
    assert states("mod_quiz_get_user_attempts") == ["inprogress"]


def test_newer_titles_name_the_site_last(release: MockMoodle) -> None:
    page = requests.get(f"{release.url}/login/index.php", timeout=30).text
    title = re.search("<title>(.*)</title>", page)
    assert title
    modern = number(release) >= (4, 4)
    assert title[1] == ("Log in to the site | mock" if modern else "Mock Moodle: Log in to the site")


def test_names_of_others_asked_for_a_capability_before_4_5(release: MockMoodle) -> None:
    release.user("bea").enrolled_in("algebra")
    ids = {"userlist[0][userid]": release.user("bea").id, "userlist[0][courseid]": release.course("algebra").id}
    (bea,) = ask(release, release.user("anna").token(), "core_user_get_course_user_profiles", **ids)
    assert ("firstname" in bea) == (number(release) >= (4, 5))


def test_a_quizs_refusals_had_a_class_of_their_own(release: MockMoodle) -> None:
    anna = release.user("anna")
    release.course("algebra").quiz("Exam", questions=["moon"])
    quizid = ask(release, anna.token(), "mod_quiz_get_quizzes_by_courses")["quizzes"][0]["id"]
    ask(release, anna.token(), "mod_quiz_start_attempt", quizid=quizid)
    refused = ask(release, anna.token(), "mod_quiz_start_attempt", quizid=quizid)
    assert refused["errorcode"] == "attemptstillinprogress"
    assert ("quiz" in refused["exception"]) == (number(release) < (4, 2))


def test_an_account_that_is_shut_has_an_error_of_its_own_since_4_1(release: MockMoodle) -> None:
    token = release.user("sleeper").token()
    release.control.patch({"users": [{"username": "sleeper", "suspended": True}]})
    refused = ask(release, token, "core_webservice_get_site_info")
    assert refused["errorcode"] == ("wsaccessusersuspended" if number(release) >= (4, 1) else "accessexception")


def test_a_shut_activity_was_an_error_page_in_3_9(release: MockMoodle) -> None:
    tree = {"op": "&", "c": [{"type": "date", "d": ">=", "t": 4102444800}], "showc": [True]}
    cmid = release.course("algebra").quiz("Later", questions=["moon"], availability=tree)
    browser = requests.Session()
    page = browser.get(f"{release.url}/login/index.php", timeout=30).text
    logintoken = re.search(r'name="logintoken" value="(\w+)"', page)
    assert logintoken
    form = {"username": "anna", "password": release.user("anna").password, "logintoken": logintoken[1]}
    browser.post(f"{release.url}/login/index.php", data=form, timeout=30)
    answer = browser.get(f"{release.url}/mod/quiz/view.php", params={"id": cmid}, allow_redirects=False, timeout=30)
    assert answer.status_code == (404 if number(release) < (4, 1) else 303)
