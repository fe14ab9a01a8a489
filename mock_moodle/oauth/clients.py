"""OAuth provider settings: the administrator's list of clients, and the form that adds, edits and deletes them."""

from __future__ import annotations

import re

from flask import Response, request
from sqlalchemy import select

from mock_moodle.admin.page import require_admin
from mock_moodle.errors import InvalidSesskey, MissingParameter
from mock_moodle.login.browser import confirm_sesskey, notify, require_sesskey
from mock_moodle.oauth import storage
from mock_moodle.oauth.models import OAuthClient
from mock_moodle.page import admin_title, page, required_param, site_course
from mock_moodle.site import current
from mock_moodle.webservice.php import to_int

TITLE = admin_title("OAuth provider settings", "Server")
HEADING = "OAuth provider"
SECRET_LENGTH = 48
WEB_ADDRESS = re.compile(r"https?://[^\s/]+\S*")
DEFAULTS = {
    "client_id": "",
    "redirect_uri": "",
    "grant_types": "authorization_code",
    "scope": "user_info",
    "user_id": "0",
}
LENGTHS = {"client_id": 80, "redirect_uri": 1333, "grant_types": 80, "scope": 1333, "user_id": 80}


def clients_page() -> Response:
    require_admin()
    action = request.values.get("action", "")
    if action == "add":
        return _add()
    if action in ("edit", "del"):
        if "id" not in request.values:
            notify(MissingParameter("id").message, "error")
            return _table()
        client = _client()
        if client is None:
            notify("Client does not exist", "error")
            return _table()
        return _edit(client) if action == "edit" else _delete(client)
    return _table()


def _table() -> Response:
    rows = current.session.scalars(select(OAuthClient).order_by(OAuthClient.client_id)).all()
    return page("oauth/clients.html", title=TITLE, heading=HEADING, within=site_course().fullname, clients=rows)


def _client() -> OAuthClient | None:
    """None for an id that no client has."""
    return current.session.get(OAuthClient, required_param("id", int))


def _add() -> Response:
    if request.method == "GET":
        return _form("add", dict(DEFAULTS), {})
    if "sesskey" in request.form and not confirm_sesskey():
        notify(InvalidSesskey().message, "error")  # below a heading that is sent already, as what is wrong below
        return _table()
    require_sesskey()
    if "cancel" in request.form:
        return _table()
    values = {name: request.form.get(name, "").strip() for name in DEFAULTS}
    errors = _errors(values)
    if not errors and storage.find_client(values["client_id"]) is not None:
        errors["client_id"] = "This client identifier is already in use"
    if errors:
        return _form("add", values, errors)
    secret = (current.keys.sha1() + current.keys.md5())[:SECRET_LENGTH]
    client = OAuthClient(client_id=values["client_id"], client_secret=secret)
    _store(client, values)
    current.session.add(client)
    current.session.flush()
    notify("Client successfully saved", "success")
    return _table()


def _edit(client: OAuthClient) -> Response:
    if request.method == "GET" or "sesskey" not in request.form:
        values = {name: str(getattr(client, name) or "") for name in DEFAULTS}
        return _form("edit", values, {}, client_row_id=client.id)
    require_sesskey()
    if "cancel" in request.form:
        return _table()
    values = {name: request.form.get(name, "").strip() for name in DEFAULTS} | {"client_id": client.client_id}
    errors = _errors(values)
    if errors:
        return _form("edit", values, errors, client_row_id=client.id)
    _store(client, values)
    current.session.flush()
    notify("Client successfully saved", "success")
    return _table()


def _delete(client: OAuthClient) -> Response:
    """Asks first. The plugin deletes on a plain link; the mock wants the session key, as Moodle's own pages do."""
    if request.method == "GET":
        return page("oauth/delete.html", title=TITLE, heading=HEADING, within=site_course().fullname, client=client)
    require_sesskey()
    current.session.delete(client)
    current.session.flush()
    return _table()


def _store(client: OAuthClient, values: dict[str, str]) -> None:
    client.redirect_uri = values["redirect_uri"]
    client.grant_types = values["grant_types"]
    client.scope = values["scope"]
    client.user_id = to_int(values["user_id"])


def _errors(values: dict[str, str]) -> dict[str, str]:
    errors = {
        name: f"Maximum of {limit} characters" for name, limit in LENGTHS.items() if len(values.get(name, "")) > limit
    }
    for name in ("client_id", "redirect_uri"):
        if not values[name]:
            errors[name] = "- You must supply a value here."
    if values["redirect_uri"] and not WEB_ADDRESS.fullmatch(values["redirect_uri"]):
        errors["redirect_uri"] = "- You must supply one http or https address here."
    return errors


def _form(action: str, values: dict[str, str], errors: dict[str, str], *, client_row_id: int | None = None) -> Response:
    return page(
        "oauth/client_form.html",
        title=TITLE,
        heading=HEADING,
        within=site_course().fullname,
        action=action,
        values=values,
        errors=errors,
        lengths=LENGTHS,
        client_row_id=client_row_id,
    )
