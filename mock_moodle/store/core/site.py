"""Settings, installed plugins, files, the log, and browsers' sessions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from mock_moodle.store.database import Base


class Config(Base):
    """A setting; `plugin` is "core" for the site's own."""

    __tablename__ = "config"
    plugin: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Plugin(Base):
    """An installed plugin. `read` is what its ZIP says of itself, as `mock_moodle.plugins` reads it."""

    __tablename__ = "plugins"
    component: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    release: Mapped[str] = mapped_column(default="")
    read: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class StoredFile(Base):
    __tablename__ = "files"
    __table_args__ = (Index("files_area", "contextid", "component", "filearea", "itemid"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    contextid: Mapped[int] = mapped_column(ForeignKey("context.id"))
    component: Mapped[str]
    filearea: Mapped[str]
    itemid: Mapped[int] = mapped_column(default=0)
    filepath: Mapped[str] = mapped_column(default="/")
    filename: Mapped[str]
    mimetype: Mapped[str] = mapped_column(default="application/octet-stream")
    content: Mapped[bytes]
    userid: Mapped[int | None]
    author: Mapped[str] = mapped_column(default="")
    license: Mapped[str] = mapped_column(default="unknown")
    timecreated: Mapped[int] = mapped_column(default=0)
    timemodified: Mapped[int] = mapped_column(default=0)


class LogEvent(Base):
    """Moodle's standard log (`logstore_standard_log`): what happened, for reports and for tests to assert on."""

    __tablename__ = "logstore_standard_log"
    id: Mapped[int] = mapped_column(primary_key=True)
    eventname: Mapped[str]
    userid: Mapped[int] = mapped_column(default=0)
    courseid: Mapped[int] = mapped_column(default=0)
    contextid: Mapped[int] = mapped_column(default=1)
    objectid: Mapped[int | None]
    relateduserid: Mapped[int | None]
    other: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    timecreated: Mapped[int] = mapped_column(default=0)


class BrowserSession(Base):
    """One `MoodleSession` cookie. `data` is PHP's $SESSION: JSON; assign a new dict to change it."""

    __tablename__ = "sessions"
    sid: Mapped[str] = mapped_column(primary_key=True)
    userid: Mapped[int] = mapped_column(default=0, index=True)
    """0 until signed in."""
    sesskey: Mapped[str] = mapped_column(default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    timecreated: Mapped[int] = mapped_column(default=0)
    timemodified: Mapped[int] = mapped_column(default=0)
