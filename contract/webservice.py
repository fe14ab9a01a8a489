"""The plugin's web-service functions as a small typed schema, after Moodle's `external_*` descriptions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from contract.condition import RULES, SCORING, WARNINGS


class Presence(str, Enum):
    """Moodle's VALUE_* constants."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    DEFAULT = "default"


ParamType = Literal[
    "int",
    "text",
    "raw",
    "bool",
    "capability",
    "url",
    "alphanum",
    "alpha",
    "alphaext",
    "alphanumext",
    "component",
    "email",
    "file",
    "float",
    "localurl",
    "notags",
    "path",
    "plugin",
    "raw_trimmed",
    "safedir",
    "sequence",
    "theme",
    "timezone",
    "username",
]
"""Moodle's PARAM_* constants."""


@dataclass(frozen=True)
class Value:
    """A scalar; `type` names Moodle's PARAM_* that cleans it."""

    type: ParamType
    description: str = ""
    presence: Presence = Presence.REQUIRED
    default: str | int | float | None = None
    nullable: bool = False


@dataclass(frozen=True)
class Single:
    """An object with fixed keys, in order."""

    keys: dict[str, Schema]
    description: str = ""
    presence: Presence = Presence.REQUIRED
    default: dict[str, None] | None = None


@dataclass(frozen=True)
class Multiple:
    """A list of one shape."""

    content: Schema
    description: str = ""
    presence: Presence = Presence.REQUIRED
    default: tuple[()] | None = None


Schema = Value | Single | Multiple


@dataclass(frozen=True)
class Function:
    """One web-service function; `name` is the part after the component's name."""

    name: str
    type: Literal["read", "write"]
    description: str
    parameters: dict[str, Schema]
    returns: Single
    capabilities: tuple[str, ...] = field(default=("webservice",))

    def full_name(self, component: str = "availability_examus") -> str:
        return f"{component}_{self.name}"


SERVICE_NAME = "Examus"
SERVICE_SHORTNAME = "availability_examus"
"""New after v0.8, which had none, so that `/login/token.php` could issue no token for it."""
SERVICE_RESTRICTED_USERS = True
"""New after v0.8, whose service was open to everyone who could make a token: an administrator now names its users."""


def _optional(keys: Iterable[str], param: ParamType, *, nullable: bool = False) -> dict[str, Schema]:
    return {key: Value(param, presence=Presence.OPTIONAL, nullable=nullable) for key in keys}


_MODULE = Single(
    {
        "id": Value("int", "entry id", nullable=True),
        "name": Value("raw", "module name"),
        "url": Value("text", "where the access code is presented"),
        "status": Value("text", "entry status", nullable=True),
        "course_name": Value("raw", "course name"),
        "course_id": Value("int", "course id"),
        "cm_id": Value("int", "course module id"),
        "start": Value("int", "opens at, epoch seconds, 0 for always", Presence.OPTIONAL, nullable=True),
        "end": Value("int", "closes at, epoch seconds, 0 for never", Presence.OPTIONAL, nullable=True),
        "accesscode": Value("text", "access code"),
        "time_limit_mins": Value("int", "duration in minutes", Presence.OPTIONAL),
        "mode": Value("text", "proctoring mode"),
        "scheduling_required": Value("bool", "whether a slot must be booked"),
        "auto_rescheduling": Value("bool", "whether a missed slot is replaced"),
        "rules": Single(
            {
                **_optional((rule.key for rule in RULES), "bool"),
                "custom_rules": Value("raw", "rules as free text", Presence.OPTIONAL, nullable=True),
            },
            "what is allowed",
            Presence.OPTIONAL,
        ),
        "warnings": Single(_optional((warning.key for warning in WARNINGS), "bool"), "which warnings the student sees"),
        "scoring": Single(_optional((key.key for key in SCORING), "int", nullable=True), "weights and the threshold"),
        "is_proctored": Value("bool", "always true"),
        "identification": Value("text", "which photographs are asked for", Presence.OPTIONAL, nullable=True),
        "is_trial": Value("bool", "practice exam"),
        "user_agreement_url": Value("text", "address of the agreement", Presence.OPTIONAL, nullable=True),
        "auxiliary_camera": Value("bool", "second camera"),
    }
)

_SUCCESS: dict[str, Schema] = {
    "success": Value("bool", "whether it was done"),
    "error": Value("text", "why not", nullable=True),
}

