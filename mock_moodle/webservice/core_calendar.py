"""core_calendar_get_calendar_events: what is on, from stored events and the dates of activities."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_, select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.course.visibility import visibility_of
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.core import CalendarEvent, CourseModule, GroupMember
from mock_moodle.webservice.courses_asked import courses_asked
from mock_moodle.webservice.registry import WARNINGS, Call, function

OPTIONAL, DEFAULT = Presence.OPTIONAL, Presence.DEFAULT

_EVENT: dict[str, Schema] = {
    "id": Value("int", "event id"),
    "name": Value("raw", "event name"),
    "description": Value("raw", "Description", OPTIONAL, nullable=True),
    "format": Value("int", "description format"),
    "courseid": Value("int", "course id"),
    "categoryid": Value("int", "Category id (only for category events).", OPTIONAL),
    "groupid": Value("int", "group id"),
    "userid": Value("int", "user id"),
    "repeatid": Value("int", "repeat id", nullable=True),
    "modulename": Value("text", "module name", OPTIONAL, nullable=True),
    "instance": Value("int", "instance id"),
    "eventtype": Value("text", "Event type"),
    "timestart": Value("int", "timestart"),
    "timeduration": Value("int", "time duration"),
    "visible": Value("int", "visible"),
    "uuid": Value("text", "unique id of ical events", OPTIONAL),
    "sequence": Value("int", "sequence"),
    "timemodified": Value("int", "time modified"),
    "subscriptionid": Value("int", "Subscription id", OPTIONAL, nullable=True),
}


def _ids(description: str) -> Multiple:
    return Multiple(Value("int"), description, DEFAULT, ())


@function(
    "core_calendar_get_calendar_events",
    {
        "events": Single(
            {
                "eventids": _ids("List of event ids"),
                "courseids": _ids("List of course ids for which events will be returned"),
                "groupids": _ids("List of group ids for which events should be returned"),
                "categoryids": _ids("List of category ids for which events will be returned"),
            },
            "Event details",
            DEFAULT,
            {},
        ),
        "options": Single(
            {
                "userevents": Value("bool", "whether to return the caller's own events", DEFAULT, True),
                "siteevents": Value("bool", "whether to return site events", DEFAULT, True),
                "timestart": Value("int", "Time from which events should be returned", DEFAULT, 0, nullable=True),
                "timeend": Value("int", "Time to which the events should be returned", DEFAULT, 0, nullable=True),
                "ignorehidden": Value("bool", "Ignore hidden events or not", DEFAULT, True),
            },
            "Options",
            DEFAULT,
            {},
        ),
    },
    Single({"events": Multiple(Single(_EVENT), "events"), "warnings": WARNINGS}),
)
def get_calendar_events(call: Call, events: dict[str, list[int]], options: dict[str, Any]) -> dict[str, Any]:
    courses, warnings = courses_asked(events["courseids"], call.userid) if events["courseids"] else ([], [])
    mine = select(GroupMember.groupid).where(GroupMember.userid == call.userid)
    wanted: list[ColumnElement[bool]] = [
        CalendarEvent.courseid.in_([course.id for course in courses]),
        CalendarEvent.groupid.in_(mine) & CalendarEvent.groupid.in_(events["groupids"]),
        CalendarEvent.id.in_(events["eventids"]),
    ]
    if options["userevents"]:
        wanted.append((CalendarEvent.userid == call.userid) & (CalendarEvent.eventtype == "user"))
    if options["siteevents"]:
        wanted.append(CalendarEvent.courseid == SITE_COURSE_ID)
    rows = select(CalendarEvent).where(or_(*wanted), CalendarEvent.timestart >= (options["timestart"] or 0))
    if options["timeend"]:
        rows = rows.where(CalendarEvent.timestart <= options["timeend"])
    found = [
        row for row in current.session.scalars(rows.order_by(CalendarEvent.timestart)) if _visible(row, call.userid)
    ]
    return {"events": [_event(row) for row in found], "warnings": warnings}


def _visible(row: CalendarEvent, userid: int) -> bool:
    if not row.modulename:
        return True
    cm = current.session.scalar(
        select(CourseModule).where(CourseModule.modname == row.modulename, CourseModule.instance == row.instance)
    )
    return cm is not None and visibility_of(cm, userid).uservisible


def _event(row: CalendarEvent) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "format": 1,
        "courseid": row.courseid,
        "categoryid": 0,
        "groupid": row.groupid,
        "userid": row.userid,
        "repeatid": None,
        "modulename": row.modulename or None,
        "instance": row.instance,
        "eventtype": row.eventtype,
        "timestart": row.timestart,
        "timeduration": row.timeduration,
        "visible": 1,
        "uuid": "",
        "sequence": 1,
        "timemodified": row.timemodified,
        "subscriptionid": None,
    }
