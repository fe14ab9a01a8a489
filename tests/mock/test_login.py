"""Signing in and out in a browser, and token.php."""

from __future__ import annotations

import re

import pytest
import requests
from mock.campus import Campus
from mock.rest_client import as_service

from mock_moodle.testing import MockMoodle


class Browser(requests.Session):
    def __init__(self, moodle: MockMoodle) -> None:
        super().__init__()
        self.root = moodle.url

    def open(self, path: str, **options: object) -> requests.Response:
        return self.get(self.root + path, timeout=30, **options)  # type: ignore[arg-type]

    def log_in(self, username: str, password: str, logintoken: str | None = None) -> requests.Response:
        page = self.open("/login/index.php").text
        form = {"username": username, "password": password, "logintoken": logintoken or token_in(page)}
        return self.post(self.root + "/login/index.php", data=form, timeout=30)


def token_in(page: str) -> str:
    found = re.search(r'name="logintoken" value="(\w+)"', page)
    assert found
    return found[1]


def sesskey_in(page: str) -> str:
    found = re.search(r'"sesskey": ?"(\w+)"', page)
    assert found
    return found[1]


def test_a_visitor_comes_back_to_where_they_wanted_to_go(moodle_world: MockMoodle) -> None:
    anna = moodle_world.user("anna").enrolled_in("algebra")
    browser = Browser(moodle_world)
    course = f"/course/view.php?id={moodle_world.course('algebra').id}"
    assert browser.open(course).url.endswith("/login/index.php")
    assert browser.log_in("anna", anna.password).url == moodle_world.url + course


def test_signing_in_changes_the_session_id(moodle_world: MockMoodle) -> None:
    anna, browser = moodle_world.user("anna"), Browser(moodle_world)
    browser.open("/login/index.php")
    planted = browser.cookies["MoodleSession"]
    browser.log_in("anna", anna.password)
    assert browser.cookies["MoodleSession"] != planted


@pytest.mark.parametrize(("password", "logintoken"), [("wrong", None), ("Passw0rd!", "bad")])
def test_a_wrong_password_or_form_goes_back_with_an_error(
    moodle_world: MockMoodle, password: str, logintoken: str | None
) -> None:
    moodle_world.user("anna")
    page = Browser(moodle_world).log_in("anna", password, logintoken)
    assert page.url.endswith("/login/index.php?loginredirect=1")
    assert "Invalid login" in page.text


def test_logging_out_asks_unless_the_sesskey_is_sent(moodle_world: MockMoodle) -> None:
    anna, browser = moodle_world.user("anna"), Browser(moodle_world)
    dashboard = browser.log_in("anna", anna.password)
    assert "Do you really want to log out?" in browser.open("/login/logout.php").text
    browser.open(f"/login/logout.php?sesskey={sesskey_in(dashboard.text)}")
    assert browser.open("/my/").url.endswith("/login/index.php")


def test_a_session_ends_after_its_time(moodle_world: MockMoodle) -> None:
    anna, browser = moodle_world.user("anna"), Browser(moodle_world)
    browser.log_in("anna", anna.password)
    moodle_world.clock.travel(8 * 3600 + 1)
    assert browser.open("/my/").url.endswith("/login/index.php")


def test_pages_may_not_be_framed_until_the_site_allows_it(moodle_world: MockMoodle) -> None:
    browser = Browser(moodle_world)
    assert browser.open("/login/index.php").headers["X-Frame-Options"] == "sameorigin"
    moodle_world.control.patch({"site": {"settings": {"allowframembedding": True}}})
    assert "X-Frame-Options" not in browser.open("/login/index.php").headers


@pytest.mark.parametrize(("release", "same_site"), [("4.5", "SameSite=None"), ("5.3", "SameSite=Lax")])
def test_the_cookie_says_what_the_release_says(release: str, same_site: str) -> None:
    with MockMoodle(moodle=release, https=True) as moodle:
        answer = requests.get(f"{moodle.url}/login/index.php", verify=moodle.certificate, timeout=30)
        cookie = answer.headers["Set-Cookie"]
        assert same_site in cookie
        assert "Secure" in cookie
        assert "HttpOnly" in cookie


def ask_token(moodle: MockMoodle, **form: str) -> dict[str, object]:
    verify = moodle.certificate or True
    answer: dict[str, object] = requests.post(
        f"{moodle.url}/login/token.php", data=form, timeout=30, verify=verify
    ).json()
    return answer


def test_the_same_token_is_given_again(moodle_world: MockMoodle) -> None:
    anna = moodle_world.user("anna")
    form = {"username": "anna", "password": anna.password, "service": "moodle_mobile_app"}
    assert ask_token(moodle_world, **form)["token"] == ask_token(moodle_world, **form)["token"] == anna.token()


