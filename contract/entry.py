"""One student's pass to one exam: its statuses, what moves it from one to the next, and the table that stores it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from contract.titles import Title


class Status(str, Enum):
    """What has become of an entry. A review may store any other text too: v0.8 accepts it verbatim, and so do we."""

    NOT_INITED = "Not inited"
    SCHEDULED = "Scheduled"
    STARTED = "Started"
    FINISHED = "Finished"
    RESCHEDULED = "Rescheduled"
    FORCE_RESET = "Force reset"
    NOT_REVIEWED = "Not Reviewed"
    CLEAN = "Clean"
    SUSPICIOUS = "Suspicious"
    RULES_VIOLATION = "Rules Violation"


STATUS_TITLES: dict[Status, Title] = {
    Status.NOT_INITED: Title("Not started", "Не начат"),
    Status.SCHEDULED: Title("Scheduled", "Запланирован"),
    Status.STARTED: Title("Started", "Начат"),
    Status.FINISHED: Title("Finished", "Завершён"),
    Status.RESCHEDULED: Title("Slot missed, replaced", "Пропущен, заменён"),
    Status.FORCE_RESET: Title("Replaced before use", "Сброшен до начала"),
    Status.NOT_REVIEWED: Title("Not reviewed", "Не проверен"),
    Status.CLEAN: Title("Clean", "Без нарушений"),
    Status.SUSPICIOUS: Title("Suspicious", "Подозрительно"),
    Status.RULES_VIOLATION: Title("Rules violation", "Нарушение правил"),
}

CONCLUSIONS: tuple[Status, ...] = (Status.CLEAN, Status.SUSPICIOUS, Status.RULES_VIOLATION)
"""What a review may conclude."""

OPEN_STATUSES: tuple[Status, ...] = (Status.NOT_INITED, Status.SCHEDULED, Status.STARTED)
"""Statuses in which an access code admits its user. v0.8 looked at none: a used code opened every later attempt."""

USED_UP_STATUSES: tuple[Status, ...] = (Status.RESCHEDULED, Status.FORCE_RESET)
"""Ended without an attempt: they never count against the quiz's allowed attempts."""


class Trigger(str, Enum):
    """What can happen to an entry."""

    ENTRY_OPENED = "entry_opened"
    ATTEMPT_STARTED = "attempt_started"
    ATTEMPT_SUBMITTED = "attempt_submitted"
    SLOT_BOOKED = "slot_booked"
    SLOT_MISSED = "slot_missed"
    FORCED = "forced"
    REVIEWED = "reviewed"


@dataclass(frozen=True)
class Transition:
    """`renews` tells whether a fresh `Not inited` entry appears beside the changed one."""

    before: Status
    trigger: Trigger
    after: Status
    renews: bool = False


TRANSITIONS: tuple[Transition, ...] = (
    *(Transition(before, Trigger.ENTRY_OPENED, Status.STARTED) for before in OPEN_STATUSES),
    *(Transition(before, Trigger.ATTEMPT_STARTED, Status.STARTED) for before in OPEN_STATUSES),
    Transition(Status.STARTED, Trigger.ATTEMPT_SUBMITTED, Status.FINISHED),
    Transition(Status.NOT_INITED, Trigger.SLOT_BOOKED, Status.SCHEDULED),
    Transition(Status.SCHEDULED, Trigger.SLOT_BOOKED, Status.SCHEDULED),
    Transition(Status.SCHEDULED, Trigger.SLOT_MISSED, Status.RESCHEDULED, renews=True),
    Transition(Status.NOT_INITED, Trigger.FORCED, Status.FORCE_RESET, renews=True),
    Transition(Status.SCHEDULED, Trigger.FORCED, Status.FORCE_RESET, renews=True),
    *(
        Transition(before, Trigger.REVIEWED, after)
        for before in Status
        for after in (*CONCLUSIONS, Status.NOT_REVIEWED)
    ),
)

ColumnType = Literal["int", "char", "text"]


@dataclass(frozen=True)
class Column:
    """A field of the table, in XMLDB's words."""

    name: str
    type: ColumnType
    length: int | None = None
    not_null: bool = False
    default: str | None = None
    sequence: bool = False


TABLE = "availability_examus"
COLUMNS: tuple[Column, ...] = (
    Column("id", "int", 10, not_null=True, sequence=True),
    Column("courseid", "int", 10, not_null=True),
    Column("cmid", "int", 10, not_null=True),
    Column("attemptid", "int", 10),
    Column("userid", "int", 10, not_null=True),
    Column("accesscode", "char", 255, not_null=True),
    Column("status", "char", 255, not_null=True, default=Status.NOT_INITED.value),
    Column("review_link", "text"),
    Column("timecreated", "int", 10, not_null=True),
    Column("timemodified", "int", 10, not_null=True),
    Column("timescheduled", "int", 10),
    Column("score", "int", 10),
    Column("comment", "text"),
    Column("threshold", "text"),
    Column("warnings", "text"),
    Column("warning_titles", "text"),
    Column("session_start", "int", 10),
    Column("session_end", "int", 10),
)
MISNAMED_COLUMNS: dict[str, str] = {"warnings_titles": "warning_titles"}
"""Fresh v0.8 installs have the left name, upgraded ones the right one. An upgrade ends with the right one."""


@dataclass(frozen=True)
class Key:
    """A primary or foreign key; `references` is `(table, field)`."""

    name: str
    fields: tuple[str, ...]
    references: tuple[str, str] | None = None


@dataclass(frozen=True)
class Index:
    name: str
    fields: tuple[str, ...]
    unique: bool


KEYS: tuple[Key, ...] = (
    Key("primary", ("id",)),
    Key("courseid", ("courseid",), ("course", "id")),
    Key("cmid", ("cmid",), ("course_modules", "id")),
    Key("userid", ("userid",), ("user", "id")),
)
INDEXES: tuple[Index, ...] = (
    Index("accesscode", ("accesscode",), unique=True),
    Index("user-course-cm-status", ("userid", "courseid", "cmid", "status"), unique=False),
    Index("attemptid", ("attemptid",), unique=False),
)
