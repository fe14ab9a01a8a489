"""core_user_*: finding users."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select

from contract.webservice import Multiple, ParamType, Single, Value
from mock_moodle.errors import InvalidParameter, MoodleError, coding_error
from mock_moodle.site import current
from mock_moodle.store.collation import folded
from mock_moodle.store.core import Course, User
from mock_moodle.webservice.clean import clean_param
from mock_moodle.webservice.context import validate_course_context, validate_system_context
from mock_moodle.webservice.php import loosely_equal
from mock_moodle.webservice.registry import WARNINGS, Call, function
from mock_moodle.webservice.user_details import PROFILE, USER, can_view_details, details_somewhere, user_details

_FIELDS: dict[str, ParamType] = {"id": "int", "idnumber": "raw", "username": "username", "email": "raw_trimmed"}
_CRITERIA: dict[str, ParamType] = {**_FIELDS, "lastname": "notags", "firstname": "notags", "auth": "plugin"}
_LIKE = ("email", "lastname", "firstname")
"""Criteria that may hold the wildcards of SQL's LIKE."""


@function(
    "core_user_get_users_by_field",
    {
        "field": Value("alpha", "the search field can be 'id' or 'idnumber' or 'username' or 'email'"),
        "values": Multiple(Value("raw", "the value to match")),
    },
    Multiple(Single(USER)),
    ajax=True,
)
def get_users_by_field(call: Call, field: str, values: list[str]) -> list[dict[str, Any]]:
    if field not in _FIELDS:
        raise coding_error(
            "invalid field parameter",
            f"The search field '{field}' is not supported, look at the web service documentation",
        )
    for value in values:
        cleaned = clean_param(value, _FIELDS[field])
        if not loosely_equal(value, cleaned):
            raise InvalidParameter(f"The field '{field}' value is invalid: {value}(cleaned value: {cleaned})")
    validate_system_context(call.userid)
    column = getattr(User, field)
    if field == "id":
        among = column.in_([clean_param(value, "int") for value in values])
    else:
        among = func.lower(column).in_([folded(str(clean_param(value, _FIELDS[field]))) for value in values])
    users = current.session.scalars(select(User).where(among).order_by(User.id))
    found = (details_somewhere(user, call.userid) for user in users)
    return [details for details in found if details and details.get(field)]


@function(
    "core_user_get_users",
    {
        "criteria": Multiple(
            Single({"key": Value("alpha", "the user column to search"), "value": Value("raw", "the value to search")}),
            "the key/value pairs to be considered in user search",
        )
    },
    Single({"users": Multiple(Single(USER)), "warnings": WARNINGS}),
)
def get_users(call: Call, criteria: list[dict[str, str]]) -> dict[str, Any]:
    conditions: list[ColumnElement[bool]] = [~User.deleted]
    used: set[str] = set()
    warnings = []
    for criterion in criteria:
        key, value = criterion["key"], criterion["value"]
        if key in used:
            raise MoodleError("keyalreadyset", "error/keyalreadyset", f"The key {key} can only be sent once")
        used.add(key)
        if key not in _CRITERIA:
            message = f"The search key '{key}' is not supported, look at the web service documentation"
            warnings.append({"item": key, "warningcode": "invalidfieldparameter", "message": message})
            continue
        cleaned, column = clean_param(value, _CRITERIA[key]), getattr(User, key)
        if key in _LIKE:
            conditions.append(column.ilike(str(cleaned)))
        elif key == "id":
            conditions.append(column == cleaned)
        else:
            conditions.append(func.lower(column) == str(cleaned).lower())
    users = current.session.scalars(select(User).where(*conditions).order_by(User.id))
    found = [details for user in users if (details := details_somewhere(user, call.userid))]
    wanted = [key for key in _CRITERIA if key in used]
    return {"users": [each for each in found if all(each.get(key) for key in wanted)], "warnings": warnings}


@function(
    "core_user_get_course_user_profiles",
    {"userlist": Multiple(Single({"userid": Value("int", "userid"), "courseid": Value("int", "courseid")}))},
    Multiple(Single(PROFILE)),
)
def get_course_user_profiles(call: Call, userlist: list[dict[str, int]]) -> list[dict[str, Any]]:
    """Users who do not exist are left out without a look at the course, and the last course named for a user counts."""
    if not userlist:
        raise coding_error("moodle_database::get_in_or_equal() does not accept empty arrays")
    course_of = {wanted["userid"]: wanted["courseid"] for wanted in userlist}
    profiles = []
    for user in current.session.scalars(select(User).where(User.id.in_(course_of), ~User.deleted).order_by(User.id)):
        course = current.session.get(Course, course_of[user.id])
        if course is None:
            raise InvalidParameter("Context does not exist")
        validate_course_context(course, call.userid)
        if can_view_details(user, call.userid, course):
            profiles.append(user_details(user, call.userid, course))
    return profiles
