"""What the plugin's own upgrade does on a site that had v0.8: integrations that ran go on running.

v0.8 let in everybody with a token. Their owners become the service's authorised users and get a role of their own with
the new capability, so that no existing role is given more than it had.
"""

from __future__ import annotations

from sqlalchemy import select

from contract.access import WEBSERVICE
from contract.panel import WayIn
from contract.wire import COMPONENT, V08_VERSION
from mock_moodle.access import context_system, has_capability
from mock_moodle.plugins.install import after_upgrade
from mock_moodle.site import current
from mock_moodle.store.core import (
    ALLOW,
    SYSTEM,
    ExternalService,
    ExternalToken,
    Role,
    RoleAssignment,
    RoleCapability,
    ServiceUser,
)


@after_upgrade(COMPONENT)
def keep_what_ran(before: int) -> None:
    if before > V08_VERSION:
        return
    current.set_config("wayin", WayIn.FRAME.value, COMPONENT)
    current.set_config("acceptplainready", "1", COMPONENT)
    session = current.session
    owners = session.execute(
        select(ExternalToken.userid, ExternalToken.externalserviceid)
        .join(ExternalService, ExternalService.id == ExternalToken.externalserviceid)
        .where(ExternalService.component == COMPONENT)
        .distinct()
    ).all()
    for userid, serviceid in owners:
        session.merge(ServiceUser(externalserviceid=serviceid, userid=userid))
        if not has_capability(WEBSERVICE.full_name(), context_system(), userid):
            assigned = RoleAssignment(roleid=_role().id, contextid=context_system().id, userid=userid)
            assigned.timemodified = current.clock.time()
            session.add(assigned)
    session.flush()


def _role() -> Role:
    session = current.session
    role = session.scalar(select(Role).where(Role.shortname == COMPONENT))
    if role is None:
        role = Role(shortname=COMPONENT, name="Proctoring service", contextlevels=[SYSTEM])
        session.add(role)
        session.flush()
        session.add(
            RoleCapability(
                contextid=context_system().id, roleid=role.id, capability=WEBSERVICE.full_name(), permission=ALLOW
            )
        )
        session.flush()
    return role
