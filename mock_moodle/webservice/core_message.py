"""core_message_send_instant_messages: kept in the database, for a test to read back."""

from __future__ import annotations

from html import escape
from typing import Any

from sqlalchemy import select

from contract.webservice import Multiple, Presence, Single, Value
from mock_moodle.access import context_system, has_capability, require_capability
from mock_moodle.cleaned_html import cleaned_html
from mock_moodle.course.enrolled import active_courses
from mock_moodle.errors import MoodleError, coding_error
from mock_moodle.site import current
from mock_moodle.store.core import Message, User
from mock_moodle.webservice.context import supported_format, validate_system_context
from mock_moodle.webservice.registry import Call, function

OPTIONAL = Presence.OPTIONAL
FORMAT_MOODLE, FORMAT_PLAIN = 0, 2
LONGEST_MESSAGE = 4096


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
                "candeletemessagesforallusers": Value(
                    "bool", "If the user can delete it for all", Presence.DEFAULT, False
                ),
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
    if not messages:
        raise coding_error("moodle_database::get_in_or_equal() does not accept empty arrays")
    return [_send(call.userid, message) for message in messages]


def _formatted(text: str, text_format: int) -> str:
    """As the receiver reads it: HTML without what could do harm, plain text as a paragraph."""
    if text_format == FORMAT_PLAIN:
        return f"<p>{escape(text, quote=False)}</p>" if text else ""
    harmless = cleaned_html(text)
    return f"<p>{harmless}</p>" if text_format == FORMAT_MOODLE and text else harmless


def _send(sender: int, message: dict[str, Any]) -> dict[str, Any]:
    answer = {"clientmsgid": message["clientmsgid"]} if "clientmsgid" in message else {}
    wanted = message["touserid"]
    receiver = current.session.get(User, wanted)
    problem = ""
    if receiver is None or receiver.deleted:
        problem = f"You cannot send a message to a user ID ({wanted}) that doesn't exist."
    elif len(message["text"]) > LONGEST_MESSAGE:
        problem = "The message is longer than the maximum allowed."
    elif not _may_message(sender, receiver.id):
        problem = "You can't message this user due to their message preferences. Try adding them as a contact."
    if receiver is None or problem:
        return {**answer, "msgid": -1, "errormessage": problem}
    text_format = supported_format(message["textformat"])
    row = Message(
        useridfrom=sender,
        useridto=receiver.id,
        text=_formatted(message["text"], text_format),
        timecreated=current.clock.time(),
    )
    current.session.add(row)
    current.session.flush()
    return {
        **answer,
        "msgid": row.id,
        "text": row.text,
        "timecreated": row.timecreated,
        "conversationid": _conversation(sender, receiver.id),
        "useridfrom": sender,
        "candeletemessagesforallusers": has_capability("moodle/site:deleteanymessage", context_system(), sender),
    }


def _may_message(sender: int, receiver: int) -> bool:
    """Those of one's own courses, as accounts are set at first; an administrator everybody."""
    if has_capability("moodle/site:messageanyuser", context_system(), sender) or sender == receiver:
        return True
    shared = {course.id for course in active_courses(sender)} & {course.id for course in active_courses(receiver)}
    return bool(shared) or current.enabled("messagingallusers")


def _conversation(one: int, other: int) -> int:
    """Pairs are numbered as they begin to write."""
    pairs = current.session.execute(select(Message.useridfrom, Message.useridto).order_by(Message.id))
    known = dict.fromkeys(frozenset(pair) for pair in pairs)
    return list(known).index(frozenset((one, other))) + 1
