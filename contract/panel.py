"""How a quiz page and the engine's window prove to each other that an exam is being watched.

The page hands the engine a short-lived signed *ticket*; the engine answers with a signed *proof*, for which the plugin
shows the questions. Both are JWTs (HS256) under the panel key; neither can be used as the other, because each names its
purpose in `typ` and its reader in `aud`. `docs/plugin.md` tells the whole exchange.
"""

from __future__ import annotations

from enum import Enum


class WayIn(str, Enum):
    """Which window holds which."""

    FRAME = "frame"
    """The engine's page frames Moodle, as v0.8 has it. The site's session cookie must survive in a foreign frame."""
    PANEL = "panel"
    """Moodle stays on top; its quiz pages carry the engine's small frame. No third-party cookie is needed."""


ALGORITHM = "HS256"
TICKET_TYPE = "proctoring-ticket+jwt"
PROOF_TYPE = "proctoring-proof+jwt"
"""The `typ` header. `kid` names the key, so that keys can be changed without a gap."""

TICKET_LIFETIME_SECONDS = 120
PROOF_LIFETIME_SECONDS = 600
"""The longest that each may live: `exp` beyond it is refused, however well signed."""
CLOCK_SKEW_SECONDS = 30

TICKET_CLAIMS: tuple[str, ...] = (
    "iss",
    "aud",
    "sub",
    "iat",
    "exp",
    "jti",
    "attempt",
    "cmid",
    "accesscode",
    "email",
    "name",
    "language",
)
"""`iss` the site's address, `aud` the engine's, `sub` the Moodle user id (a string), `jti` the page's nonce."""

PROOF_CLAIMS: tuple[str, ...] = ("iss", "aud", "sub", "iat", "exp", "nonce", "attempt", "cmid", "accesscode")
"""`iss` and `aud` change places; `nonce` repeats the ticket's `jti`, and `attempt` to `accesscode` its values."""

NONCE_BYTES = 16

MESSAGE_HELLO = "proctoring.hello"
"""Engine's window to page: I have loaded, send me a ticket."""
MESSAGE_TICKET = "proctoring.ticket"
"""Page to engine's window: `{type, ticket, nonce}`, to the allowed origins only."""
MESSAGE_READY = "proctoring.ready"
"""Engine's window to page: `{type, nonce, proof}`."""
MESSAGE_LOST = "proctoring.lost"
"""Engine's window to page: `{type, nonce}`: camera or connection is gone, cover the questions until the next proof."""

MESSAGE_SEEN = "proctoring.seen"
"""Page to engine's window: `{type, what}`, to the allowed origins only. Never what was copied or typed."""
SEEN: tuple[str, ...] = ("copy", "cut", "paste", "print", "left", "back")
"""`left` and `back` tell whether the page's window is the one that the student works in."""

PANEL_PATH = "/panel"
"""Under the engine's address: the page that the plugin puts into its frame."""
PANEL_ALLOW = "camera; microphone; display-capture"
"""The frame's `allow` attribute."""
