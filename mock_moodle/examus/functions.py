"""The plugin's five web-service functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contract import webservice as contract
from contract.access import PROCTOR_AUTH, REVIEWER_AUTH, Capability
from contract.wire import COMPONENT
from mock_moodle.access import context_course, has_capability
from mock_moodle.course.enrolled import active_courses
from mock_moodle.errors import InvalidParameter
from mock_moodle.examus import entries, listing
from mock_moodle.examus.behaviour import Behaviour, behaviour, is_v08
from mock_moodle.webservice.evolution import without
from mock_moodle.webservice.registry import FUNCTIONS, PREDECESSORS, Body, Call, function


def _declare(declared: contract.Function) -> Callable[[Body], Body]:
    def register(body: Body) -> Body:
        return function(
            declared.full_name(),
            declared.parameters,
            declared.returns,
            type="write" if declared is contract.USER_PICTURE else declared.type,  # v0.8 stores a key for it
            mobile=False,
            component=COMPONENT,
            polls=declared is contract.USER_PROCTORED_MODULES,
        )(body)

    return register


V08_LACKS = {
    contract.USER_PROCTORED_MODULES.full_name(): {"since", "limit", "offset"},
    contract.AUTH_ACCESS.full_name(): {"proctor_courses", "reviewer_courses"},
}


def _ways(call: Call) -> Behaviour:
    ways = behaviour()
    ways.require_caller(call.userid)
    return ways


@_declare(contract.USER_PROCTORED_MODULES)
def user_proctored_modules(
    call: Call, useremail: str, accesscode: str, since: int = 0, limit: int = 0, offset: int = 0
) -> dict[str, Any]:
    ways = _ways(call)
    if limit < 0 or offset < 0:
        raise InvalidParameter("limit and offset must not be negative")
    if accesscode:
        entry = entries.by_code(accesscode)
        modules = listing.of_entry(entry, ways) if entry else []
    elif useremail:
        user = ways.user_by_email(useremail)
        modules = listing.of_user(user, ways) if user else []
    else:
        modules = listing.of_site(ways, limit, offset)
    return {"modules": listing.changed_since(modules, since)}


@_declare(contract.SUBMIT_PROCTORING_REVIEW)
def submit_proctoring_review(call: Call, accesscode: str, **given: Any) -> dict[str, Any]:
    ways = _ways(call)
    entry = entries.by_code(accesscode)
    if entry is None:
        return {"success": False, "error": contract.ENTRY_NOT_FOUND}
    stored = ways.store_review(entry, given)
    return {"success": stored, "error": None if stored else contract.NOT_BOOKABLE}


@_declare(contract.RESET_ENTRY)
def reset_entry(call: Call, accesscode: str) -> dict[str, Any]:
    ways = _ways(call)
    entry = entries.by_code(accesscode)
    if entry is None:
        return {"success": False, "error": contract.ENTRY_NOT_FOUND}
    renewed = ways.renew(entry) is not None
    return {"success": renewed, "error": None if renewed else ways.not_renewed}


@_declare(contract.USER_PICTURE)
def user_picture(call: Call, useremail: str) -> dict[str, Any]:
    ways = _ways(call)
    user = ways.user_by_email(useremail)
    if user is None:
        return {"success": False, "error": contract.USER_NOT_FOUND_FOR_PICTURE}
    if not user.picture:
        return {"success": False, "error": contract.USER_HAS_NO_IMAGE}
    return {"success": True, "userpicture": ways.picture_address(user)}


@_declare(contract.AUTH_ACCESS)
def auth_access(call: Call, useremail: str) -> dict[str, Any]:
    ways = _ways(call)
    user = ways.user_by_email(useremail)
    if user is None:
        return {"success": False, "error": contract.USER_NOT_FOUND_FOR_ACCESS}
    enrolled = [course.id for course in active_courses(user.id)]

    def where(capability: Capability) -> list[int]:
        return [id_ for id_ in enrolled if has_capability(capability.full_name(), context_course(id_), user.id)]

    proctor, reviewer = where(PROCTOR_AUTH), where(REVIEWER_AUTH)
    return {
        "success": True,
        "error": None,
        "proctor_auth": bool(proctor),
        "reviewer_auth": bool(reviewer),
        "proctor_courses": proctor,
        "reviewer_courses": reviewer,
    }


def _declare_predecessors() -> None:
    """v0.8 knows neither the parameters nor the keys that came after it."""
    for name, later in V08_LACKS.items():
        function = FUNCTIONS[name]
        parameters = {key: schema for key, schema in (function.parameters or {}).items() if key not in later}
        returns = without(function.returns, later) if function.returns else None
        PREDECESSORS[name] = (is_v08, replace(function, parameters=parameters, returns=returns))


_declare_predecessors()
