"""Accounts, and what is kept of each."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, func, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from mock_moodle.store.database import Base


class User(Base):
    """`password` is plain: the mock's accounts protect nothing, and a person debugging wants to read them."""

    __tablename__ = "user"
    __table_args__ = tuple(
        Index(f"user_lower_{name}", func.lower(literal_column(name))) for name in ("username", "email", "idnumber")
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str] = mapped_column(default="")
    firstname: Mapped[str] = mapped_column(default="")
    lastname: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="", index=True)
    auth: Mapped[str] = mapped_column(default="manual")
    lang: Mapped[str] = mapped_column(default="en")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    idnumber: Mapped[str] = mapped_column(default="")
    institution: Mapped[str] = mapped_column(default="")
    department: Mapped[str] = mapped_column(default="")
    phone1: Mapped[str] = mapped_column(default="")
    phone2: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str] = mapped_column(default="99")
    theme: Mapped[str] = mapped_column(default="")
    mailformat: Mapped[int] = mapped_column(default=1)
    interests: Mapped[str] = mapped_column(default="")
    suspended: Mapped[bool] = mapped_column(default=False)
    deleted: Mapped[bool] = mapped_column(default=False)
    confirmed: Mapped[bool] = mapped_column(default=True)
    siteadmin: Mapped[bool] = mapped_column(default=False)
    forcepasswordchange: Mapped[bool] = mapped_column(default=False)
    picture: Mapped[int] = mapped_column(default=0)
    """Revision of the user's picture, 0 for none; the image is the stored file `user/icon` of the user's context."""
    firstaccess: Mapped[int] = mapped_column(default=0)
    lastaccess: Mapped[int] = mapped_column(default=0)
    timecreated: Mapped[int] = mapped_column(default=0)
    timemodified: Mapped[int] = mapped_column(default=0)

    @property
    def fullname(self) -> str:
        return (
            f"{self.firstname} {self.lastname}" if self.firstname and self.lastname else self.firstname or self.lastname
        )


class UserPreference(Base):
    __tablename__ = "user_preferences"
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class ProfileField(Base):
    """A custom profile field's value for one user (`user_info_data` joined to `user_info_field`)."""

    __tablename__ = "user_info_data"
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    shortname: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[str]


class PrivateKey(Base):
    """`user_private_key`: keys in addresses, such as tokenpluginfile.php's (`script` "core_files")."""

    __tablename__ = "user_private_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    script: Mapped[str]
    value: Mapped[str] = mapped_column(index=True)
    userid: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    instance: Mapped[int | None]
    iprestriction: Mapped[str | None]
    validuntil: Mapped[int | None]
    timecreated: Mapped[int] = mapped_column(default=0)


class Message(Base):
    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(primary_key=True)
    useridfrom: Mapped[int] = mapped_column(ForeignKey("user.id"))
    useridto: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    text: Mapped[str]
    timecreated: Mapped[int] = mapped_column(default=0)
