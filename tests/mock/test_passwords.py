"""Forgotten and new passwords, registration, and the app's two ways in, as a real Moodle 4.5.6 answered."""

from __future__ import annotations

from base64 import b64decode
from hashlib import md5

import pytest
from mock.campus import PASSWORD, ROOT, Browser, Campus, Page, world

CHANGE, FORGOT, LAUNCH = "/login/change_password.php", "/login/forgot_password.php", "/admin/tool/mobile/launch.php"


def change(browser: Browser, **fields: str) -> Page:
    form = {"_qf__login_change_password_form": "1", "sesskey": browser.sesskey(), "submitbutton": "Save changes"}
    return browser.post(CHANGE, **form, **fields)


def test_a_password_is_changed(campus: Campus) -> None:
    anna, elsewhere = campus.sign_in("anna"), campus.sign_in("anna")
    assert anna.get(CHANGE).title == "Change password | campus"
    done = change(anna, password=PASSWORD, newpassword1="N3w.word!", newpassword2="N3w.word!", logoutothersessions="1")
    assert "Password has been changed" in done.text
    assert anna.get("/my/").status == 200
    assert elsewhere.get("/my/").location == f"{ROOT}/login/index.php"
    form = {"username": "anna", "service": "moodle_mobile_app"}
    assert "invalidlogin" in campus.visitor().post("/login/token.php", password=PASSWORD, **form).html
    assert "invalidlogin" not in campus.visitor().post("/login/token.php", password="N3w.word!", **form).html


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong", "N3w.word!", "N3w.word!", "Invalid login, please try again"),
        (PASSWORD, "N3w.word!", "other", "These passwords do not match"),
        (PASSWORD, PASSWORD, PASSWORD, "The new password must be different than the current one"),
        (PASSWORD, "short", "short", "Passwords must have at least 1 digit(s)."),
        (PASSWORD, "", "", "Required"),
    ],
)
def test_what_is_wrong_with_a_new_password(campus: Campus, old: str, new: str, again: str, said: str) -> None:
    anna = campus.sign_in("anna")
    assert said in change(anna, password=old, newpassword1=new, newpassword2=again).text
    campus.sign_in("anna")  # with the old one still


def test_a_new_password_is_for_those_who_are_signed_in(campus: Campus) -> None:
    assert campus.visitor().get(CHANGE).location == f"{ROOT}/login/index.php"
    back = change(campus.sign_in("anna"), cancel="Cancel").location
    assert back == f"{ROOT}/user/preferences.php?userid=3&course=1"


@pytest.mark.parametrize(("path", "name"), [(CHANGE, "change"), (FORGOT, "forgot")])
def test_the_forms_need_the_pages_key(campus: Campus, path: str, name: str) -> None:
    browser = campus.sign_in("anna") if name == "change" else campus.visitor()
    page = browser.post(path, **{f"_qf__login_{name}_password_form": "1", "sesskey": "forged"})
    assert (page.status, "Your session has most likely timed out" in page.text) == (404, True)


def test_a_forgotten_password(campus: Campus) -> None:
    visitor = campus.visitor()
    page = visitor.get(FORGOT)
    assert page.title == "Forgotten password | campus"
    assert "Enter either username or email address" in visitor.submit(page, "main form").text
    told = visitor.submit(page, "main form", {"username": "nobody"}).text
    assert "If you supplied a correct username or unique email address" in told
    assert visitor.get(FORGOT, token="x").location == f"{ROOT}{FORGOT}"
    assert campus.sign_in("anna").get(FORGOT).location == f"{ROOT}/index.php"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/login/confirm.php", "User confirmation is not enabled on this site"),
        ("/login/signup.php", "Sorry, you may not use this page."),
    ],
)
def test_nobody_registers(campus: Campus, path: str, said: str) -> None:
    page = campus.visitor().get(path)
    assert (page.status, said in page.text) == (404, True)


