"""Addresses that the Moodle app opens in a browser: signing in for it, and signing it in."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import md5
from typing import TYPE_CHECKING

from flask import Blueprint, Response
from sqlalchemy import delete
from werkzeug.datastructures import Headers

from mock_moodle.caching import as_session_answer
from mock_moodle.errors import MoodleError
from mock_moodle.login.browser import browser, complete_user_login, require_login
from mock_moodle.login.tokens import service_named, token_for, told_private
from mock_moodle.page import optional_param, redirect, required_param
from mock_moodle.site import current
from mock_moodle.store.core import PrivateKey
from mock_moodle.webservice.clean import clean_param
from mock_moodle.webservice.file_server import key_owner

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

KEY_SCRIPT = "tool_mobile"
IN_A_BROWSER = ("2", "3")
"""Values of the setting "Type of login" that mean a browser, the app's own or another."""
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9\-+.]*")


class _AsIs(Response):
    """Its Location is the app's business, and names no host."""

    def get_wsgi_headers(self, _environ: WSGIEnvironment) -> Headers:
        return Headers(self.headers)


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/admin/tool/mobile/launch.php", view_func=launch)
    blueprint.add_url_rule("/admin/tool/mobile/autologin.php", view_func=autologin)


def launch() -> Response:
    """Ends at an address of the app's own scheme, with the token in it."""
    shortname, passport = required_param("service"), required_param("passport")
    scheme = optional_param("urlscheme", "moodlemobile")
    if not SCHEME.fullmatch(scheme):
        raise MoodleError(
            "invalidparameter",
            "error/Invalid parameter: the value of urlscheme isn't valid. It should start with a letter and can only"
            ' contain letters, numbers and the characters "." "+" "-".',
        )
    if not current.enabled("enablewebservices"):
        raise MoodleError("enablewsdescription", "Web services must be enabled in Advanced features.")
    service = service_named(shortname)
    if current.config("typeoflogin", "tool_mobile") not in IN_A_BROWSER:
        raise MoodleError("pluginnotenabledorconfigured", "Plugin not enabled or configured.")
    user = require_login()
    if browser().is_guest:
        raise MoodleError("noguest", "No guests here!")
    token = token_for(user, service)
    parts = [md5(f"{current.site.wwwroot}{passport}".encode(), usedforsecurity=False).hexdigest(), token.token]
    if private := told_private(token, user):
        parts.append(private)
    response = _AsIs(status=302, content_type="text/html; charset=utf-8")
    response.headers["Location"] = f"{scheme}://token={b64encode(':::'.join(parts).encode()).decode()}"
    return as_session_answer(response)


def autologin() -> Response:
    """Takes the key of tool_mobile_get_autologin_key, once."""
    userid, value = required_param("userid", int), required_param("key")
    onwards = str(clean_param(optional_param("urltogo"), "localurl")) or current.site.wwwroot
    here, session = browser(), current.session
    keys = delete(PrivateKey).where(PrivateKey.script == KEY_SCRIPT, PrivateKey.userid == userid)
    if here.user is not None and not here.is_guest:
        session.execute(keys)
        if here.userid != userid:
            raise MoodleError(
                "alreadyloggedin",
                f"You are already logged in as {here.user.fullname}, you need to log out before logging in as"
                " different user.",
            )
        return redirect(onwards)
    if not current.site.wwwroot.startswith("https:"):
        raise MoodleError("httpsrequired", "HTTPS required")
    user = key_owner(value, KEY_SCRIPT, current.visit.address)
    if user.id != userid:
        raise MoodleError("invalidkey", "Incorrect key")
    session.execute(keys)
    complete_user_login(user)
    return redirect(onwards)
