"""The plugin's table, and the queue of events that it posts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from contract.entry import TABLE, Status
from mock_moodle.store import Base


class Entry(Base):
    """One student's pass to one exam. `status` may hold any text that a review brought."""

    __tablename__ = TABLE
    __table_args__ = (Index("availability_examus_same", "userid", "courseid", "cmid", "status"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    courseid: Mapped[int] = mapped_column(index=True)
    cmid: Mapped[int] = mapped_column(index=True)
    attemptid: Mapped[int | None] = mapped_column(index=True)
    userid: Mapped[int]
    accesscode: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default=Status.NOT_INITED.value)
    review_link: Mapped[str | None]
    timecreated: Mapped[int]
    timemodified: Mapped[int]
    timescheduled: Mapped[int | None]
    score: Mapped[int | None]
    comment: Mapped[str | None]
    threshold: Mapped[str | None]
    """JSON: {"attention": number or null, "rejected": number or null}."""
    warnings: Mapped[str | None]
    """JSON: a list of texts, most of them JSON themselves."""
    warning_titles: Mapped[str | None]
    session_start: Mapped[int | None]
    session_end: Mapped[int | None]


class QueuedEvent(Base):
    """An event that was not delivered yet (one of Moodle's ad-hoc tasks)."""

    __tablename__ = "task_adhoc"
    id: Mapped[str] = mapped_column(primary_key=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    nextruntime: Mapped[int]
    faildelay: Mapped[int] = mapped_column(default=0)