USER_PROCTORED_MODULES = Function(
    "user_proctored_modules",
    "write",
    "Lists the proctored exams of a user, or the one behind an access code",
    {
        "useremail": Value("text", "user e-mail, also as name+username@domain", Presence.DEFAULT, ""),
        "accesscode": Value("text", "access code; wins over the e-mail", Presence.DEFAULT, ""),
        "since": Value(
            "int", "leave out entries unchanged since then, epoch seconds; new after v0.8", Presence.DEFAULT, 0
        ),
        "limit": Value("int", "of the site's list, so many at most, 0 for all; new after v0.8", Presence.DEFAULT, 0),
        "offset": Value("int", "of the site's list, without so many first ones; new after v0.8", Presence.DEFAULT, 0),
    },
    Single({"modules": Multiple(_MODULE, "exams")}),
)
SUBMIT_PROCTORING_REVIEW = Function(
    "submit_proctoring_review",
    "write",
    "Stores a review, or books a time slot",
    {
        "accesscode": Value("text", "access code"),
        "status": Value("text", "new status"),
        "review_link": Value("text", "address of the report", Presence.DEFAULT, ""),
        "timescheduled": Value("int", "slot, epoch seconds; 0 leaves it, -1 clears it", Presence.DEFAULT, 0),
        "comment": Value("text", "reviewer's comment", Presence.DEFAULT, None, nullable=True),
        "score": Value("int", "score", Presence.DEFAULT, None, nullable=True),
        "threshold": Single(
            {
                "attention": Value("int", "score from which attention is due", Presence.OPTIONAL, nullable=True),
                "rejected": Value("int", "score from which a violation is proposed", Presence.OPTIONAL, nullable=True),
            },
            "thresholds",
            Presence.DEFAULT,
            {"attention": None, "rejected": None},
        ),
        "session_start": Value("int", "epoch seconds", Presence.DEFAULT, None, nullable=True),
        "session_end": Value("int", "epoch seconds", Presence.DEFAULT, None, nullable=True),
        "warnings": Multiple(
            Value("text", 'a type, or JSON {"type", "start", "end"}'), "what was seen", Presence.DEFAULT, ()
        ),
        "warning_titles": Value("text", "JSON {type: {language: title}}", Presence.DEFAULT, None, nullable=True),
    },
    Single(_SUCCESS),
)
RESET_ENTRY = Function(
    "reset_entry",
    "write",
    "Gives the student a fresh access code",
    {"accesscode": Value("text", "access code")},
    Single(_SUCCESS),
)
USER_PICTURE = Function(
    "user_picture",
    "read",
    "Tells where a user's picture is",
    {"useremail": Value("text", "user e-mail", Presence.DEFAULT, "")},
    Single(
        {
            "success": Value("bool", "whether there is one"),
            "userpicture": Value("text", "address of the picture", Presence.OPTIONAL),
            "error": Value("text", "why not", Presence.OPTIONAL),
        }
    ),
)
AUTH_ACCESS = Function(
    "auth_access",
    "read",
    "Tells whether a user may proctor or review",
    {"useremail": Value("text", "user e-mail")},
    Single(
        {
            **_SUCCESS,
            "proctor_auth": Value("bool", "may proctor", Presence.OPTIONAL),
            "reviewer_auth": Value("bool", "may review", Presence.OPTIONAL),
            "proctor_courses": Multiple(Value("int", "course id"), "where; new after v0.8", Presence.OPTIONAL),
            "reviewer_courses": Multiple(Value("int", "course id"), "where; new after v0.8", Presence.OPTIONAL),
        }
    ),
)

FUNCTIONS: tuple[Function, ...] = (
    USER_PROCTORED_MODULES,
    SUBMIT_PROCTORING_REVIEW,
    RESET_ENTRY,
    USER_PICTURE,
    AUTH_ACCESS,
)

ENTRY_NOT_FOUND = "Entry was not found"
UNUSED_ENTRY_EXISTS = "There is an unused entry already"
NOT_BOOKABLE = "Entry cannot be scheduled any more"
USER_NOT_FOUND_FOR_PICTURE = "User was not found"
USER_HAS_NO_IMAGE = "User has no image"
USER_NOT_FOUND_FOR_ACCESS = "User not found"
"""The functions' own answers when `success` is false. v0.8 had no refused booking: it let one erase a verdict.
It had no word of its own for an unused entry either, and said that it was not found."""
