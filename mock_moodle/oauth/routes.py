"""`/local/oauth/login.php`, `token.php` and `user_info.php`."""

from __future__ import annotations

from authlib.oauth2 import OAuth2Error
from flask import Blueprint, Response, request

from mock_moodle.caching import as_session_answer
from mock_moodle.errors import MissingRecord
from mock_moodle.login.browser import browser, require_sesskey
from mock_moodle.oauth import openid, scopes, storage
from mock_moodle.oauth.clients import clients_page
from mock_moodle.oauth.errors import php_json, php_urlencode
from mock_moodle.oauth.models import AccessToken
from mock_moodle.oauth.recorded import check_token_request
from mock_moodle.oauth.resource import DeniedError, bearer_token
from mock_moodle.oauth.server import RECORDED, Provider
from mock_moodle.oauth.strict import STRICT
from mock_moodle.page import optional_param, page, redirect, required_param
from mock_moodle.plugins import installed_version
from mock_moodle.site import current
from mock_moodle.store.core import User

blueprint = Blueprint("oauth", __name__)
local_oauth = Blueprint("local_oauth", __name__, url_prefix="/local/oauth")
local_oauth.add_url_rule("/index.php", view_func=clients_page, methods=["GET", "POST"])
openid_connect = Blueprint("openid", __name__)
openid.add_to(openid_connect)

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
SUBMITTED = "_qf__local_oauth_authorize_form"
"""The consent form's mark: without it the form is shown again."""
PASSED_ON = ("client_id", "response_type", "scope", "state")
"""What survives the way through the login form and the consent; `redirect_uri` does not."""
STRICT_PASSED_ON = (*PASSED_ON, "redirect_uri", "code_challenge", "code_challenge_method", "nonce")


def provider() -> Provider:
    """The provider as it is, or with its holes closed: the setting `strict` of `local_oauth`."""
    return STRICT if is_strict() else RECORDED


def is_strict() -> bool:
    return current.enabled("strict", "local_oauth")


@local_oauth.route("/login.php", methods=METHODS, provide_automatic_options=False)
def authorize() -> Response:
    client_id, _ = (required_param(name) for name in ("client_id", "response_type"))
    scope, _ = (optional_param(name) for name in ("scope", "state"))
    here = browser()
    if here.user is None or here.is_guest:
        here.data["wantsurl"] = current.site.wwwroot + _own_address()
        return redirect("/login/index.php")
    server = provider()
    try:
        grant = server.get_consent_grant(request, end_user=here.user)
    except OAuth2Error as error:
        answer: Response = server.handle_error_response(request, error)
        return answer
    submitted = request.method == "POST" and request.form.get(SUBMITTED, "0") not in ("", "0")
    if submitted:
        require_sesskey()
        if "cancel" in request.form:
            refused: Response = server.create_authorization_response(request, grant_user=None, grant=grant)
            return refused
    if submitted and "submitbutton" in request.form:
        storage.remember_consent(client_id, here.user.id, scope)
    if storage.has_consented(client_id, here.user.id, scope):
        granted: Response = server.create_authorization_response(request, grant_user=here.user, grant=grant)
        return granted
    return page(
        "oauth/consent.html",
        title=None,
        embedded=True,
        action=current.site.wwwroot + _own_address(),
        client_id=client_id,
        scopes=[scopes.TITLES.get(word, word) for word in scope.split()],
    )


def _own_address() -> str:
    """As the plugin rebuilds it: the values are not escaped, so a state with `&` comes back mangled."""
    names, escape = (STRICT_PASSED_ON, php_urlencode) if is_strict() else (PASSED_ON, str)
    values = [(name, request.values.get(name, "")) for name in names]
    return "/local/oauth/login.php?" + "&".join(f"{name}={escape(value)}" for name, value in values if value)


@local_oauth.route("/token.php", methods=METHODS, provide_automatic_options=False)
def token() -> Response:
    if request.method == "OPTIONS":
        allowed = Response("", 200, headers={"Allow": "POST, OPTIONS"}, content_type="application/json")
        return as_session_answer(allowed)
    server = provider()
    if server is RECORDED:
        asked = server.create_oauth2_request(None)
        try:
            check_token_request(asked)
        except OAuth2Error as error:
            refused: Response = server.handle_error_response(asked, error)
            return refused
    answer: Response = server.create_token_response()
    storage.delete_expired()
    return answer


@local_oauth.route("/user_info.php", methods=METHODS, provide_automatic_options=False)
def user_info() -> Response:
    try:
        token = bearer_token()
    except DeniedError as denied:
        if denied.leaks is not None and not is_strict():
            # The plugin sends the refusal and goes on: the profile follows it.
            denied.response.set_data(denied.response.get_data(as_text=True) + _profile(denied.leaks))
        return denied.response
    response = Response(_profile(token), content_type="text/html; charset=utf-8")
    if is_strict():
        response.content_type = "application/json"
    return as_session_answer(response)


def _profile(token: AccessToken) -> str:
    """Empty for a token that stands for nobody."""
    if not token.user_id:
        return ""
    user = storage.find_user(token.user_id)
    if user is None:
        raise MissingRecord("user")
    return php_json(profile_of(user))


def profile_of(user: User) -> dict[str, str | None]:
    """The row as PHP's database layer gives it: every value a string."""
    return {
        "id": str(user.id),
        "auth": user.auth,
        "username": user.username,
        "idnumber": user.idnumber,
        "firstname": user.firstname,
        "lastname": user.lastname,
        "email": user.email,
        "lang": user.lang,
        "country": user.country,
        "phone1": user.phone1,
        "address": user.address,
        "description": user.description or None,
    }


@local_oauth.before_request
def only_while_installed() -> Response | None:
    """A folder that is not there is the web server's 404, not Moodle's."""
    installed = installed_version("local_oauth") is not None
    return None if installed else Response("Not Found", 404, content_type="text/plain")


blueprint.register_blueprint(local_oauth)
blueprint.register_blueprint(openid_connect)
