"""core_user_create_users, _update_users and _delete_users."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import md5
from importlib.resources import files
from typing import Any

from sqlalchemy import select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_system, create_context, require_capability
from mock_moodle.errors import InvalidParameter, InvalidResponse, MoodleError, UnwritableRow
from mock_moodle.site import GUEST_ID, current
from mock_moodle.store.collation import same
from mock_moodle.store.core import USER, ProfileField, User, UserPreference
from mock_moodle.webservice.clean import is_clean
from mock_moodle.webservice.context import validate_system_context
from mock_moodle.webservice.registry import WARNINGS, Call, function

OPTIONAL = Presence.OPTIONAL
COUNTRIES = frozenset(re.findall("^[A-Z]{2}", (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(), re.MULTILINE))
"""Which a profile may name; what is none is left out."""
MIN_PASSWORD = 8

_PLAIN: dict[str, Schema] = {
    "auth": Value("plugin", "Auth plugins include manual, ldap, etc", OPTIONAL),
    "idnumber": Value("raw", "An arbitrary ID code number perhaps from the institution", OPTIONAL),
    "lang": Value("safedir", "Language code such as en, must exist on server", OPTIONAL),
    "timezone": Value("timezone", "Timezone code such as Australia/Perth, or 99 for default", OPTIONAL),
    "description": Value("raw", "User profile description, no HTML", OPTIONAL),
    "city": Value("text", "Home city of the user", OPTIONAL),
    "country": Value("alpha", "Home country code of the user, such as AU or CZ", OPTIONAL),
    "institution": Value("text", "institution", OPTIONAL),
    "department": Value("text", "department", OPTIONAL),
    "phone1": Value("notags", "Phone 1", OPTIONAL),
    "phone2": Value("notags", "Phone 2", OPTIONAL),
    "address": Value("text", "Postal address", OPTIONAL),
    "theme": Value("theme", "Theme name such as standard, must exist on server", OPTIONAL),
    "mailformat": Value("int", "Mail format code is 0 for plain text, 1 for HTML etc", OPTIONAL),
}
_UNUSED: dict[str, Schema] = {
    "firstnamephonetic": Value("notags", "The first name(s) phonetically of the user", OPTIONAL),
    "lastnamephonetic": Value("notags", "The family name phonetically of the user", OPTIONAL),
    "middlename": Value("notags", "The middle name of the user", OPTIONAL),
    "alternatename": Value("notags", "The alternate name of the user", OPTIONAL),
    "calendartype": Value("plugin", "Calendar type such as gregorian, must exist on server", OPTIONAL),
}
"""Taken, and shown nowhere."""

_REFUSALS = {
    "invaliduserid": "Invalid user ID",
    "usernotupdatedadmin": "Cannot update admin accounts",
    "useremailduplicate": "Duplicate address",
    "dmlwriteexception": "Error writing to database",
}
"""Codes for which Moodle has words of their own; it repeats the others."""
_INSTALLED = {
    "auth": ("manual", "nologin", "email", "webservice", "oauth2", "none", "db", "ldap", "lti", "mnet", "shibboleth"),
    "lang": ("en",),
    "theme": ("boost", "classic"),
    "calendartype": ("gregorian",),
}
NEVER_EMPTY = ("auth", "lang")
"""Of a new account: left out they are the site's own, but nothing is no choice."""
LONGEST = 100
"""Characters of a name or an address that the table has room for."""
_PASSWORD_RULES: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda word: len(word) < MIN_PASSWORD, f"Passwords must be at least {MIN_PASSWORD} characters long."),
    (lambda word: not re.search(r"[0-9]", word), "Passwords must have at least 1 digit(s)."),
    (lambda word: not re.search(r"[a-z]", word), "Passwords must have at least 1 lower case letter(s)."),
    (lambda word: not re.search(r"[A-Z]", word), "Passwords must have at least 1 upper case letter(s)."),
    (
        lambda word: word.isalnum() or not word,
        "The password must have at least 1 special character(s) such as *, -, or #.",
    ),
)
"""What breaks a rule, and the rule."""
_COLLECTIONS: dict[str, Schema] = {
    "interests": Value("text", "User interests (separated by commas)", OPTIONAL),
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
                    **_UNUSED,
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
        if not spec.get("password") and not spec.get("createpassword"):
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
                    "userpicture": Value("int", "The draft area of a new picture, 0 to remove it", OPTIONAL),
                    **_PLAIN,
                    **_UNUSED,
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
        code = _refusal(spec, user, call.userid)
        problems = _weaknesses(spec["password"]) if "password" in spec and not code else ""
        if problems:  # Moodle makes them the warning's code, which its own signature forbids then
            raise InvalidResponse(f"warnings => warningcode => {problems}")
        if user is None or code:
            warnings.append(_warning(spec["id"], code, _REFUSALS.get(code, f"error/{code}")))
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
            raise MoodleError("invaliduser", "Invalid user", exception="dml_missing_record_exception")
        if user.siteadmin:
            raise MoodleError("useradminodelete", "Administrator accounts cannot be deleted.")
        if user.id == GUEST_ID:
            continue
        user.deleted = True
        name, user.username = user.username, f"{user.email}.{current.clock.time()}"
        user.email = md5(name.encode(), usedforsecurity=False).hexdigest()
        user.idnumber, user.picture = "", 0


def _refuse_taken(spec: dict[str, Any]) -> None:
    session = current.session
    if not spec["username"]:
        raise InvalidParameter(f"Invalid username: {spec['username']}")
    if session.scalar(select(User.id).where(User.username == spec["username"])) is not None:
        raise InvalidParameter(f"Username already exists: {spec['username']}")
    if not is_clean(spec["email"], "email") or not spec["email"]:
        raise InvalidParameter(f"Email address is invalid: {spec['email']}")
    if not spec["firstname"] or not spec["lastname"]:
        raise InvalidParameter("Invalid name")
    _check_choices(spec)
    if spec.get("password") and not spec.get("createpassword"):
        _check_password(spec["password"])
    if _others_with_email(spec["email"]):
        raise InvalidParameter(f"Email address already exists: {spec['email']}")
    if any(len(spec[name]) > LONGEST for name in ("username", "firstname", "lastname", "email")):
        raise UnwritableRow


def _refusal(spec: dict[str, Any], user: User | None, caller: int) -> str:
    """Why a user is not changed; empty if nothing speaks against it."""
    if user is None:
        return "invaliduserid"
    if user.siteadmin and user.id != caller and not current.session.get_one(User, caller).siteadmin:
        return "usernotupdatedadmin"
    if user.deleted:
        return "usernotupdateddeleted"
    if user.id == GUEST_ID:
        return "usernotupdatedguest"
    _check_choices(spec)
    if spec.get("email", user.email) != user.email:
        if not is_clean(spec["email"], "email") or not spec["email"]:
            return "useremailinvalid"
        if _others_with_email(spec["email"], user.id):
            return "useremailduplicate"
    if spec.get("username", user.username) != user.username and current.session.scalar(
        select(User.id).where(User.username == spec["username"])
    ):
        return "dmlwriteexception"
    return ""


def _others_with_email(email: str, userid: int = 0) -> bool:
    if current.enabled("allowaccountssameemail"):
        return False
    return current.session.scalar(select(User.id).where(same(User.email, email), User.id != userid)) is not None


def _check_choices(spec: dict[str, Any]) -> None:
    """What must be installed on the site."""
    for name, known in _INSTALLED.items():
        given = spec.get(name)
        if (given and given not in known) or (given == "" and name in NEVER_EMPTY and "id" not in spec):
            raise InvalidParameter(f"{name} => Invalid parameter value detected: {spec[name]}")


def broken_rules(password: str) -> list[str]:
    if current.config("passwordpolicy") == "0":
        return []
    return [reason for broken, reason in _PASSWORD_RULES if broken(password)]


def _check_password(password: str) -> None:
    """The reasons go out as the error's code."""
    if problems := _weaknesses(password):
        raise MoodleError(problems, f"error/{problems}")


def _weaknesses(password: str) -> str:
    """What speaks against a password by the site's rules, as HTML."""
    return "".join(f"<div>{reason}</div>" for reason in broken_rules(password))


def _apply(user: User, spec: dict[str, Any]) -> None:
    for name in ("username", "password", "firstname", "lastname", "email", "suspended", *_PLAIN):
        if name in spec:
            setattr(user, name, spec[name])
    if user.country not in COUNTRIES:
        user.country = ""
    if interests := [part.strip() for part in spec.get("interests", "").split(",") if part.strip()]:
        user.interests = ", ".join(interests)


def _apply_collections(user: User, spec: dict[str, Any]) -> None:
    known = set(current.session.scalars(select(ProfileField.shortname).distinct()))
    for field in spec.get("customfields", ()):
        if field["type"] not in known:  # a site's fields are those that somebody has
            continue
        current.session.merge(ProfileField(userid=user.id, shortname=field["type"], data=field["value"]))
    for preference in spec.get("preferences", ()):
        current.session.merge(UserPreference(userid=user.id, name=preference["type"], value=preference["value"]))


def _warning(user_id: int, code: str, message: str) -> dict[str, Any]:
    return {"item": "user", "itemid": user_id, "warningcode": code, "message": message}
