"""mod_forum_*: the forums of courses. Discussions are a list in the module's world file: `"discussions": [{"name":
…}]`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_module, has_capability
from mock_moodle.errors import InvalidParameter, MoodleError
from mock_moodle.site import ADMIN_ID, current
from mock_moodle.store.core import CourseModule, User
from mock_moodle.webservice.context import validate_module_context
from mock_moodle.webservice.courses_asked import courses_asked, modules_of
from mock_moodle.webservice.mod_lists import COURSE_IDS
from mock_moodle.webservice.pictures import picture_url
from mock_moodle.webservice.registry import FILES, WARNINGS, Call, function
from mock_moodle.world.courses import NEWS_FORUM

OPTIONAL = Presence.OPTIONAL

_FORUM: dict[str, Schema] = {
    "id": Value("int", "Forum id"),
    "course": Value("int", "Course id"),
    "type": Value("text", "The forum type"),
    "name": Value("raw", "Forum name"),
    "intro": Value("raw", "The forum intro"),
    "introformat": Value("int", "intro format"),
    "introfiles": FILES,
    "lang": Value("safedir", "Forced activity language", OPTIONAL),
    **{
        name: Value("int", presence=OPTIONAL)
        for name in (
            "duedate", "cutoffdate", "assessed", "assesstimestart", "assesstimefinish", "scale", "grade_forum",
            "grade_forum_notify", "maxbytes", "maxattachments", "forcesubscribe", "trackingtype", "rsstype",
            "rssarticles", "timemodified", "warnafter", "blockafter", "blockperiod", "completiondiscussions",
            "completionreplies", "completionposts",
        )
    },
    "cmid": Value("int", "Course module id"),
    "numdiscussions": Value("int", "Number of discussions in the forum", OPTIONAL),
    "cancreatediscussions": Value("bool", "If the user can create discussions", OPTIONAL),
    "lockdiscussionafter": Value("int", "After what period a discussion is locked", OPTIONAL),
    "istracked": Value("bool", "If the user is tracking the forum", OPTIONAL),
    "unreadpostscount": Value("int", "The number of unread posts for tracked forums", OPTIONAL),
}  # fmt: skip


@function("mod_forum_get_forums_by_courses", COURSE_IDS, Multiple(Single(_FORUM), "forum"))
def get_forums_by_courses(call: Call, courseids: list[int]) -> list[dict[str, Any]]:
    courses, _ = courses_asked(courseids, call.userid)
    forums = (cm for course in courses for cm in modules_of([course], "forum", call.userid))
    return [_forum(cm, call.userid) for cm in forums if _may_read(cm, call.userid)]


def _may_read(cm: CourseModule, userid: int) -> bool:
    return has_capability("mod/forum:viewdiscussion", context_module(cm.id), userid)


NEWS_INTRO = "General news and announcements"


def _forum(cm: CourseModule, userid: int) -> dict[str, Any]:
    kind = cm.settings.get("type", "news" if cm.name == NEWS_FORUM else "general")
    starts = "mod/forum:addnews" if kind == "news" else "mod/forum:startdiscussion"
    optional = [name for name, schema in _FORUM.items() if schema.presence is OPTIONAL and name != "unreadpostscount"]
    numbers = {name: cm.settings.get(name, 0) for name in optional}
    return {
        **{name: value for name, value in numbers.items() if isinstance(value, int)},
        "timemodified": cm.settings.get("timemodified", cm.added),
        "id": cm.instance,
        "course": cm.course,
        "type": kind,
        "name": cm.name,
        "intro": cm.settings.get("intro", NEWS_INTRO if kind == "news" else ""),
        "introformat": 1,
        "introfiles": [],
        "lang": "",
        "cmid": cm.id,
        "maxattachments": cm.settings.get("maxattachments", 1),
        "forcesubscribe": cm.settings.get("forcesubscribe", int(kind == "news")),
        "trackingtype": 1,
        "numdiscussions": len(cm.settings.get("discussions", ())),
        "cancreatediscussions": has_capability(starts, context_module(cm.id), userid),
        "istracked": False,
    }


_DISCUSSION: dict[str, Schema] = {
    "id": Value("int", "Post id"),
    "name": Value("raw", "Discussion name"),
    "groupid": Value("int", "Group id"),
    "timemodified": Value("int", "Time modified"),
    "usermodified": Value("int", "The id of the user who last modified"),
    "timestart": Value("int", "Time discussion can start"),
    "timeend": Value("int", "Time discussion ends"),
    "discussion": Value("int", "Discussion id"),
    "parent": Value("int", "Parent id"),
    "userid": Value("int", "User who started the discussion id"),
    "created": Value("int", "Creation time"),
    "modified": Value("int", "Time modified"),
    "mailed": Value("int", "Mailed?"),
    "subject": Value("raw", "The post subject"),
    "message": Value("raw", "The post message"),
    "messageformat": Value("int", "message format"),
    "messagetrust": Value("int", "Can we trust?"),
    "messageinlinefiles": FILES,
    "attachment": Value("raw", "Has attachments?"),
    "attachments": FILES,
    "totalscore": Value("int", "The post message total score"),
    "mailnow": Value("int", "Mail now?"),
    "userfullname": Value("text", "Post author full name"),
    "usermodifiedfullname": Value("text", "Post modifier full name"),
    "userpictureurl": Value("url", "Post author picture.", nullable=True),
    "usermodifiedpictureurl": Value("url", "Post modifier picture.", nullable=True),
    "numreplies": Value("int", "The number of replies in the discussion"),
    "numunread": Value("int", "The number of unread discussions."),
    "pinned": Value("bool", "Is the discussion pinned"),
    "locked": Value("bool", "Is the discussion locked"),
    "starred": Value("bool", "Is the discussion starred", OPTIONAL),
    "canreply": Value("bool", "Can the user reply to the discussion"),
    "canlock": Value("bool", "Can the user lock the discussion"),
    "canfavourite": Value("bool", "Can the user star the discussion", OPTIONAL),
}


@function(
    "mod_forum_get_forum_discussions",
    {
        "forumid": Value("int", "forum instance id"),
        "sortorder": Value("int", "sort by this element", Presence.DEFAULT, -1),
        "page": Value("int", "current page", Presence.DEFAULT, -1),
        "perpage": Value("int", "items per page", Presence.DEFAULT, 0),
        "groupid": Value("int", "group id", Presence.DEFAULT, 0),
    },
    Single({"discussions": Multiple(Single(_DISCUSSION)), "warnings": WARNINGS}),
)
def get_forum_discussions(
    call: Call, forumid: int, sortorder: int, page: int, perpage: int, groupid: int
) -> dict[str, Any]:
    if sortorder != DEFAULT_ORDER and sortorder not in SORT_ORDERS:
        raise InvalidParameter(f"Invalid value for sortorder parameter (value: {sortorder})")
    cm = current.session.scalar(
        select(CourseModule).where(CourseModule.modname == "forum", CourseModule.instance == forumid)
    )
    if cm is None:
        message = f"Unable to find forum with id {forumid}"
        raise MoodleError(message, f"error/{message}")
    validate_module_context(cm, call.userid)
    if not _may_read(cm, call.userid):
        message = "You do not have the permission to view discussions in this forum"
        raise MoodleError("noviewdiscussionspermission", message)
    found = [_discussion(number, spec) for number, spec in enumerate(cm.settings.get("discussions", ()), 1)]
    if page >= 0 and perpage > 0:
        found = found[page * perpage : (page + 1) * perpage]
    if groupid > 0:
        found = [each for each in found if each["groupid"] == groupid]
    return {"discussions": found if sortorder != OLDEST_FIRST else found[::-1], "warnings": []}


OLDEST_FIRST = 2
DEFAULT_ORDER = -1
SORT_ORDERS = range(1, 7)


def _discussion(number: int, spec: dict[str, Any]) -> dict[str, Any]:
    session = current.session
    author = session.scalar(select(User).where(User.username == spec.get("user", "admin")))
    author = author or session.get_one(User, ADMIN_ID)
    created = int(spec.get("created") or 0)
    return {
        "id": number,
        "name": spec["name"],
        "groupid": spec.get("groupid", -1),
        "timemodified": created,
        "usermodified": author.id,
        "timestart": 0,
        "timeend": 0,
        "discussion": number,
        "parent": 0,
        "userid": author.id,
        "created": created,
        "modified": created,
        "mailed": 1,
        "subject": spec["name"],
        "message": spec.get("message", ""),
        "messageformat": 1,
        "messagetrust": 0,
        "messageinlinefiles": [],
        "attachment": "",
        "attachments": [],
        "totalscore": 0,
        "mailnow": 0,
        "userfullname": author.fullname,
        "usermodifiedfullname": author.fullname,
        "userpictureurl": picture_url(author),
        "usermodifiedpictureurl": picture_url(author),
        "numreplies": 0,
        "numunread": 0,
        "pinned": False,
        "locked": False,
        "starred": False,
        "canreply": False,
        "canlock": False,
        "canfavourite": True,
    }
