"""The tables of local_oauth, under their own names."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mock_moodle.store import Base


class Client(Protocol):
    @property
    def client_id(self) -> str: ...


class OAuthClient(Base):
    """`grant_types` and `scope` are separated by spaces. NULL leaves them open; an empty text allows nothing."""

    __tablename__ = "oauth_clients"
    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(unique=True)
    client_secret: Mapped[str]
    redirect_uri: Mapped[str | None]
    grant_types: Mapped[str | None]
    scope: Mapped[str | None]
    user_id: Mapped[int | None]
    """Whom a token from `client_credentials` stands for."""


class AuthorizationCode(Base):
    """`redirect_uri` is NULL where the client did not name one. The challenge is kept in strict mode only."""

    __tablename__ = "oauth_authorization_codes"
    id: Mapped[int] = mapped_column(primary_key=True)
    authorization_code: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[str]
    user_id: Mapped[int | None]
    redirect_uri: Mapped[str | None]
    expires: Mapped[int]
    scope: Mapped[str | None]
    id_token: Mapped[str | None]
    nonce: Mapped[str | None]
    code_challenge: Mapped[str | None]
    code_challenge_method: Mapped[str | None]
    auth_time: Mapped[int] = mapped_column(default=0)

    def get_redirect_uri(self) -> str | None:
        return self.redirect_uri

    def get_scope(self) -> str | None:
        return self.scope


class AccessToken(Base):
    __tablename__ = "oauth_access_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    access_token: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[str]
    user_id: Mapped[int | None]
    expires: Mapped[int]
    scope: Mapped[str | None]


class RefreshToken(Base):
    __tablename__ = "oauth_refresh_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    refresh_token: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[str]
    user_id: Mapped[int | None]
    expires: Mapped[int]
    scope: Mapped[str | None]

    def check_client(self, client: Client) -> bool:
        return client.client_id == self.client_id

    def get_scope(self) -> str:
        return self.scope or ""


class ConsentedScope(Base):
    """A user agreed once: `scope` is the whole scope text of the request, `login` where it named none."""

    __tablename__ = "oauth_user_auth_scopes"
    __table_args__ = (UniqueConstraint("client_id", "user_id", "scope"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    scope: Mapped[str]
