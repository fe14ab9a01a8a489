"""The OAuth2 provider: as recorded, and strict."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from mock.campus import V08, Browser, Campus, Page, world

CALLBACK = "http://engine.test/callback"
CLIENT = {"client_id": "engine", "client_secret": "engine-secret"}
ASKED = {"client_id": "engine", "response_type": "code", "scope": "user_info", "state": "s1"}


def query(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.location).query).items()}


def consent(browser: Browser, path: str = "/local/oauth/login.php", **asked: Any) -> Page:
    """Asks, and presses "Confirm" if the provider wants to know."""
    page = browser.get(path, **asked)
    return browser.submit(page, "form", press="submitbutton") if page.status == 200 else page


def code_for(browser: Browser, **asked: Any) -> str:
    return query(consent(browser, **{**ASKED, **asked}))["code"]


def token(campus: Campus, **form: Any) -> Page:
    return campus.visitor().post("/local/oauth/token.php", **{"grant_type": "authorization_code", **CLIENT, **form})


def refusal(page: Page) -> tuple[int, str]:
    return page.status, page.response.json["error"]


@pytest.fixture
def anna(campus: Campus) -> Browser:
    return campus.sign_in("anna")


def set_strict(campus: Campus, **settings: str) -> None:
    with campus.site.visit():
        from mock_moodle.site import current

        for name, value in settings.items():
            current.set_config(name, value, "local_oauth")


# As recorded


def test_a_visitor_signs_in_first_and_comes_back(campus: Campus) -> None:
    browser = campus.visitor()
    assert browser.get("/local/oauth/login.php", **ASKED).location == "http://moodle.test/login/index.php"
    form = browser.get("/login/index.php")
    page = browser.submit(form, "form", {"username": "anna", "password": "Passw0rd!"})
    page = browser.follow(page)
    assert "engine" in page.text
    assert browser.submit(page, "form", press="submitbutton").location.startswith(f"{CALLBACK}?code=")


def test_consent_is_asked_once(anna: Browser) -> None:
    assert anna.get("/local/oauth/login.php", **ASKED).status == 200
    code_for(anna)
    assert anna.get("/local/oauth/login.php", **ASKED).status == 302


def test_another_scope_is_another_consent(anna: Browser) -> None:
    code_for(anna)
    without_scope = {name: value for name, value in ASKED.items() if name != "scope"}
    assert anna.get("/local/oauth/login.php", **without_scope).status == 200


def test_denial_comes_back_with_escaped_separators(anna: Browser) -> None:
    page = anna.get("/local/oauth/login.php", **ASKED)
    denied = anna.submit(page, "form", press="cancel")
    assert denied.location.startswith(f"{CALLBACK}?error=access_denied&amp;error_description=")
    assert denied.location.endswith("&amp;state=s1")


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_id": "nobody"}, 400, "invalid_client"),
        ({"redirect_uri": f"{CALLBACK}#part"}, 400, "invalid_uri"),
        ({"redirect_uri": f"{CALLBACK}/more"}, 400, "redirect_uri_mismatch"),
        ({"response_type": "banana"}, 302, "invalid_request"),
        ({"response_type": "token"}, 302, "unsupported_response_type"),
        ({"scope": "user_info everything"}, 302, "invalid_scope"),
    ],
)
def test_what_may_not_be_authorised(anna: Browser, changed: dict[str, str], status: int, error: str) -> None:
    page = anna.get("/local/oauth/login.php", **{**ASKED, **changed})
    assert refusal(page) == (status, error)
    assert page.response.json.get("state") == ("s1" if status == 302 else None)


def test_a_code_is_good_once_and_for_half_a_minute(campus: Campus, anna: Browser) -> None:
    code = code_for(anna)
    assert token(campus, code=code).status == 200
    assert refusal(token(campus, code=code)) == (400, "invalid_grant")
    late = code_for(anna)
    campus.site.clock.travel(31)
    assert token(campus, code=late).response.json["error_description"] == "The authorization code has expired"


def test_a_code_of_a_named_address_needs_it_again(campus: Campus, anna: Browser) -> None:
    code = code_for(anna, redirect_uri=CALLBACK)
    # The consent page forgets the address, so the second request is the one that keeps it.
    code = code_for(anna, redirect_uri=CALLBACK)
    assert refusal(token(campus, code=code)) == (400, "redirect_uri_mismatch")
    assert token(campus, code=code, redirect_uri=CALLBACK).status == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"client_id": "nobody", "client_secret": "x"}, "invalid_client"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
        ({}, "invalid_request"),
    ],
)
def test_what_buys_no_token(campus: Campus, form: dict[str, str], error: str) -> None:
    assert refusal(token(campus, **form)) == (400, error)


def test_credentials_may_stand_in_the_header(campus: Campus, anna: Browser) -> None:
    basic = base64.b64encode(b"engine:engine-secret").decode()
    answer = campus.visitor().client.post(
        "/local/oauth/token.php",
        data={"grant_type": "authorization_code", "code": code_for(anna)},
        headers={"Authorization": f"Basic {basic}"},
    )
    assert answer.json["expires_in"] == 3600


def test_other_methods_are_told_which_is_right(campus: Campus) -> None:
    visitor = campus.visitor()
    assert visitor.get("/local/oauth/token.php").response.headers["Allow"] == "POST, OPTIONS"
    assert visitor.client.options("/local/oauth/token.php").headers["Allow"] == "POST, OPTIONS"


def test_known_holes_are_there(campus: Campus, anna: Browser) -> None:
    """Clients are tested against what is out there."""
    without_scope = query(consent(anna, client_id="engine", response_type="code"))["code"]
    assert token(campus, code=without_scope, scope="user_info").response.json["scope"] == "user_info"
    nobody = token(campus, grant_type="client_credentials", client_id="nobody", client_secret="0")
    assert nobody.response.json["scope"] is None
    bare = query(consent(anna, client_id="engine", response_type="code"))["code"]
    scopeless = token(campus, code=bare).response.json["access_token"]
    leak = campus.visitor().get("/local/oauth/user_info.php", access_token=scopeless)
    assert leak.status == 401
    assert '"error":"insufficient_scope"' in leak.html
    assert '"email":"anna@example.com"' in leak.html


def test_profile_is_told_as_text_and_runs_out(campus: Campus, anna: Browser) -> None:
    access = token(campus, code=code_for(anna)).response.json["access_token"]
    profile = campus.visitor().get("/local/oauth/user_info.php", access_token=access)
    assert json.loads(profile.html)["id"] == "3"
    assert profile.response.content_type == "text/html; charset=utf-8"
    campus.site.clock.travel(3601)
    late = campus.visitor().get("/local/oauth/user_info.php", access_token=access)
    assert refusal(late) == (401, "invalid_token")
    assert "has expired" in late.response.headers["WWW-Authenticate"]


def test_without_the_plugin_there_is_no_provider() -> None:
    spec = world(V08)
    spec["plugins"] = [V08]
    assert Campus(spec).visitor().get("/local/oauth/token.php").status == 404


# Strict


@pytest.fixture
def strict(campus: Campus) -> Campus:
    set_strict(campus, strict="1")
    return campus


def test_strict_keeps_the_address_through_login_and_consent(strict: Campus) -> None:
    browser = strict.visitor()
    browser.get("/local/oauth/login.php", redirect_uri=CALLBACK, **ASKED)
    form = browser.get("/login/index.php")
    page = browser.follow(browser.submit(form, "form", {"username": "anna", "password": "Passw0rd!"}))
    code = query(browser.submit(page, "form", press="submitbutton"))["code"]
    assert token(strict, code=code).status == 400
    assert token(strict, code=code, redirect_uri=CALLBACK).status == 200


def test_strict_holds_the_verifier_against_the_challenge(strict: Campus, anna: Browser) -> None:
    verifier = "v" * 50
    digest = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    challenge = {"code_challenge": digest, "code_challenge_method": "S256"}
    code_for(anna)
    code = code_for(anna, **challenge)
    assert refusal(token(strict, code=code, code_verifier="x" * 50)) == (400, "invalid_grant")
    code = code_for(anna, **challenge)
    assert token(strict, code=code, code_verifier=verifier).status == 200


def test_strict_closes_the_holes(strict: Campus, anna: Browser) -> None:
    bare = query(consent(anna, client_id="engine", response_type="code"))["code"]
    assert refusal(token(strict, code=bare, scope="user_info")) == (400, "invalid_scope")
    nobody = token(strict, grant_type="client_credentials", client_id="nobody", client_secret="0")
    assert nobody.response.json["error"] == "invalid_client"
    scopeless = token(strict, code=bare).response.json["access_token"]
    refused = strict.visitor().get("/local/oauth/user_info.php", access_token=scopeless)
    assert refused.status == 403
    assert "anna@example.com" not in refused.html


def test_strict_refresh_tokens_work_once(strict: Campus, anna: Browser) -> None:
    refresh = token(strict, code=code_for(anna)).response.json["refresh_token"]
    fresh = token(strict, grant_type="refresh_token", refresh_token=refresh)
    assert fresh.response.json["scope"] == "user_info"
    assert token(strict, grant_type="refresh_token", refresh_token=refresh).status == 400


def test_strict_serves_no_suspended_user(strict: Campus, anna: Browser) -> None:
    code = code_for(anna)
    with strict.site.visit() as visit:
        from mock_moodle.store.core import User

        visit.session.get_one(User, 3).suspended = True
    assert refusal(token(strict, code=code)) == (400, "invalid_grant")


# OpenID Connect


def test_an_issuer_is_found_and_believed(campus: Campus, anna: Browser) -> None:
    visitor = campus.visitor()
    assert visitor.get("/.well-known/openid-configuration").status == 404
    set_strict(campus, openid="1")
    with campus.site.visit() as visit:
        from mock_moodle.oauth.models import OAuthClient

        visit.session.query(OAuthClient).one().scope = "openid profile email"
    found = visitor.get("/.well-known/openid-configuration").response.json
    assert found["issuer"] == "http://moodle.test"
    asked = {**ASKED, "scope": "openid profile email", "nonce": "n1", "redirect_uri": CALLBACK}
    code = query(consent(anna, urlsplit(found["authorization_endpoint"]).path, **asked))["code"]
    answer = visitor.post(
        found["token_endpoint"], grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **CLIENT
    ).response.json
    keys = KeySet.import_key_set(visitor.get(found["jwks_uri"]).response.json)
    identity = jwt.decode(answer["id_token"], keys, algorithms=["RS256"]).claims
    assert {name: identity[name] for name in ("iss", "aud", "sub", "nonce", "email", "name")} == {
        "iss": "http://moodle.test",
        "aud": "engine",
        "sub": "3",
        "nonce": "n1",
        "email": "anna@example.com",
        "name": "Anna Petrova",
    }
    told = visitor.get(found["userinfo_endpoint"], access_token=answer["access_token"]).response.json
    assert told["preferred_username"] == "anna"


def test_an_issuer_asked_not_to_ask_says_who_is_missing(campus: Campus) -> None:
    set_strict(campus, openid="1")
    page = campus.visitor().get("/local/oauth/openid/authorize.php", prompt="none", **ASKED)
    assert query(page) == {"error": "login_required", "state": "s1"}


# The administrator's page


def test_clients_are_added_edited_and_deleted(campus: Campus) -> None:
    admin = campus.sign_in("admin")
    form = admin.get("/local/oauth/index.php", action="add")
    page = admin.submit(form, "form.mform", {"client_id": "second", "redirect_uri": CALLBACK}, press="submitbutton")
    secret = page.soup.select("code.client-secret")[-1].get_text()
    assert len(secret) == 48
    duplicate = admin.submit(
        form, "form.mform", {"client_id": "second", "redirect_uri": CALLBACK}, press="submitbutton"
    )
    assert "already in use" in duplicate.text
    edit = admin.get("/local/oauth/index.php", action="edit", id=2)
    page = admin.submit(edit, "form.mform", {"scope": "user_info extra"}, press="submitbutton")
    assert "user_info extra" in page.text
    assert secret in page.text
    page = admin.submit(admin.get("/local/oauth/index.php", action="del", id=2), "main form")
    assert "second" not in page.text


@pytest.mark.parametrize("address", ["", "nonsense", "urn:ietf:wg:oauth:2.0:oob", "http://a.test http://b.test"])
def test_a_client_needs_one_web_address(campus: Campus, address: str) -> None:
    admin = campus.sign_in("admin")
    form = admin.get("/local/oauth/index.php", action="add")
    page = admin.submit(form, "form.mform", {"client_id": "second", "redirect_uri": address}, press="submitbutton")
    assert "You must supply" in page.text


def test_deleting_a_client_by_a_link_only_asks(campus: Campus) -> None:
    admin = campus.sign_in("admin")
    admin.get("/local/oauth/index.php", action="del", id=1, confirm=1)
    assert "engine" in admin.get("/local/oauth/index.php").text


def test_students_see_no_secrets(campus: Campus) -> None:
    assert campus.sign_in("anna").get("/local/oauth/index.php").status == 404


def test_a_strange_response_type_is_refused_whatever_its_characters(campus: Campus, anna: Browser) -> None:
    set_strict(campus, openid="1")
    page = anna.get("/local/oauth/openid/authorize.php", **{**ASKED, "response_type": '{"op":"&"}'})
    assert page.status < 500
    assert "unsupported_response_type" in page.html + page.location


def test_consent_is_given_by_the_button(anna: Browser) -> None:
    page = anna.get("/local/oauth/login.php", **ASKED)
    form = {field["name"]: field.get("value", "") for field in page.soup.select("form input[type=hidden]")}
    sent = anna.client.post("/local/oauth/login.php", query_string=ASKED, data=form, base_url="http://moodle.test")
    assert sent.status_code == 200
    assert anna.get("/local/oauth/login.php", **ASKED).status == 200
    code_for(anna)
    assert anna.get("/local/oauth/login.php", **{**ASKED, "scope": "user_info "}).status == 302  # as the database reads


def test_an_empty_state_comes_back_empty(anna: Browser) -> None:
    code_for(anna)
    assert anna.get("/local/oauth/login.php", **{**ASKED, "state": ""}).location.endswith("&state=")


def test_a_client_without_a_name_is_told_so(campus: Campus, anna: Browser) -> None:
    refused = anna.get("/local/oauth/login.php", **{**ASKED, "client_id": ""})
    assert refused.response.json["error_description"] == "No client id supplied"
    nameless = token(campus, client_id="", code=code_for(anna))
    assert nameless.response.json["error_description"] == "The client credentials are invalid"


def test_the_form_says_which_grant_whatever_the_address_says(campus: Campus, anna: Browser) -> None:
    form = {"grant_type": "authorization_code", **CLIENT, "code": code_for(anna)}
    query = {"grant_type": "client_credentials"}
    sent = campus.visitor().client.post("/local/oauth/token.php", query_string=query, data=form)
    assert sent.status_code == 200


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("grant_type", "Illegal offset type"),
        ("code", "real_escape_string"),
        ("scope", "trim()"),
        ("client_secret", "The client credentials are invalid"),
    ],
)
def test_php_stumbles_over_arrays(campus: Campus, anna: Browser, field: str, text: str) -> None:
    form = {"grant_type": "authorization_code", **CLIENT, "code": code_for(anna), "scope": "user_info"}
    form[f"{field}[]"] = form.pop(field)
    assert text in campus.visitor().client.post("/local/oauth/token.php", data=form).text


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_a_profile_is_told_to_any_method(campus: Campus, anna: Browser, method: str) -> None:
    access = token(campus, code=code_for(anna)).response.json["access_token"]
    visitor = campus.visitor().client
    header = {"Authorization": f"Bearer {access}"}
    told = visitor.open("/local/oauth/user_info.php", method=method, headers=header)
    assert json.loads(told.text)["username"] == "anna"


@pytest.mark.parametrize(("method", "status"), [("PUT", 200), ("DELETE", 401), ("PATCH", 401)])
def test_a_token_in_a_body_is_for_some_methods(campus: Campus, anna: Browser, method: str, status: int) -> None:
    access = token(campus, code=code_for(anna)).response.json["access_token"]
    told = campus.visitor().client.open("/local/oauth/user_info.php", method=method, data={"access_token": access})
    assert told.status_code == status
    assert ("must be POST or PUT" in told.text) == (method == "DELETE")


def test_two_spaces_hold_a_scope_that_no_client_has(anna: Browser) -> None:
    asked = {**ASKED, "scope": "user_info  user_info"}
    assert "error=invalid_scope" in anna.get("/local/oauth/login.php", **asked).location


@pytest.mark.parametrize("action", ["edit", "del"])
def test_no_client_is_found_without_a_number(campus: Campus, action: str) -> None:
    page = campus.sign_in("admin").get("/local/oauth/index.php", action=action)
    assert page.status == 200
    assert "A required parameter (id) was missing" in page.text


def test_a_get_has_no_form(campus: Campus, anna: Browser) -> None:
    access = token(campus, code=code_for(anna)).response.json["access_token"]
    asked = campus.visitor().client.get("/local/oauth/user_info.php", data={"access_token": access})
    assert asked.status_code == 401
