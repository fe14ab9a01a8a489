"""core_user_create_users, _update_users and _delete_users."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_system, create_context, require_capability
from mock_moodle.errors import InvalidParameter, MoodleError
from mock_moodle.site import GUEST_ID, current
from mock_moodle.store.core import USER, ProfileField, User, UserPreference
from mock_moodle.webservice.clean import is_clean
from mock_moodle.webservice.context import validate_system_context
from mock_moodle.webservice.registry import WARNINGS, Call, function

OPTIONAL = Presence.OPTIONAL

_PLAIN: dict[str, Schema] = {
    "auth": Value("plugin", "Auth plugins include manual, ldap, etc", OPTIONAL),
    "idnumber": Value("raw", "An arbitrary ID code number perhaps from the institution", OPTIONAL),
    "lang": Value("safedir", "Language code such as en, must exist on server", OPTIONAL),
    "timezone": Value("timezone", "Timezone code such as Australia/Perth, or 99 for default", OPTIONAL),
    "description": Value("text", "User profile description, no HTML", OPTIONAL),
    "city": Value("notags", "Home city of the user", OPTIONAL),
    "country": Value("alpha", "Home country code of the user, such as AU or CZ", OPTIONAL),
    "institution": Value("text", "institution", OPTIONAL),
    "department": Value("text", "department", OPTIONAL),
    "phone1": Value("notags", "Phone 1", OPTIONAL),
    "phone2": Value("notags", "Phone 2", OPTIONAL),
    "address": Value("text", "Postal address", OPTIONAL),
}
_COLLECTIONS: dict[str, Schema] = {
    "customfields": Multiple(
        Single({"type": Value("alphanumext", "The name of the custom field"), "value": Value("raw", "its value")}),
        "User custom fields",
        OPTIONAL,
    ),
    "preferences": Multiple(
        Single({"type": Value("raw", "The name of the preference"), "value": Value("raw", "its value")}),
        "User preferences",
        OPTIONAL,
    ),
}


@function(
    "core_user_create_users",
    {
        "users": Multiple(
            Single(
                {
                    "createpassword": Value("bool", "True if password should be created and mailed to user.", OPTIONAL),
                    "username": Value("username", "Username policy is defined in Moodle security config."),
                    "password": Value("raw", "Plain text password", OPTIONAL),
                    "firstname": Value("notags", "The first name(s) of the user"),
                    "lastname": Value("notags", "The family name of the user"),
                    "email": Value("raw_trimmed", "A valid and unique email address"),
                    "maildisplay": Value("int", "Email visibility", OPTIONAL),
                    **_PLAIN,
                    **_COLLECTIONS,
                }
            )
        )
    },
    Multiple(Single({"id": Value("int", "user id"), "username": Value("username", "user name")})),
    type="write",
)
def create_users(call: Call, users: list[dict[str, Any]]) -> list[dict[str, Any]]:
    validate_system_context(call.userid)
    require_capability("moodle/user:create", context_system(), call.userid)
    created = []
    for spec in users:
        _refuse_taken(spec)
        if "password" not in spec and not spec.get("createpassword"):
            raise InvalidParameter("Invalid password: you must provide a password, or set createpassword.")
        now = current.clock.time()
        user = User(username=spec["username"], timecreated=now, timemodified=now)
        user.password = spec.get("password") or current.keys.random_string(12)
        _apply(user, spec)
        current.session.add(user)
        current.session.flush()
        create_context(USER, user.id, context_system())
        _apply_collections(user, spec)
        created.append({"id": user.id, "username": user.username})
    return created


@function(
    "core_user_update_users",
    {
        "users": Multiple(
            Single(
                {
                    "id": Value("int", "ID of the user"),
                    "username": Value("username", "Username", OPTIONAL),
                    "suspended": Value("bool", "Suspend user account", OPTIONAL),
                    "password": Value("raw", "Plain text password", OPTIONAL),
                    "firstname": Value("notags", "The first name(s) of the user", OPTIONAL),
                    "lastname": Value("notags", "The family name of the user", OPTIONAL),
                    "email": Value("raw_trimmed", "A valid and unique email address", OPTIONAL),
                    "maildisplay": Value("int", "Email visibility", OPTIONAL),
                    **_PLAIN,
                    **_COLLECTIONS,
                }
            )
        )
    },
    Single({"warnings": WARNINGS}),
    type="write",
    ajax=True,
)
def update_users(call: Call, users: list[dict[str, Any]]) -> dict[str, Any]:
    validate_system_context(call.userid)
    require_capability("moodle/user:update", context_system(), call.userid)
    warnings = []
    for spec in users:
        user = current.session.get(User, spec["id"])
        if user is None or user.deleted:
            warnings.append(_warning(spec["id"], "usernotupdatedinvalid", "Invalid user ID"))
        elif user.siteadmin and user.id != call.userid:
            warnings.append(_warning(user.id, "usernotupdatedadmin", "Cannot update admin accounts"))
        elif user.id == GUEST_ID:
            warnings.append(_warning(user.id, "usernotupdatedguest", "Cannot update guest account"))
        else:
            _apply(user, spec)
            _apply_collections(user, spec)
            user.timemodified = current.clock.time()
    return {"warnings": warnings}


@function(
    "core_user_delete_users",
    {"userids": Multiple(Value("int", "user ID"))},
    None,
    type="write",
)
def delete_users(call: Call, userids: list[int]) -> None:
    require_capability("moodle/user:delete", context_system(), call.userid)
    for user_id in userids:
        user = current.session.get(User, user_id)
        if user is None or user.deleted:
            raise MoodleError("usernotdeletederror", "User not deleted - error")
        if user.siteadmin:
            raise MoodleError("useradminodelete", "Administrator accounts cannot be deleted")
        if user.id == GUEST_ID:
            raise MoodleError("guestsarenotallowed", "Guests are not allowed here")
        user.deleted = True
        user.username = f"{user.email}.{current.clock.time()}"
        user.email, user.idnumber, user.picture = "", "", 0


def _refuse_taken(spec: dict[str, Any]) -> None:
    session = current.session
    if not spec["username"]:
        raise InvalidParameter(f"Invalid username: {spec['username']}")
    if session.scalar(select(User.id).where(User.username == spec["username"])) is not None:
        raise InvalidParameter(f"Username already exists: {spec['username']}")
    if not is_clean(spec["email"], "email") or not spec["email"]:
        raise InvalidParameter(f"Email address is invalid: {spec['email']}")
    same = select(User.id).where(func.lower(User.email) == spec["email"].lower(), ~User.deleted)
    if session.scalar(same) is not None and not current.enabled("allowaccountssameemail"):
        raise InvalidParameter(f"Email address already exists: {spec['email']}")


def _apply(user: User, spec: dict[str, Any]) -> None:
    for name in ("username", "password", "firstname", "lastname", "email", "suspended", *_PLAIN):
        if name in spec:
            setattr(user, name, spec[name])


def _apply_collections(user: User, spec: dict[str, Any]) -> None:
    for field in spec.get("customfields", ()):
        current.session.merge(ProfileField(userid=user.id, shortname=field["type"], data=field["value"]))
    for preference in spec.get("preferences", ()):
        current.session.merge(UserPreference(userid=user.id, name=preference["type"], value=preference["value"]))


def _warning(user_id: int, code: str, message: str) -> dict[str, Any]:
    return {"item": "user", "itemid": user_id, "warningcode": code, "message": message}
