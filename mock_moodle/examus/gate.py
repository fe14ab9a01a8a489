"""The successor keeps the questions of a watched attempt back until the service has proved that it is watching.

The page hands the service a signed ticket, the service answers with a signed proof, and until that proof runs out this
browser session may see the questions. `contract.panel` has the constants.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contract import panel
from mock_moodle.examus import entries, keyring, session, settings
from mock_moodle.examus.exam import Exam, read_exam
from mock_moodle.examus.exams import node_of
from mock_moodle.examus.groups import concerns
from mock_moodle.examus.models import Entry
from mock_moodle.examus.successor import is_open
from mock_moodle.quiz.models import QuizAttempt
from mock_moodle.quiz.pages import cm_of
from mock_moodle.site import current
from mock_moodle.store.core import User

TICKETS_KEPT = 10


@dataclass(frozen=True)
class Gate:
    """Before one attempt of one user, whose session has shown the entry's access code."""

    attempt: QuizAttempt
    entry: Entry
    exam: Exam
    user: User

    @classmethod
    def before(cls, attempt_id: int, user: User) -> Gate | None:
        """None where nothing is to be kept back."""
        attempt = current.session.get(QuizAttempt, attempt_id)
        if attempt is None or attempt.userid != user.id or attempt.preview:
            return None
        cm = cm_of(attempt.quiz)
        code = session.code_for(cm.id)
        entry = entries.by_code(code) if code else None
        node = node_of(cm)
        if node is None or entry is None or (entry.userid, entry.cmid) != (user.id, cm.id) or not is_open(entry):
            return None
        exam = read_exam(node, complete=True)
        if exam.no_protection or not concerns(exam, cm.course, user.id):
            return None
        return cls(attempt, entry, exam, user)

    def open_for(self) -> int:
        """Seconds for which the questions may still be seen."""
        until: int = session.get("open", self.attempt.id) or 0
        return max(0, until - current.clock.time())

    def ticket(self) -> dict[str, str]:
        now, nonce = current.clock.time(), current.keys.md5()
        waiting: dict[str, int] = session.get("tickets", self.attempt.id) or {}
        kept = list({nonce: now, **waiting}.items())[:TICKETS_KEPT]
        session.put("tickets", self.attempt.id, dict(kept))
        claims = {
            "iss": current.site.wwwroot,
            "aud": settings.engine_url(),
            "sub": str(self.user.id),
            "iat": now,
            "exp": now + panel.TICKET_LIFETIME_SECONDS,
            "jti": nonce,
            "attempt": self.attempt.id,
            "cmid": self.entry.cmid,
            "accesscode": self.entry.accesscode,
            "email": self.user.email,
            "name": self.user.fullname,
            "language": self.user.lang,
        }
        return {"ticket": keyring.encode(claims, panel.TICKET_TYPE), "nonce": nonce}

    def accept(self, proof: str) -> bool:
        """Opens the gate for a proof that answers one of this session's tickets; each is good once."""
        claims = keyring.decode(proof, panel.PROOF_TYPE)
        if claims is None or not self._answers_ticket(claims) or not _is_timely(claims):
            return False
        waiting: dict[str, int] = session.get("tickets", self.attempt.id)
        used = claims["nonce"]
        session.put("tickets", self.attempt.id, {nonce: at for nonce, at in waiting.items() if nonce != used})
        session.put("open", self.attempt.id, claims["exp"])
        return True

    def accept_plain_message(self) -> bool:
        """For v0.8's constant, where an administrator said that this weak sign is enough."""
        if not settings.accepts_plain_message():
            return False
        session.put("open", self.attempt.id, current.clock.time() + panel.PROOF_LIFETIME_SECONDS)
        return True

    def close(self) -> None:
        """Keeps the questions back again: the service has lost sight of the student."""
        session.put("open", self.attempt.id, None)

    def _answers_ticket(self, claims: dict[str, Any]) -> bool:
        expected = {
            "iss": settings.engine_url(),
            "aud": current.site.wwwroot,
            "sub": str(self.user.id),
            "attempt": self.attempt.id,
            "cmid": self.entry.cmid,
            "accesscode": self.entry.accesscode,
        }
        if any(claims.get(name) != value for name, value in expected.items()):
            return False
        nonce = claims.get("nonce")
        return isinstance(nonce, str) and nonce in (session.get("tickets", self.attempt.id) or {})


def _is_timely(claims: dict[str, Any]) -> bool:
    issued, until, now = claims.get("iat"), claims.get("exp"), current.clock.time()
    if type(issued) is not int or type(until) is not int:
        return False
    return issued <= now + panel.CLOCK_SKEW_SECONDS and until > now and until - issued <= panel.PROOF_LIFETIME_SECONDS
