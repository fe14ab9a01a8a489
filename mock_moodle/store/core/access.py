"""Contexts, roles and capabilities."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mock_moodle.store.database import Base

SYSTEM, USER, COURSECAT, COURSE, MODULE = 10, 30, 40, 50, 70
"""Moodle's CONTEXT_* levels."""

ALLOW, PREVENT, PROHIBIT, INHERIT = 1, -1, -1000, 0
"""Moodle's CAP_* permissions."""


class Context(Base):
    """`path` is "/1/3/19/21": ids from the system context down to this one."""

    __tablename__ = "context"
    __table_args__ = (UniqueConstraint("contextlevel", "instanceid"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    contextlevel: Mapped[int]
    instanceid: Mapped[int]
    path: Mapped[str] = mapped_column(default="")

    @property
    def ancestors(self) -> list[int]:
        """Ids from the system down to and including this context."""
        return [int(part) for part in self.path.strip("/").split("/")]


class Role(Base):
    __tablename__ = "role"
    id: Mapped[int] = mapped_column(primary_key=True)
    shortname: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    archetype: Mapped[str] = mapped_column(default="")
    sortorder: Mapped[int] = mapped_column(default=0)
    contextlevels: Mapped[list[int]] = mapped_column(JSON, default=list)


class Capability(Base):
    """A capability that the site knows: core's and those of installed plugins."""

    __tablename__ = "capabilities"
    name: Mapped[str] = mapped_column(primary_key=True)
    captype: Mapped[str] = mapped_column(default="read")
    contextlevel: Mapped[int] = mapped_column(default=SYSTEM)
    component: Mapped[str] = mapped_column(default="core")
    title: Mapped[str] = mapped_column(default="")


class RoleCapability(Base):
    """A role's permission in a context: its definition at system level, an override below."""

    __tablename__ = "role_capabilities"
    contextid: Mapped[int] = mapped_column(ForeignKey("context.id"), primary_key=True)
    roleid: Mapped[int] = mapped_column(ForeignKey("role.id"), primary_key=True)
    capability: Mapped[str] = mapped_column(primary_key=True)
    permission: Mapped[int]


class RoleAssignment(Base):
    __tablename__ = "role_assignments"
    __table_args__ = (Index("role_assignments_user_context", "userid", "contextid"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    roleid: Mapped[int] = mapped_column(ForeignKey("role.id"))
    contextid: Mapped[int] = mapped_column(ForeignKey("context.id"), index=True)
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"))
    timemodified: Mapped[int] = mapped_column(default=0)
