"""core_session_* and core_fetch_notifications: what every page's scripts ask by themselves."""

from __future__ import annotations

from typing import Any

from contract.webservice import Multiple, Single, Value
from mock_moodle.access import context_by_id
from mock_moodle.errors import RequireLogin
from mock_moodle.site import GUEST_ID, SITE_COURSE_ID, current
from mock_moodle.store.core import COURSE, MODULE, CourseModule
from mock_moodle.webservice.context import (
    get_course,
    validate_course_context,
    validate_module_context,
    validate_system_context,
)
from mock_moodle.webservice.registry import Call, function

SESSION_SECONDS = 8 * 3600


@function("core_session_touch", {}, Value("bool", "result"), ajax=True)
def touch_session(_call: Call) -> bool:
    """The request itself has kept the session alive."""
    return True


@function(
    "core_session_time_remaining",
    {},
    Single(
        {
            "userid": Value("int", "The current user id."),
            "timeremaining": Value("int", "The number of seconds remaining in this session."),
        }
    ),
    ajax=True,
)
def time_remaining(call: Call) -> dict[str, int]:
    """The whole time: asking begins it anew. A guest's session is nobody's, and a service's call has none."""
    nobody = call.userid == GUEST_ID or call.serviceid
    seconds = int(current.config("sessiontimeout") or SESSION_SECONDS)
    return {"userid": 0 if nobody else call.userid, "timeremaining": seconds}


@function(
    "core_fetch_notifications",
    {"contextid": Value("int", "Context ID")},
    Multiple(
        Single(
            {
                "template": Value("raw", "Name of the template"),
                "variables": Single(
                    {
                        "message": Value("raw", "HTML content of the Notification"),
                        "extraclasses": Value("raw", "Extra classes to provide to the tmeplate"),
                        "announce": Value("raw", "Whether to announce"),
                        "closebutton": Value("raw", "Whether to close"),
                    }
                ),
            }
        )
    ),
    ajax=True,
    login_required=False,
)
def fetch_notifications(call: Call, contextid: int) -> list[dict[str, Any]]:
    """None: a notice that waits is shown by the next page."""
    context = context_by_id(contextid)
    if not call.userid:
        raise RequireLogin
    if context.contextlevel == COURSE and context.instanceid != SITE_COURSE_ID:
        validate_course_context(get_course(context.instanceid), call.userid)
    elif context.contextlevel == MODULE:
        validate_module_context(current.session.get_one(CourseModule, context.instanceid), call.userid)
    else:
        validate_system_context(call.userid)
    return []
