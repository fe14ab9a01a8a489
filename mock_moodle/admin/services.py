"""External services: protocols, the services, their functions and users."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import select

from mock_moodle.admin.page import admin_page, flag, require_admin, sent, sent_ids
from mock_moodle.admin.people import potential_users
from mock_moodle.errors import MissingRecord
from mock_moodle.login.browser import require_sesskey
from mock_moodle.page import redirect, required_param
from mock_moodle.site import current
from mock_moodle.store.core import ExternalService, ExternalToken, ServiceUser, User
from mock_moodle.webservice import catalogue
from mock_moodle.webservice.registry import FUNCTIONS

PROTOCOLS = {"rest": "REST protocol", "soap": "SOAP protocol"}
PLACE = ("Web services", "Server")
SERVICES_PATH = "/admin/settings.php?section=externalservices"


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/admin/webservice/protocols.php", view_func=protocol_action)
    blueprint.add_url_rule("/admin/webservice/service.php", view_func=service_page, methods=["GET", "POST"])
    blueprint.add_url_rule("/admin/webservice/service_functions.php", view_func=functions_page, methods=["GET", "POST"])
    blueprint.add_url_rule("/admin/webservice/service_users.php", view_func=users_page, methods=["GET", "POST"])


def enabled_protocols() -> list[str]:
    return [name for name in (current.config("webserviceprotocols") or "").split(",") if name]


def protocols() -> dict[str, Any]:
    """For the page "Manage protocols"."""
    enabled = enabled_protocols()
    return {"protocols": [(name, title, name in enabled) for name, title in PROTOCOLS.items()]}


def overview() -> dict[str, Any]:
    """For the page "Overview": what is still to be done."""
    session = current.session
    return {
        "steps": [
            ("Enable web services", current.enabled("enablewebservices"), "optionalsubsystems"),
            ("Enable protocols", bool(enabled_protocols()), "webserviceprotocols"),
            ("Select a service", session.scalar(select(ExternalService.id)) is not None, "externalservices"),
            ("Create a token for a user", session.scalar(select(ExternalToken.id)) is not None, ""),
        ]
    }


def listed() -> dict[str, Any]:
    """For the page "External services"."""
    rows = current.session.scalars(select(ExternalService).order_by(ExternalService.id)).all()
    return {
        "built_in": [row for row in rows if row.component],
        "custom": [row for row in rows if not row.component],
    }


def protocol_action() -> Response:
    """The eye beside a protocol."""
    require_admin()
    require_sesskey()
    name, action = required_param("webservice"), required_param("action")
    enabled = enabled_protocols()
    if action == "enable" and name in PROTOCOLS and name not in enabled:
        enabled.append(name)
    elif action == "disable" and name in enabled:
        enabled.remove(name)
    current.set_config("webserviceprotocols", ",".join(enabled))
    return redirect("/admin/settings.php?section=webserviceprotocols")


def service_page() -> Response:
    require_admin()
    service_id = required_param("id", int)
    service = _service(service_id) if service_id else ExternalService(name="", enabled=True)
    error = ""
    if request.method == "POST":
        require_sesskey()
        if "cancel" in request.form:
            return redirect(SERVICES_PATH)
        error = _store(service)
        if not error:
            return redirect(SERVICES_PATH, "Changes saved", "success")
    title = "Edit service" if service_id else "Add service"
    return admin_page("admin/service_form.html", title, *PLACE, service=service, error=error)


def _store(service: ExternalService) -> str:
    """The problem; empty once stored. The name of a plugin's own service stays."""
    session = current.session
    name = service.name if service.component else sent("name").strip()
    if not name:
        return "- You must supply a value here."
    with session.no_autoflush:
        same = session.scalar(select(ExternalService).where(ExternalService.name == name))
    if same is not None and same.id != service.id:
        return "A service of this name already exists"
    service.name = name
    if not service.component:
        service.shortname = sent("shortname").strip() or None
    service.enabled, service.restrictedusers = flag("enabled"), flag("restrictedusers")
    service.downloadfiles, service.uploadfiles = flag("downloadfiles"), flag("uploadfiles")
    if service.functions is None and not service.component:
        service.functions = []
    service.timecreated = service.timecreated or current.clock.time()
    session.add(service)
    session.flush()
    return ""


def functions_page() -> Response:
    require_admin()
    service = _service(required_param("id", int))
    own = service.component is None
    if request.method == "POST" and own:
        require_sesskey()
        functions = list(service.functions or [])
        added = [name for name in request.form.getlist("fids[]") if catalogue.exists(name) and name not in functions]
        removed = sent("remove")
        service.functions = [name for name in functions + added if name != removed]
        current.session.flush()
    offered = list(catalogue.of_service(service))
    return admin_page(
        "admin/service_functions.html",
        "External service functions",
        *PLACE,
        heading=service.name,
        service=service,
        own=own,
        functions=offered,
        addable=_addable(offered) if own else [],
    )


def _addable(offered: list[str]) -> list[str]:
    every = {*FUNCTIONS, *catalogue.mobile_functions()}
    return sorted(name for name in every if name not in offered and catalogue.exists(name))


def users_page() -> Response:
    """Who may use a service with "Authorised users only"."""
    require_admin()
    service = _service(required_param("id", int))
    session = current.session
    if request.method == "POST":
        require_sesskey()
        if "add" in request.form:
            for userid in sent_ids("addselect[]"):
                if session.get(User, userid) is not None:
                    session.merge(ServiceUser(externalserviceid=service.id, userid=userid))
        elif "remove" in request.form:
            for userid in sent_ids("removeselect[]"):
                row = session.get(ServiceUser, (service.id, userid))
                if row is not None:
                    session.delete(row)
        session.flush()
    query = select(User).join(ServiceUser, ServiceUser.userid == User.id)
    chosen = session.scalars(query.where(ServiceUser.externalserviceid == service.id).order_by(User.id)).all()
    return admin_page(
        "admin/choose_users.html",
        "External service users",
        *PLACE,
        heading=f"Authorised users: {service.name}",
        action=f"/admin/webservice/service_users.php?id={service.id}",
        back=SERVICES_PATH,
        existing_title="Authorised users",
        existing=chosen,
        potential=potential_users({user.id for user in chosen}),
    )


def _service(service_id: int) -> ExternalService:
    service = current.session.get(ExternalService, service_id)
    if service is None:
        raise MissingRecord("external_services")
    return service