def test_a_private_token_travels_over_https_only(moodle_world: MockMoodle) -> None:
    form = {"username": "anna", "password": moodle_world.user("anna").password, "service": "moodle_mobile_app"}
    assert ask_token(moodle_world, **form)["privatetoken"] is None
    with MockMoodle(https=True) as moodle:
        moodle.user("anna")
        assert len(str(ask_token(moodle, **form)["privatetoken"])) == 64


@pytest.mark.parametrize(
    ("change", "errorcode"),
    [
        ({"password": "wrong"}, "invalidlogin"),
        ({"username": "guest", "password": "guest"}, "noguest"),
        ({"service": "nope"}, "servicenotavailable"),
        ({"service": "own"}, "cannotcreatetoken"),
        ({"service": "closed"}, "usernotallowed"),
    ],
)
def test_no_token_without_right(moodle_world: MockMoodle, change: dict[str, str], errorcode: str) -> None:
    as_service(moodle_world, "Own", [], shortname="own")
    as_service(moodle_world, "Closed", [], shortname="closed", restrictedusers=True)
    form = {"username": "anna", "password": moodle_world.user("anna").password, "service": "moodle_mobile_app"}
    assert ask_token(moodle_world, **{**form, **change})["errorcode"] == errorcode


def test_web_services_switched_off_give_no_token(moodle_world: MockMoodle) -> None:
    moodle_world.control.patch({"site": {"settings": {"enablewebservices": False}}})
    assert ask_token(moodle_world, username="a", password="b", service="c")["errorcode"] == "enablewsdescription"


def test_developers_are_told_the_errors_code(mock_moodle: MockMoodle) -> None:
    mock_moodle.control.patch({"site": {"settings": {"debug": 32767}}})
    told = requests.post(f"{mock_moodle.url}/login/token.php", timeout=30).json()
    assert told["debuginfo"] == "\nError code: missingparam"
    assert told["reproductionlink"] == f"{mock_moodle.url}/"


@pytest.mark.parametrize(("asked", "known"), [("1", True), ("0", False), ("x", False)])
def test_the_app_asks_whether_this_is_a_moodle(mock_moodle: MockMoodle, asked: str, known: bool) -> None:
    told = requests.get(f"{mock_moodle.url}/login/token.php", params={"appsitecheck": asked}, timeout=30).json()
    assert (told == {"appsitecheck": "ok"}) == known


def test_a_service_is_found_whatever_its_capitals(campus: Campus) -> None:
    answer = campus.visitor().post(
        "/login/token.php", username="anna", password="Passw0rd!", service="MOODLE_MOBILE_APP"
    )
    assert "token" in answer.response.json


def test_a_list_where_a_word_belongs_is_an_error_of_the_program(campus: Campus) -> None:
    answer = campus.visitor().post("/login/token.php", **{"username[]": "anna", "password": "x", "service": "x"})
    assert answer.response.json["errorcode"] == "codingerror"


def test_without_the_forms_token_nobody_is_signed_in(campus: Campus) -> None:
    visitor = campus.visitor()
    assert visitor.post("/login/index.php", username="anna", password="Passw0rd!").status == 303
    assert "Invalid login" in visitor.get("/login/index.php").html


def test_a_form_without_a_name_is_shown_again(mock_moodle: MockMoodle) -> None:
    browser = Browser(mock_moodle)
    token = token_in(browser.open("/login/index.php").text)
    form = {"password": "x", "logintoken": token}
    answer = browser.post(mock_moodle.url + "/login/index.php", data=form, allow_redirects=False, timeout=30)
    assert (answer.status_code, 'name="username"' in answer.text) == (200, True)


def test_leaving_without_having_come_leads_where_it_was_to_lead(mock_moodle: MockMoodle) -> None:
    browser = Browser(mock_moodle)
    for query, where in (("", "/"), ("?loginpage=1", "/login/index.php")):
        answer = browser.open(f"/login/logout.php{query}", allow_redirects=False)
        assert answer.headers["Location"] == mock_moodle.url + where


def test_nothing_is_to_be_kept(moodle_world: MockMoodle) -> None:
    """Each in the wording of the script that sends it."""
    anna, browser = moodle_world.user("anna"), Browser(moodle_world)
    assert browser.open("/login/index.php").headers["Expires"] == "Mon, 20 Aug 1969 09:23:00 GMT"
    browser.log_in("anna", anna.password)
    assert browser.open("/my/").headers["Expires"] == ""
    assert "1981" in browser.open("/", allow_redirects=False).headers["Expires"]
    upload = browser.open("/webservice/upload.php")
    assert (upload.headers["Access-Control-Allow-Origin"], upload.json()["errorcode"]) == ("*", "missingparam")
