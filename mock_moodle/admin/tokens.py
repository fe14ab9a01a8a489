"""Manage tokens."""

from __future__ import annotations

from datetime import datetime, timezone

from flask import Blueprint, Response, request
from sqlalchemy import select

from mock_moodle.admin.page import admin_page, flag, require_admin, sent
from mock_moodle.admin.people import potential_users
from mock_moodle.errors import MissingRecord
from mock_moodle.login.browser import notify, require_login, require_sesskey
from mock_moodle.page import optional_param, page, redirect, required_param
from mock_moodle.site import current
from mock_moodle.store.core import ExternalService, ExternalToken, ServiceUser, User
from mock_moodle.webservice.php import to_int

PATH = "/admin/webservice/tokens.php"
PLACE = ("Manage tokens", "Web services", "Server")


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule(PATH, view_func=tokens_page, methods=["GET", "POST"])
    blueprint.add_url_rule("/user/managetoken.php", view_func=own_tokens, methods=["GET", "POST"])


def tokens_page() -> Response:
    require_admin()
    action = optional_param("action")
    if action == "create":
        return _create()
    if action == "delete":
        return _delete()
    return _table()


def _table() -> Response:
    query = (
        select(ExternalToken, User, ExternalService)
        .join(User, User.id == ExternalToken.userid)
        .join(ExternalService, ExternalService.id == ExternalToken.externalserviceid)
        .order_by(ExternalToken.id)
    )
    chosen = ("", 0, 0)
    if "resetbutton" not in request.form:
        chosen = sent("name").strip(), to_int(sent("users[]")), to_int(sent("services[]"))
    name, user, service = chosen
    if name:
        query = query.where(ExternalToken.name.contains(name, autoescape=True))
    if user:
        query = query.where(ExternalToken.userid == user)
    if service:
        query = query.where(ExternalToken.externalserviceid == service)
    return admin_page(
        "admin/tokens.html",
        *PLACE,
        rows=current.session.execute(query).all(),
        users=potential_users(set()),
        services=_services(),
        chosen=chosen,
    )


def _create() -> Response:
    errors: dict[str, str] = {}
    if request.method == "POST":
        require_sesskey()
        if "cancel" in request.form:
            return redirect(PATH)
        errors = _store()
        if not errors:
            return redirect(PATH)
    return admin_page(
        "admin/token_form.html",
        *PLACE,
        heading="Create token",
        users=potential_users(set()),
        services=_services(),
        errors=errors,
        today=datetime.fromtimestamp(current.clock.time(), timezone.utc),
    )


def _store() -> dict[str, str]:
    session = current.session
    user = session.get(User, to_int(sent("user")))
    service = session.get(ExternalService, to_int(sent("service")))
    if user is None or user.deleted:
        return {"user": "- You must choose a user."}
    if service is None:
        return {"service": "- You must choose a service."}
    if service.restrictedusers and session.get(ServiceUser, (service.id, user.id)) is None:
        return {"user": f"{user.fullname} is not an authorised user of {service.name}. Add the user there first."}
    try:
        valid_until = _valid_until()
    except (ValueError, OverflowError):
        return {"validuntil": "There is no such day."}
    token = current.keys.md5()
    session.add(
        ExternalToken(
            token=token,
            userid=user.id,
            externalserviceid=service.id,
            iprestriction=sent("iprestriction").strip() or None,
            validuntil=valid_until,
            name=sent("name").strip() or f"Webservice-{token[:6]}",
            timecreated=current.clock.time(),
        )
    )
    notify(f"Token created. Copy it now, it will not be shown in full again: {token}", "success")
    return {}


def _valid_until() -> int | None:
    if not flag("validuntil[enabled]"):
        return None
    day, month, year = (to_int(sent(f"validuntil[{part}]")) for part in ("day", "month", "year"))
    return int(datetime(year, month, day, tzinfo=timezone.utc).timestamp())


def _delete() -> Response:
    token = current.session.get(ExternalToken, required_param("tokenid", int))
    if token is None:
        raise MissingRecord("external_tokens")
    if request.method == "GET":
        user = current.session.get_one(User, token.userid)
        return admin_page("admin/token_delete.html", *PLACE, heading="Delete token", token=token, owner=user)
    require_sesskey()
    current.session.delete(token)
    return redirect(PATH, "Token deleted", "success")


def _services() -> list[ExternalService]:
    query = select(ExternalService).where(ExternalService.enabled.is_(True)).order_by(ExternalService.name)
    return list(current.session.scalars(query))


def own_tokens() -> Response:
    """Security keys: a user's own tokens."""
    user = require_login()
    if request.method == "POST":
        require_sesskey()
        token = current.session.get(ExternalToken, required_param("tokenid", int))
        if token is None or token.userid != user.id:
            raise MissingRecord("external_tokens")
        token.token = current.keys.md5()
        notify(f"The key was reset. Copy it now: {token.token}", "success")
        current.session.flush()
    query = (
        select(ExternalToken, ExternalService)
        .join(ExternalService, ExternalService.id == ExternalToken.externalserviceid)
        .where(ExternalToken.userid == user.id)
    )
    rows = current.session.execute(query.order_by(ExternalToken.id)).all()
    return page("admin/own_tokens.html", title="Security keys", heading="Security keys", rows=rows)
