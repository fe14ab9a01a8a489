"""Tickets in, proofs out: how a quiz page and this service prove to each other that an exam is being watched.

`contract.panel` holds the constants and `docs/plugin.md` tells the exchange.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from contract import panel
from proctor_engine import clock
from proctor_engine.lms.errors import LmsError

PROOF_SECONDS = 300
"""The questions stay open for so long after the last sign that the camera runs."""


class TicketError(LmsError):
    """A ticket that must not be believed; the message says why, without repeating it."""


@dataclass(frozen=True)
class Ticket:
    """Who is before which quiz attempt, as Moodle says."""

    user_id: str
    nonce: str
    attempt: int
    cm_id: int
    access_code: str
    email: str
    name: str
    language: str
    expires: int


@dataclass(frozen=True)
class PanelKeys:
    """The plugin's panel key ring, with both parties' addresses."""

    keys: Mapping[str, str]
    moodle_url: str
    engine_url: str

    def read(self, token: str) -> Ticket:
        """Raises `TicketError` for anything but a fresh ticket of this Moodle for this engine."""
        claims = self._verified(token)
        at = int(clock.now().timestamp())
        issued, expires = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int) or not isinstance(expires, int):
            raise TicketError("the ticket has no times")
        if claims.get("iss") != self.moodle_url or claims.get("aud") != self.engine_url:
            raise TicketError("the ticket is of another site or for another engine")
        if expires - issued > panel.TICKET_LIFETIME_SECONDS:
            raise TicketError("the ticket lives too long")
        if expires + panel.CLOCK_SKEW_SECONDS < at:
            raise TicketError("the ticket has expired")
        if issued - panel.CLOCK_SKEW_SECONDS > at:
            raise TicketError("the ticket is of the future: compare the clocks of both servers")
        try:
            return Ticket(
                user_id=str(claims["sub"]),
                nonce=str(claims["jti"]),
                attempt=int(claims["attempt"]),
                cm_id=int(claims["cmid"]),
                access_code=str(claims["accesscode"]),
                email=str(claims["email"]),
                name=str(claims["name"]),
                language=str(claims["language"]),
                expires=expires,
            )
        except (KeyError, ValueError, TypeError) as error:
            raise TicketError(f"the ticket lacks {error}") from error

    def prove(self, ticket: Ticket) -> str:
        """For the page that gave this ticket: the student's camera is being received."""
        at = int(clock.now().timestamp())
        kid = next(iter(self.keys))
        claims = {
            "iss": self.engine_url,
            "aud": self.moodle_url,
            "sub": ticket.user_id,
            "iat": at,
            "exp": at + PROOF_SECONDS,
            "nonce": ticket.nonce,
            "attempt": ticket.attempt,
            "cmid": ticket.cm_id,
            "accesscode": ticket.access_code,
        }
        header = {"alg": panel.ALGORITHM, "typ": panel.PROOF_TYPE, "kid": kid}
        return jwt.encode(header, claims, OctKey.import_key(self.keys[kid]), algorithms=[panel.ALGORITHM])

    def _verified(self, token: str) -> dict[str, Any]:
        if not self.keys:
            raise TicketError("no panel key is set: copy it from the plugin's settings")
        try:
            # The key is chosen by what the token says of itself; that it says the truth is then checked with the key.
            decoded = jwt.decode(token, self._key_of, algorithms=[panel.ALGORITHM])
        except (JoseError, ValueError) as error:
            raise TicketError("the ticket's signature is wrong") from error
        if decoded.header.get("typ") != panel.TICKET_TYPE:
            raise TicketError("this is no ticket")
        return dict(decoded.claims)

    def _key_of(self, token: Any) -> OctKey:
        secret = self.keys.get(str(token.headers().get("kid")))
        # An unknown key id is answered like a wrong signature: with a key that nobody has.
        key: OctKey = OctKey.import_key(secret or secrets.token_hex(32))
        return key
