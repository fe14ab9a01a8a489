"""The plugin's table."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from mock_moodle.examus2.names import NEW, TABLE
from mock_moodle.store import Base


class Session(Base):
    """One student's pass to one exam; `accesscode` is the service's sessionId. A review may bring any `status`."""

    __tablename__ = TABLE
    id: Mapped[int] = mapped_column(primary_key=True)
    courseid: Mapped[int]
    cmid: Mapped[int] = mapped_column(index=True)
    userid: Mapped[int]
    attemptid: Mapped[int | None]
    accesscode: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default=NEW)
    review_link: Mapped[str | None]
    archiveurl: Mapped[str | None]
    timecreated: Mapped[int]
    timemodified: Mapped[int]
    timescheduled: Mapped[int | None]
    score: Mapped[int | None]
    comment: Mapped[str | None]
    threshold: Mapped[str | None]
    warnings: Mapped[str | None]
    warningstitles: Mapped[str | None]
    sessionstart: Mapped[int | None]
    sessionend: Mapped[int | None]
