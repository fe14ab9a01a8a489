"""core_message_send_instant_messages: kept in the database, for a test to read back."""

from __future__ import annotations

from typing import Any

from contract.webservice import Multiple, Presence, Single, Value
from mock_moodle.access import context_system, require_capability
from mock_moodle.errors import MoodleError
from mock_moodle.site import current
from mock_moodle.store.core import Message, User
from mock_moodle.webservice.context import validate_system_context
from mock_moodle.webservice.registry import Call, function

OPTIONAL = Presence.OPTIONAL


@function(
    "core_message_send_instant_messages",
    {
        "messages": Multiple(
            Single(
                {
                    "touserid": Value("int", "id of the user to send the private message"),
                    "text": Value("raw", "the text of the message"),
                    "textformat": Value("int", "text format", Presence.DEFAULT, 0),
                    "clientmsgid": Value("alphanumext", "your own client id for the message", OPTIONAL),
                }
            )
        )
    },
    Multiple(
        Single(
            {
                "msgid": Value("int", "-1 when the message could not be sent"),
                "clientmsgid": Value("alphanumext", "your own id for the message", OPTIONAL),
                "errormessage": Value("text", "error message - if it failed", OPTIONAL),
                "text": Value("raw", "The text of the message", OPTIONAL, nullable=True),
                "timecreated": Value("int", "The timecreated timestamp for the message", OPTIONAL),
                "conversationid": Value("int", "The conversation id for this message", OPTIONAL),
                "useridfrom": Value("int", "The user id who sent the message", OPTIONAL),
                "candeletemessagesforallusers": Value("bool", "If the user can delete it for all", Presence.DEFAULT, 0),
            }
        )
    ),
    type="write",
    ajax=True,
)
def send_instant_messages(call: Call, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not current.enabled("messaging"):
        raise MoodleError("disabled", "Messaging is disabled on this site")
    validate_system_context(call.userid)
    require_capability("moodle/site:sendmessage", context_system(), call.userid)
    return [_send(call.userid, message) for message in messages]


def _send(sender: int, message: dict[str, Any]) -> dict[str, Any]:
    answer = {"clientmsgid": message["clientmsgid"]} if "clientmsgid" in message else {}
    receiver = current.session.get(User, message["touserid"])
    if receiver is None or receiver.deleted:
        return {**answer, "msgid": -1, "errormessage": "This user can't be messaged"}
    row = Message(useridfrom=sender, useridto=receiver.id, text=message["text"], timecreated=current.clock.time())
    current.session.add(row)
    current.session.flush()
    return {
        **answer,
        "msgid": row.id,
        "text": row.text,
        "timecreated": row.timecreated,
        "conversationid": min(sender, receiver.id) * 1_000_000 + max(sender, receiver.id),
        "useridfrom": sender,
        "candeletemessagesforallusers": False,
    }
