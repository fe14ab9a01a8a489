"""The plugin's table."""

from __future__ import annotations

from sqlalchemy import Index
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
