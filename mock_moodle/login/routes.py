"""/login/: the form, its two redirects, logout, and token.php."""

from __future__ import annotations

from flask import Blueprint, Response, request

from mock_moodle.caching import as_script
from mock_moodle.login import app_pages, passwords, tokens
from mock_moodle.login.authenticate import authenticate_user_login
from mock_moodle.login.browser import browser, complete_user_login, confirm_sesskey, log_out
from mock_moodle.page import LOGIN_TITLE, LOGOUT_TITLE, page, redirect, site_course
from mock_moodle.site import current
from mock_moodle.webservice.script import json_or_error, json_response

blueprint = Blueprint("login", __name__)
app_pages.add_to(blueprint)
passwords.add_to(blueprint)

LOGIN = "/login/index.php"


@blueprint.get(LOGIN)
def login_form() -> Response:
    here = browser()
    if "testsession" in request.args:
        if request.args["testsession"] == str(here.userid) and here.logged_in:
            return redirect(here.data.pop("wantsurl", "/"))
        if not here.logged_in or here.is_guest:
            return _form("Unfortunately, cookies are currently not enabled in your browser")
    if here.logged_in and not here.is_guest:
        return page("login/already.html", title=LOGIN_TITLE, heading="Confirm", cacheable=_cacheable())
    return _form(here.data.pop("loginerror", ""))


@blueprint.post(LOGIN)
def log_in() -> Response:
    here, form = browser(), request.form
    if "username" not in form:
        return login_form()
    right_form = form.get("logintoken", "") == here.data.pop("logintoken", None)
    user = authenticate_user_login(form.get("username", ""), form.get("password", "")) if right_form else None
    if user is None and "loginerror" in here.data:
        return _form(here.data.pop("loginerror"))  # of the form before, which nobody has looked at since
    if user is None:
        here.data["loginerror"] = "Invalid login, please try again"
        return redirect(f"{LOGIN}?loginredirect=1" if current.site.release.at_least("4.5") else LOGIN)
    complete_user_login(user)
    browser().data.setdefault("wantsurl", "/my/")
    response = redirect(f"{LOGIN}?testsession={user.id}")
    if not browser().is_guest:
        response.set_cookie("MOODLEID1_", "deleted", path="/", httponly=True, max_age=0)
    return response


@blueprint.route("/login/logout.php", methods=["GET", "POST"])
def logout() -> Response:
    after = LOGIN if request.values.get("loginpage") else "/"
    if not browser().logged_in:
        return redirect(after)
    if not confirm_sesskey():
        return page("login/logout.html", title=LOGOUT_TITLE, heading="Confirm", within=site_course().fullname)
    log_out()
    return redirect(after)


@blueprint.route("/login/token.php", methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def token() -> Response:
    return as_script(json_or_error(lambda: json_response(tokens.answer())))


def _cacheable() -> bool:
    return not current.site.release.at_least("4.5")


def _form(error: str) -> Response:
    here = browser()
    here.data.setdefault("logintoken", current.keys.random_string(32))
    return page(
        "login/form.html",
        title=LOGIN_TITLE,
        heading=f"Log in to {site_course().fullname}",
        cacheable=_cacheable(),
        error=error,
        logintoken=here.data["logintoken"],
        username=request.form.get("username", ""),
    )
