"""A forgotten or new password, and what belongs to sites where people register themselves, which the mock is not."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, request
from sqlalchemy import delete

from mock_moodle.errors import MoodleError
from mock_moodle.login.browser import browser, require_login, require_sesskey
from mock_moodle.page import page, redirect
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.core import BrowserSession, ExternalToken, User
from mock_moodle.webservice.core_user_manage import broken_rules

FORGOT = "/login/forgot_password.php"
MAYBE_SENT = "If you supplied a correct username or unique email address then an email should have been sent to you."
DIFFER = "These passwords do not match"
UNCHANGED = "The new password must be different than the current one"


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule(FORGOT, view_func=forgot_password, methods=["GET", "POST"])
    blueprint.add_url_rule("/login/change_password.php", view_func=change_password, methods=["GET", "POST"])
    blueprint.add_url_rule("/login/confirm.php", view_func=confirm, methods=["GET", "POST"])
    blueprint.add_url_rule("/login/signup.php", view_func=sign_up, methods=["GET", "POST"])


def forgot_password() -> Response:
    """No mail is sent: whoever asks is told what Moodle tells everybody."""
    here = browser()
    if here.logged_in and not here.is_guest:
        return redirect("/index.php", "You are already logged in")
    if request.method == "GET" and request.args.get("token"):
        return redirect(FORGOT)
    given = [name for name in ("username", "email") if request.form.get(name, "").strip()]
    sent = _sent("_qf__login_forgot_password_form")
    title = "Forgotten password"
    if sent and len(given) == 1:
        return page("notice.html", title=title, message=MAYBE_SENT)
    error = "Enter either username or email address" if sent else ""
    return page("login/forgot_password.html", title=title, error=error)


def change_password() -> Response:
    here = browser()
    if not here.logged_in or here.is_guest:
        here.data.setdefault("wantsurl", current.url("/login/change_password.php"))
        return redirect("/login/index.php")
    user = require_login()
    sent = _sent("_qf__login_change_password_form")
    if sent and "cancel" in request.form:
        return redirect(f"/user/preferences.php?userid={user.id}&course={SITE_COURSE_ID}")
    errors = _errors(user) if sent else None
    if errors == {}:
        _change(user)
        return page("notice.html", title="Password has been changed", message="Password has been changed")
    title = "Change password"
    return page("login/change_password.html", title=title, heading=user.fullname, username=user.username, errors=errors)


def _sent(form: str) -> bool:
    if request.method != "POST" or form not in request.form:
        return False
    require_sesskey()
    return True


def _errors(user: User) -> dict[str, str]:
    old, new, again = (request.form.get(name, "") for name in ("password", "newpassword1", "newpassword2"))
    if not hmac.compare_digest(user.password.encode(), old.encode()):
        return {"password": "Invalid login, please try again"}
    for wrong, said in ((new != again, DIFFER), (new == old, UNCHANGED), (not new, "Required")):
        if wrong:
            return {"newpassword1": said, "newpassword2": said}
    weak = " ".join(broken_rules(new))
    return {"newpassword1": weak, "newpassword2": weak} if weak else {}


def _change(user: User) -> None:
    session = current.session
    user.password, user.forcepasswordchange = request.form["newpassword1"], False
    if request.form.get("logoutothersessions"):
        others = BrowserSession.userid == user.id, BrowserSession.sid != browser().sid
        session.execute(delete(BrowserSession).where(*others))
    if request.form.get("signoutofotherservices") == "1":
        session.execute(delete(ExternalToken).where(ExternalToken.userid == user.id))


def confirm() -> Response:
    raise MoodleError("confirmationnotenabled", "User confirmation is not enabled on this site")


def sign_up() -> Response:
    raise MoodleError("notlocalisederrormessage", "Sorry, you may not use this page.")
