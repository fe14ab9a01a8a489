"""token.php: a web-service token for a user name and a password."""

from __future__ import annotations

from sqlalchemy import select

from mock_moodle.access import context_system, has_capability
from mock_moodle.errors import MoodleError
from mock_moodle.login.authenticate import authenticate_user_login
from mock_moodle.mobile import SERVICE as MOBILE_SERVICE
from mock_moodle.page import optional_param, required_param
from mock_moodle.site import GUEST_ID, current
from mock_moodle.store.collation import same
from mock_moodle.store.core import ExternalService, ExternalToken, ServiceUser, User
from mock_moodle.webservice.clean import clean_param


def answer() -> dict[str, object]:
    """The JSON of a success; MoodleError otherwise."""
    if not current.enabled("enablewebservices"):
        raise MoodleError("enablewsdescription", "Web services must be enabled in Advanced features.")
    if optional_param("appsitecheck", 0, int):
        return {"appsitecheck": "ok"}
    username, password, shortname = (required_param(name) for name in ("username", "password", "service"))
    user = authenticate_user_login(str(clean_param(username, "username")), password)
    if user is None:
        raise MoodleError("invalidlogin", "Invalid login, please try again")
    _refuse_unready(user)
    token = token_for(user, service_named(shortname))
    return {"token": token.token, "privatetoken": told_private(token, user)}


def service_named(shortname: str) -> ExternalService:
    """Raises MoodleError where there is none, or it is disabled."""
    service = current.session.scalar(
        select(ExternalService).where(
            same(ExternalService.shortname, str(clean_param(shortname, "alphanumext"))), ExternalService.enabled
        )
    )
    if service is None:
        raise MoodleError(
            "servicenotavailable", "Web service is not available. (It doesn't exist or might be disabled.)"
        )
    return service


def told_private(token: ExternalToken, user: User) -> str | None:
    """The token's private half, which opens a browser: told over HTTPS only, and never an administrator's."""
    return token.privatetoken if current.site.wwwroot.startswith("https:") and not user.siteadmin else None


def token_for(user: User, service: ExternalService) -> ExternalToken:
    """The user's present token for a service, or a new one if they may make it."""
    session, now = current.session, current.clock.time()
    _refuse_unlisted(user, service)
    existing = session.scalars(
        select(ExternalToken)
        .where(ExternalToken.userid == user.id, ExternalToken.externalserviceid == service.id)
        .order_by(ExternalToken.timecreated, ExternalToken.id)
    )
    usable = [token for token in existing if not (token.validuntil and token.validuntil < now)]
    if usable:
        usable[-1].lastaccess = now
        return usable[-1]
    if not _may_create(user, service):
        raise MoodleError(
            "cannotcreatetoken", f"No permission to create web service token for the service {service.shortname}."
        )
    token = ExternalToken(
        token=current.keys.md5(),
        privatetoken=current.keys.random_string(64),
        userid=user.id,
        externalserviceid=service.id,
        creatorid=user.id,
        timecreated=now,
        lastaccess=now,
    )
    session.add(token)
    session.flush()
    return token


def _refuse_unready(user: User) -> None:
    if current.enabled("maintenance_enabled") and not has_capability(
        "moodle/site:maintenanceaccess", context_system(), user.id
    ):
        raise MoodleError("sitemaintenance", "The site is undergoing maintenance and is currently not available")
    if user.id == GUEST_ID:
        raise MoodleError("noguest", "No guests here!")
    if not user.confirmed:
        raise MoodleError("usernotconfirmed", f"Could not confirm {user.username}")


def _refuse_unlisted(user: User, service: ExternalService) -> None:
    required = service.requiredcapability
    if required and not has_capability(required, context_system(), user.id):
        raise MoodleError("missingrequiredcapability", f"The capability {required} is required.")
    if not service.restrictedusers:
        return
    listed = current.session.get(ServiceUser, (service.id, user.id))
    if listed is None:
        raise MoodleError(
            "usernotallowed",
            f"The user is not allowed for this service. First you need to allow this user on the {service.shortname}'s"
            " allowed users administration page.",
        )
    if listed.validuntil and listed.validuntil < current.clock.time():
        raise MoodleError("invalidtimedtoken", "Invalid token - token expired")


def _may_create(user: User, service: ExternalService) -> bool:
    system = context_system()
    if service.shortname == MOBILE_SERVICE and has_capability("moodle/webservice:createmobiletoken", system, user.id):
        return True
    return not user.siteadmin and has_capability("moodle/webservice:createtoken", system, user.id)
