"""One web-service call after the other way of asking is settled: who asks, may they, what, with which values.

The order of the checks is Moodle's, since the first that fails decides the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from contract.webservice import Value
from mock_moodle.access import context_by_id, has_capability
from mock_moodle.errors import AccessException, InvalidParameter, MissingRecord, MoodleError, PhpError
from mock_moodle.site import NeedsWritingError, current
from mock_moodle.store.collation import folded, same
from mock_moodle.store.core import ExternalService, ExternalToken, ServiceUser, User
from mock_moodle.webservice import catalogue
from mock_moodle.webservice.parameters import validate_keys
from mock_moodle.webservice.registry import Call, ExternalFunction
from mock_moodle.webservice.subnet import address_in_subnet

TOKEN_LASTACCESS_UPDATE_SECS = 60
_TOKEN_TABLES = ("external_tokens", "external_services", "external_services_users", "user", "plugins")


@dataclass(frozen=True)
class Token:
    """A token, its owner and its service, as found in the database."""

    row: ExternalToken
    user: User
    service: ExternalService


def authenticate(token: str | None, remote_addr: str) -> Token:
    """The token's owner, or the reason why not."""
    site, session = current.site, current.session

    def find() -> Token | None:
        row = session.scalar(select(ExternalToken).where(ExternalToken.token == token))
        row = row or session.scalar(select(ExternalToken).where(same(ExternalToken.token, token or "")))
        if row is None:
            return None
        return Token(row, session.get_one(User, row.userid), session.get_one(ExternalService, row.externalserviceid))

    found = current.cached(_TOKEN_TABLES, ("token", token), find) if token else None
    if found is None:
        raise MoodleError("invalidtoken", "Invalid token - token not found")
    row, user, now = found.row, found.user, site.clock.time()
    if row.validuntil and row.validuntil < now:
        _forget(row.id)
        raise AccessException("Invalid token - token expired - check validuntil time for the token")
    if row.iprestriction and not address_in_subnet(remote_addr, row.iprestriction):
        raise AccessException(f"Invalid service - IP:{remote_addr} is not supported - check this allowed user")
    if (row.lastaccess or 0) + TOKEN_LASTACCESS_UPDATE_SECS < now:
        _note_access(row.id, now)
    context = context_by_id(row.contextid)
    if current.enabled("maintenance_enabled") and not has_capability("moodle/site:maintenanceaccess", context, user.id):
        raise MoodleError("sitemaintenance", "The site is undergoing maintenance and is currently not available")
    refuse_unusable(user)
    if not has_capability("webservice/rest:use", context, user.id):
        raise AccessException("You are not allowed to use the rest protocol (missing capability: webservice/rest:use)")
    return found


def refuse_unusable(user: User) -> None:
    """Raises for an account that may not use web services at all."""
    for unusable, code, kind, named_since in (
        (user.deleted, "wsaccessuserdeleted", "deleted", "4.1"),
        (not user.confirmed, "wsaccessuserunconfirmed", "unconfirmed", "3.9"),
        (user.suspended, "wsaccessusersuspended", "suspended", "4.1"),
        (user.auth == "nologin", "wsaccessusernologin", "nologin authentication", "4.1"),
    ):
        if unusable:
            told = f"Refused web service access for {kind} username: {user.username}"
            named = current.site.release.at_least(named_since)
            raise MoodleError(code, told) if named else AccessException(told)


def load_function(name: str | None, token: Token) -> ExternalFunction:
    """The function, if this token's service offers it to this user."""
    if not name:
        raise InvalidParameter("Missing function name")
    name = folded(name)
    if not catalogue.exists(name):
        raise MissingRecord("external_functions", name=name)
    if not offered(name, token):
        raise AccessException(_NOT_ALLOWED.format(name=name))
    return catalogue.find(name)


def offered(name: str, token: Token) -> bool:
    service = token.service
    if not service.enabled or name not in catalogue.of_service(service):
        return False
    if service.requiredcapability and not has_capability(
        service.requiredcapability, context_by_id(token.row.contextid), token.user.id
    ):
        return False
    if not service.restrictedusers:
        return True
    allowed = current.session.get(ServiceUser, (service.id, token.user.id))
    return allowed is not None and not (allowed.validuntil and allowed.validuntil < current.clock.time())


def execute(function: ExternalFunction, call: Call, parameters: dict[str, Any]) -> Any:
    """Validates, runs, and shapes the answer by the signature."""
    values = parameters if function.parameters is None else validate_keys(function.parameters, parameters)
    if function.php:
        refuse_null(function, parameters)
    if function.type == "write" and not function.polls:
        current.visit.for_writing()
    try:
        result = function.body(call, **values)
    except NeedsWritingError:
        current.visit.for_writing()
        result = function.body(call, **values)
    if function.canned:
        return result
    shape = function.shape_on(current.site.release)
    return shape(result) if shape else None


def refuse_null(function: ExternalFunction, given: dict[str, Any]) -> None:
    """PHP throws where a typed parameter gets null, which a signature lets through."""
    for number, (name, schema) in enumerate((function.parameters or {}).items(), 1):
        if name in given and given[name] is None and isinstance(schema, Value) and not schema.nullable:
            kind = schema.type if schema.type in ("int", "bool", "float") else "string"
            problem = f"{function.php}(): Argument #{number} (${name}) must be of type {kind}, null given"
            raise PhpError("TypeError", problem)


def _note_access(token_id: int, now: int) -> None:
    with current.aside() as session:
        row = session.get(ExternalToken, token_id)
        if row is not None:
            row.lastaccess = now


def _forget(token_id: int) -> None:
    with current.aside() as session:
        row = session.get(ExternalToken, token_id)
        if row is not None:
            session.delete(row)


_NOT_ALLOWED = """Access to the function {name}() is not allowed.
                     There could be multiple reasons for this:
                     1. The service linked to the user token does not contain the function.
                     2. The service is user-restricted and the user is not listed.
                     3. The service is IP-restricted and the user IP is not listed.
                     4. The service is time-restricted and the time has expired.
                     5. The token is time-restricted and the time has expired.
                     6. The service requires a specific capability which the user does not have.
                     7. The function is called with username/password (no user token is sent)
                     and none of the services has the function to allow the user.
                     These settings can be found in Administration > Site administration
                     > Server > Web services > External services and Manage tokens."""