def test_a_profile_of_ones_own_is_found_after_signing_in(campus: Campus) -> None:
    visitor = campus.visitor()
    token = visitor.follow(visitor.get("/user/profile.php")).form("[name=logintoken]")["value"]
    tested = visitor.post("/login/index.php", username="anna", password=PASSWORD, logintoken=token)
    onwards = visitor.get(tested.location.removeprefix(ROOT))
    assert onwards.location == f"{ROOT}/user/profile.php?id=0"
    assert visitor.follow(onwards).title == "Anna Petrova: Public profile | campus"


def test_a_wrong_test_of_cookies_asks_whether_to_log_out(campus: Campus) -> None:
    assert "already logged in as Anna Petrova" in campus.sign_in("anna").get("/login/index.php", testsession=99).text
    assert "cookies are currently not enabled" in campus.visitor().get("/login/index.php", testsession=3).text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "A required parameter (service) was missing"),
        ({"service": "moodle_mobile_app"}, "A required parameter (passport) was missing"),
        ({"service": "nope", "passport": "1"}, "Web service is not available."),
        ({"service": "moodle_mobile_app", "passport": "1"}, "Plugin not enabled or configured."),
        (
            {"service": "moodle_mobile_app", "passport": "1", "urlscheme": "my app"},
            "the value of urlscheme isn't valid",
        ),
    ],
)
def test_the_app_is_refused(campus: Campus, asked: dict[str, str], said: str) -> None:
    page = campus.sign_in("anna").get(LAUNCH, **asked)
    assert (page.status, said in page.text) == (404, True)


def test_the_app_signs_in_by_a_browser() -> None:
    spec = world()
    spec["site"]["settings"]["enablemobilewebservice"] = True
    campus = Campus(spec)
    with campus.site.visit():
        from mock_moodle.site import current

        current.set_config("typeoflogin", "2", "tool_mobile")
    asked = {"service": "moodle_mobile_app", "passport": "17"}
    assert campus.visitor().get(LAUNCH, **asked).location == f"{ROOT}/login/index.php"
    page = campus.sign_in("anna").get(LAUNCH, **asked)
    scheme, _, told = page.location.partition("://token=")
    siteid, token = b64decode(told).decode().split(":::")
    assert (page.status, scheme) == (302, "moodlemobile")
    assert siteid == md5(f"{ROOT}17".encode(), usedforsecurity=False).hexdigest()
    assert campus.call("core_webservice_get_site_info", token)["username"] == "anna"


def test_the_app_signs_a_browser_in_over_https_only(campus: Campus) -> None:
    path = "/admin/tool/mobile/autologin.php"
    assert "HTTPS required" in campus.visitor().get(path, userid=3, key="x").text
    assert campus.sign_in("anna").get(path, userid=3, key="x").location == ROOT
    assert "already logged in as Boris" in campus.sign_in("boris").get(path, userid=3, key="x").text


def test_signing_in_to_web_services_by_password_is_refused(campus: Campus) -> None:
    form = {"wsusername": "anna", "wspassword": PASSWORD, "wsfunction": "core_webservice_get_site_info"}
    page = campus.visitor().post("/webservice/rest/simpleserver.php", moodlewsrestformat="json", **form)
    assert '"errorcode":"accessexception"' in page.html
    assert "<EXCEPTION" in campus.visitor().post("/webservice/rest/simpleserver.php", **form).html
    assert campus.visitor().get("/webservice/soap/server.php", wsdl=1).html == ""


def test_a_new_client_needs_the_pages_key(campus: Campus) -> None:
    admin = campus.sign_in("admin")
    form = {"client_id": "forged", "redirect_uri": "http://x.example/"}
    page = admin.post("/local/oauth/index.php", action="add", sesskey="forged", **form)
    assert (page.status, "Your session has most likely timed out" in page.text) == (200, True)
    assert page.title == "OAuth provider settings | Server | Administration | campus"
    assert "forged" not in admin.get("/local/oauth/index.php").text
