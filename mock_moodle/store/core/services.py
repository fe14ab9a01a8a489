"""External services and their tokens."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mock_moodle.store.database import Base


class ExternalService(Base):
    """`functions` NULL means: every function that core marks for the mobile service, and those that plugins add."""

    __tablename__ = "external_services"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    shortname: Mapped[str | None] = mapped_column(unique=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    restrictedusers: Mapped[bool] = mapped_column(default=False)
    requiredcapability: Mapped[str | None]
    component: Mapped[str | None]
    downloadfiles: Mapped[bool] = mapped_column(default=False)
    uploadfiles: Mapped[bool] = mapped_column(default=False)
    functions: Mapped[list[str] | None] = mapped_column(JSON)
    timecreated: Mapped[int] = mapped_column(default=0)


class ServiceUser(Base):
    """Who may use a service with `restrictedusers` (`external_services_users`)."""

    __tablename__ = "external_services_users"
    externalserviceid: Mapped[int] = mapped_column(ForeignKey("external_services.id"), primary_key=True)
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    iprestriction: Mapped[str | None]
    validuntil: Mapped[int | None]


class ExternalToken(Base):
    __tablename__ = "external_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    privatetoken: Mapped[str | None]
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    externalserviceid: Mapped[int] = mapped_column(ForeignKey("external_services.id"))
    tokentype: Mapped[int] = mapped_column(default=0)
    sid: Mapped[str | None]
    contextid: Mapped[int] = mapped_column(default=1)
    creatorid: Mapped[int] = mapped_column(default=2)
    iprestriction: Mapped[str | None]
    validuntil: Mapped[int | None]
    name: Mapped[str] = mapped_column(default="")
    timecreated: Mapped[int] = mapped_column(default=0)
    lastaccess: Mapped[int | None]
