"""Site administration: what the forms take, what they refuse, who may open them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from mock.campus import EXAM, HOMEWORK, OPEN_QUIZ, PASSWORD, ROOT, STUDENT_TOKEN, Browser, Campus
from PIL import Image
from sqlalchemy import select

from mock_moodle.access import context_system, has_capability
from mock_moodle.store.core import CourseModule, ExternalToken, User
from mock_moodle.webservice.pictures import silhouette

PAGES = (
    "/admin/search.php",
    "/admin/settings.php?section=optionalsubsystems",
    "/admin/settings.php?section=httpsecurity",
    "/admin/webservice/protocols.php?action=disable&webservice=rest",
    "/admin/webservice/service.php?id=2",
    "/admin/webservice/service_users.php?id=2",
    "/admin/webservice/service_functions.php?id=2",
    "/admin/webservice/tokens.php",
    "/admin/roles/define.php?action=add",
    "/admin/roles/manage.php",
    "/admin/roles/assign.php?contextid=1",
    "/admin/tool/installaddon/index.php",
    "/admin/plugins.php",
    "/admin/user.php",
    "/user/editadvanced.php?id=-1",
    "/course/modedit.php?update=2",
    "/report/log/index.php",
    "/local/oauth/index.php",
)


@pytest.fixture
def admin(campus: Campus) -> Browser:
    return campus.sign_in("admin")


@pytest.mark.parametrize("address", PAGES)
def test_students_and_visitors_are_kept_out(campus: Campus, address: str) -> None:
    assert campus.sign_in("anna").get(address).status == 404
    assert campus.visitor().get(address).location == "http://moodle.test/login/index.php"


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/admin/settings.php?section=optionalsubsystems", {"s__enablewebservices": "0"}),
        ("/user/editadvanced.php?id=-1", {"username": "new"}),
        ("/admin/roles/define.php?action=add", {"shortname": "new", "savechanges": "1"}),
        ("/admin/roles/assign.php?contextid=1&roleid=1", {"addselect[]": "3", "add": "1"}),
        ("/admin/webservice/service.php?id=2", {"name": "x"}),
        ("/admin/webservice/service_users.php?id=2", {"addselect[]": "3", "add": "1"}),
        ("/admin/webservice/tokens.php?action=create", {"user": "3", "service": "2"}),
        ("/admin/webservice/tokens.php?action=delete&tokenid=1", {}),
        ("/admin/tool/installaddon/index.php", {}),
        ("/course/modedit.php?update=2", {"name": "x"}),
        ("/mod/quiz/report.php?id=2", {"attemptid[]": "1"}),
        ("/local/oauth/index.php?action=del&id=1", {}),
    ],
)
def test_nothing_changes_without_the_page_s_key(admin: Browser, address: str, form: dict[str, str]) -> None:
    for key in ({}, {"sesskey": "forged"}):
        assert admin.post(address, **form, **key).status == 404


# Settings


def test_web_services_are_switched_on_and_off(campus: Campus, admin: Browser) -> None:
    page = admin.get("/admin/settings.php", section="optionalsubsystems")
    admin.submit(page, "#adminsettings", {"s__enablewebservices": ["0"], "s__enablemobilewebservice": ["0"]})
    assert campus.visitor().post("/webservice/rest/server.php", wstoken=STUDENT_TOKEN).status == 403
    page = admin.get("/admin/settings.php", section="optionalsubsystems")
    admin.submit(page, "#adminsettings", {"s__enablewebservices": ["0", "1"]})
    assert campus.visitor().post("/webservice/rest/server.php", wstoken=STUDENT_TOKEN).status == 200


def test_frames_are_allowed_where_the_site_says_so(campus: Campus, admin: Browser) -> None:
    assert admin.get("/my/").response.headers["X-Frame-Options"] == "sameorigin"
    page = admin.get("/admin/settings.php", section="httpsecurity")
    admin.submit(page, "#adminsettings", {"s__allowframembedding": ["0", "1"]})
    assert "X-Frame-Options" not in campus.visitor().get("/login/index.php").response.headers


def test_rest_is_switched_off_by_its_eye(campus: Campus, admin: Browser) -> None:
    page = admin.get("/admin/settings.php", section="webserviceprotocols")
    admin.get(str(page.form("a[href*='webservice=rest']")["href"]))
    assert campus.visitor().post("/webservice/rest/server.php", wstoken=STUDENT_TOKEN).status == 403


def test_an_unknown_section_is_an_error(admin: Browser) -> None:
    assert "Section error!" in admin.get("/admin/settings.php", section="nonsense").text


# Users


NEW = {
    "username": "dora",
    "newpassword": PASSWORD,
    "firstname": "Dora",
    "lastname": "New",
    "email": "dora@example.com",
}


def add_user(admin: Browser, **changed: Any) -> Any:
    form = admin.get("/user/editadvanced.php", id=-1)
    return admin.submit(form, "form[action*=editadvanced]", {**NEW, **changed}, press="submitbutton")


def test_a_new_user_signs_in(campus: Campus, admin: Browser) -> None:
    add_user(admin)
    assert "Dora New" in campus.sign_in("dora").get("/my/").text
    assert NEW["newpassword"] == PASSWORD


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"username": ""}, "Missing username"),
        ({"username": "Dora"}, "Only lowercase letters allowed"),
        ({"username": "do ra"}, "can only contain"),
        ({"username": "anna"}, "already exists"),
        ({"email": "ANNA@example.com"}, "already registered"),
        ({"email": "dora"}, "Invalid email address"),
        ({"newpassword": ""}, "Required"),
        ({"imagefile": (io.BytesIO(b"x"), "x.txt")}, "JPEG, PNG or GIF"),
    ],
)
def test_users_that_cannot_be(admin: Browser, changed: dict[str, Any], message: str) -> None:
    page = add_user(admin, **changed)
    assert page.status == 200
    assert message in page.text


def test_a_picture_is_kept_and_served(campus: Campus, admin: Browser) -> None:
    content = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(content, "PNG")
    add_user(admin, imagefile=(io.BytesIO(content.getvalue()), "dora.png", "image/png"))
    profile = admin.get("/user/profile.php", id=7)
    shown = admin.get(str(profile.form("img.userpicture")["src"]))
    assert shown.response.data == content.getvalue()
    assert campus.visitor().get(str(profile.form("img.userpicture")["src"])).response.data == content.getvalue()
    with campus.site.visit():
        from mock_moodle.site import current

        current.set_config("forcelogin", 1)
    assert campus.visitor().get(str(profile.form("img.userpicture")["src"])).response.data == silhouette("f1")


def test_a_password_stays_unless_a_new_one_is_given(campus: Campus, admin: Browser) -> None:
    form = admin.get("/user/editadvanced.php", id=3)
    admin.submit(form, "form[action*=editadvanced]", {"lastname": "Ivanova"}, press="submitbutton")
    assert "Anna Ivanova" in campus.sign_in("anna").get("/my/").text


# Roles


def test_a_role_gives_what_was_ticked(campus: Campus, admin: Browser) -> None:
    form = admin.get("/admin/roles/define.php", action="add", resettype="none")
    values = {"shortname": "looker", "name": "Looker", "contextlevel10": "1", "report/log:view": "1"}
    admin.submit(form, "form[action*=define]", values, press="savechanges")
    listed = admin.get("/admin/roles/assign.php", contextid=1)
    role = next(link["href"] for link in listed.soup.select("table a") if "Looker" in link.get_text())
    page = admin.get(str(role))
    page = admin.submit(page, "#assignform", {"addselect[]": "3"}, press="add")
    assert "Existing users (1)" in page.text
    assert campus.sign_in("anna").get("/report/log/index.php").status == 200
    page = admin.submit(page, "#assignform", {"removeselect[]": "3"}, press="remove")
    assert "Existing users (0)" in page.text
    with campus.site.visit():
        assert not has_capability("report/log:view", context_system(), 3)


def test_a_role_keeps_to_its_short_name(admin: Browser) -> None:
    form = admin.get("/admin/roles/define.php", action="add", resettype="none")
    for shortname, message in (("", "must supply a short name"), ("student", "already exists")):
        page = admin.submit(form, "form[action*=define]", {"shortname": shortname}, press="savechanges")
        assert message in page.text


def test_a_new_role_may_begin_as_another(admin: Browser) -> None:
    preset = admin.get("/admin/roles/define.php", action="add")
    form = admin.submit(preset, "form[action*=define]", {"resettype": "student"}, press="submitbutton")
    assert form.soup.select_one("[name='mod/quiz:attempt']").has_attr("checked")
    assert not form.soup.select_one("[name='moodle/site:config']").has_attr("checked")


# Services and tokens


def token_form(admin: Browser, **values: Any) -> Any:
    form = admin.get("/admin/webservice/tokens.php", action="create")
    return admin.submit(form, "form:has([name=iprestriction])", values, press="submitbutton")


def new_token(admin: Browser, **values: Any) -> str:
    """Shown once, when it is made."""
    page = admin.follow(token_form(admin, **values))
    return str(page.form(".alert-success").get_text().split()[-1])


def test_a_token_works_until_it_is_deleted(campus: Campus, admin: Browser) -> None:
    token = new_token(admin, user="6", service="2")
    exams = campus.call("availability_examus_user_proctored_modules", token, useremail="anna@example.com")
    assert len(exams["modules"]) == 1
    link = admin.get("/admin/webservice/tokens.php").soup.select("a[href*=delete]")[-1]
    admin.submit(admin.get(str(link["href"])), "main form")
    answer = campus.call("availability_examus_user_proctored_modules", token, useremail="anna@example.com")
    assert answer["errorcode"] == "invalidtoken"


def test_a_closed_service_wants_its_user_on_the_list(admin: Browser) -> None:
    form = admin.get("/admin/webservice/service.php", id=2)
    admin.submit(form, "form[action*='service.php']", {"restrictedusers": ["0", "1"]}, press="submitbutton")
    assert "not an authorised user" in token_form(admin, user="3", service="2").text
    users = admin.get("/admin/webservice/service_users.php", id=2)
    admin.submit(users, "#assignform", {"addselect[]": "3"}, press="add")
    assert token_form(admin, user="3", service="2").location.endswith("tokens.php")


@pytest.mark.parametrize("number", ["31", "9" * 30])
def test_a_day_that_is_none_is_refused(admin: Browser, number: str) -> None:
    values = {"user": "3", "service": "2", "validuntil[enabled]": ["0", "1"]}
    day = {"validuntil[day]": number, "validuntil[month]": "2", "validuntil[year]": "2030"}
    assert "There is no such day." in token_form(admin, **values, **day).text


def test_a_service_of_one_s_own(campus: Campus, admin: Browser) -> None:
    form = admin.get("/admin/webservice/service.php", id=0)
    admin.submit(form, "form[action*='service.php']", {"name": "Mine", "shortname": "mine"}, press="submitbutton")
    page = admin.get("/admin/webservice/service_functions.php", id=3)
    admin.submit(page, "form:has(select)", {"fids[]": ["core_webservice_get_site_info"]})
    token = (
        admin.follow(token_form(admin, user="6", service="3")).soup.select_one(".alert-success").get_text().split()[-1]
    )
    assert campus.call("core_webservice_get_site_info", token)["username"] == "robot"
    again = admin.submit(form, "form[action*='service.php']", {"name": "Mine"}, press="submitbutton")
    assert "already exists" in again.text


# Quiz settings


def test_a_quiz_is_changed(campus: Campus, admin: Browser) -> None:
    form = admin.get("/course/modedit.php", update=OPEN_QUIZ)
    values = {
        "name": "Midterm", "attempts": "2", "timelimit[enabled]": ["0", "1"], "timelimit[number]": "2",
        "timelimit[timeunit]": "3600", "quizpassword": "sesame", "timeclose[enabled]": ["0", "1"],
        "timeclose[year]": "2030", "timeclose[month]": "1", "timeclose[day]": "1", "timeclose[hour]": "0",
        "timeclose[minute]": "0",
    }  # fmt: skip
    page = admin.follow(admin.submit(form, "#mform1", values, press="submitbutton"))
    assert "Midterm" in page.text
    view = campus.sign_in("anna").get("/mod/quiz/view.php", id=OPEN_QUIZ)
    assert "Attempts allowed: 2" in view.text
    assert "Time limit: 2 hours" in view.text
    (quiz,) = campus.call("mod_quiz_get_quizzes_by_courses", STUDENT_TOKEN, courseids=[2])["quizzes"]
    assert (quiz["timeclose"], quiz["timelimit"]) == (1893456000, 7200)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": " "}, "must supply a value"),
        ({"timeopen[enabled]": ["0", "1"], "timeopen[month]": "13"}, "no such day"),
        ({"timeopen[enabled]": ["0", "1"], "timeopen[year]": "9" * 30}, "no such day"),
    ],
)
def test_settings_of_a_quiz_that_cannot_be(
    campus: Campus, admin: Browser, values: dict[str, Any], message: str
) -> None:
    form = admin.get("/course/modedit.php", update=EXAM)
    assert message in admin.submit(form, "#mform1", values, press="submitbutton").text
    with campus.site.visit(write=False) as visit:
        assert visit.session.get_one(CourseModule, EXAM).name == "Exam"


@pytest.mark.parametrize("number", ["1e300", "1e999", "-1e999"])
def test_a_time_limit_beyond_all_bounds_is_kept_within_them(admin: Browser, number: str) -> None:
    form = admin.get("/course/modedit.php", update=EXAM)
    limit = {"timelimit[enabled]": ["0", "1"], "timelimit[number]": number}
    assert admin.submit(form, "#mform1", limit, press="submitbutton").status == 303


def test_an_unreadable_restriction_admits_nobody(campus: Campus) -> None:
    with campus.site.visit() as visit:
        visit.session.get_one(CourseModule, EXAM).availability = {"op": "?"}
    assert "Coding error" in campus.sign_in("anna").get("/mod/quiz/view.php", id=EXAM).text


def test_the_staff_delete_attempts(campus: Campus, admin: Browser) -> None:
    anna = campus.sign_in("anna")
    anna.post("/mod/quiz/startattempt.php", cmid=OPEN_QUIZ, sesskey=anna.sesskey())
    report = admin.follow(admin.get("/mod/quiz/report.php", id=OPEN_QUIZ))
    assert "Anna Petrova" in report.text
    page = admin.follow(admin.submit(report, "main form", {"attemptid[]": "1"}))
    assert "Nobody has attempted this quiz yet." in page.text
    events = admin.get("/report/log/index.php", id=2).text
    assert "attempt_started" in events
    assert "attempt_deleted" in events


def test_everybody_is_listed(campus: Campus, admin: Browser) -> None:
    page = admin.get("/admin/user.php")
    with campus.site.visit(write=False) as visit:
        names = [user.fullname for user in visit.session.scalars(select(User)) if user.id > 1]
    assert all(name in page.text for name in names)


def test_only_who_may_edit_a_course_is_offered_edit_mode(campus: Campus, admin: Browser) -> None:
    assert admin.get("/course/view.php?id=2").soup.select_one("[name=setmode]")
    assert not campus.sign_in("anna").get("/course/view.php?id=2").soup.select_one("[name=setmode]")


def test_saving_all_advanced_features_changes_none(campus: Campus, admin: Browser) -> None:
    def told() -> Any:
        return campus.call("core_webservice_get_site_info", STUDENT_TOKEN)["advancedfeatures"]

    before, page = told(), admin.get("/admin/settings.php", section="optionalsubsystems")
    assert page.form("[name=s__mnet_dispatcher_mode]").name == "select"
    admin.submit(page, "form[action*='settings.php']")
    assert told() == before


def test_tokens_are_filtered_by_name(campus: Campus, admin: Browser) -> None:
    with campus.site.visit() as visit:
        visit.session.scalars(select(ExternalToken)).first().name = "100% mine"
    page = admin.get("/admin/webservice/tokens.php")
    found = admin.submit(page, "form:has([name='users[]'])", {"name": "0% m"}, press="submitbutton")
    assert [row.select_one("td").get_text() for row in found.soup.select("tbody tr")] == ["100% mine"]
    everything = admin.submit(found, "form:has([name='users[]'])", press="resetbutton")
    assert len(everything.soup.select("tbody tr")) == len(page.soup.select("tbody tr")) > 1


def test_a_role_begins_with_what_it_resembles(admin: Browser) -> None:
    page = admin.get("/admin/roles/define.php?action=add&resettype=&return=manage&archetype=user")
    assert page.form("[name=_qf__core_role_preset_form]")


@pytest.mark.parametrize("preset", ["9" * 30, "9" * 5000, "\u00b2", "\u0661"])
def test_a_role_begins_with_nothing_where_no_role_has_that_number(admin: Browser, preset: str) -> None:
    form = admin.get("/admin/roles/define.php", action="add", resettype=preset)
    assert form.status == 200


def test_whose_settings_a_page_shows_is_in_its_title(campus: Campus, admin: Browser) -> None:
    assert admin.get("/course/modedit.php", update=HOMEWORK).title == "Edit Assignment: Homework | ALG | campus"
    anna, visitor = campus.sign_in("anna"), campus.visitor()
    assert anna.get("/course/modedit.php", update=EXAM).location == f"{ROOT}/course/view.php?id=2"  # as her way in is
    assert visitor.get("/course/modedit.php", add="quiz", course="2", section="1").location == f"{ROOT}/login/index.php"
