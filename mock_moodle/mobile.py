"""The switch "Enable web services for mobile devices", which moves more than itself."""

from __future__ import annotations

from sqlalchemy import select

from mock_moodle.access import context_system
from mock_moodle.site import current
from mock_moodle.store.core import ALLOW, ExternalService, Role, RoleCapability

SETTING = "enablemobilewebservice"
SERVICE = "moodle_mobile_app"
EVERYBODY = "user"
PROTOCOL, MAY_USE = "rest", "webservice/rest:use"


def switch(on: bool) -> None:
    """On: web services, REST, the app's service, and everybody who signs in may use REST. Off: the service alone."""
    service = _service()
    if service is not None:
        service.enabled = on
    current.set_config(SETTING, on)
    if on:
        current.set_config("enablewebservices", True)
        protocols = [name for name in (current.config("webserviceprotocols") or "").split(",") if name]
        if PROTOCOL not in protocols:
            current.set_config("webserviceprotocols", ",".join([*protocols, PROTOCOL]))
        key = {"contextid": context_system().id, "roleid": _everybody(), "capability": MAY_USE}
        current.session.merge(RoleCapability(**key, permission=ALLOW))
    current.session.flush()


def is_on() -> bool:
    """What the settings page shows: off, too, where one of its parts was switched off elsewhere."""
    service = _service()
    allowed = current.session.get(RoleCapability, (context_system().id, _everybody(), MAY_USE))
    return (
        current.enabled(SETTING)
        and current.enabled("enablewebservices")
        and bool(service and service.enabled)
        and bool(allowed and allowed.permission == ALLOW)
    )


def _service() -> ExternalService | None:
    return current.session.scalar(select(ExternalService).where(ExternalService.shortname == SERVICE))


def _everybody() -> int:
    return current.session.scalars(select(Role.id).where(Role.shortname == EVERYBODY)).one()
