"""core_calendar_get_calendar_events: what is on, from stored events and the dates of activities."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_system, has_capability
from mock_moodle.course.activities import settings_of
from mock_moodle.course.visibility import visibility_of
from mock_moodle.site import ADMIN_ID, SITE_COURSE_ID, current
from mock_moodle.store.core import CalendarEvent, CourseModule, GroupMember
from mock_moodle.webservice.courses_asked import courses_asked
from mock_moodle.webservice.registry import WARNINGS, Call, function

OPTIONAL, DEFAULT = Presence.OPTIONAL, Presence.DEFAULT
DATES = {
    "quiz": (("timeopen", "open", "opens"), ("timeclose", "close", "closes")),
    "assign": (("duedate", "due", "is due"),),
}
"""What the calendar tells of an activity: setting, type of the event, words after the activity's name."""

_EVENT: dict[str, Schema] = {
    "id": Value("int", "event id"),
    "name": Value("raw", "event name"),
    "description": Value("raw", "Description", OPTIONAL, nullable=True),
    "format": Value("int", "description format"),
    "courseid": Value("int", "course id"),
    "categoryid": Value("int", "Category id (only for category events).", OPTIONAL, nullable=True),
    "groupid": Value("int", "group id", nullable=True),
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
    sees_all = has_capability("moodle/calendar:manageentries", context_system(), call.userid)
    courses, groups, warnings = events["courseids"], events["groupids"], []
    if not sees_all:
        entered, refused = courses_asked(courses, call.userid, with_reason=True) if courses else ([], [])
        courses = [course.id for course in entered]
        warnings = [{**warning, "warningcode": "nopermissions"} for warning in refused]
        own = set(current.session.scalars(select(GroupMember.groupid).where(GroupMember.userid == call.userid)))
        groups = [each for each in groups if each in own]
        warnings += [_closed_group(each) for each in events["groupids"] if each not in own]
    if options["siteevents"]:
        courses = [*courses, SITE_COURSE_ID]
    since, until = options["timestart"] or 0, options["timeend"] or float("inf")
    every = all_events()
    listed = [
        event
        for event in sorted(every, key=lambda event: (event.timestart, event.id))
        if since <= event.timestart + event.timeduration
        and event.timestart <= until
        and (
            (event.courseid in courses and not event.groupid)
            or event.groupid in groups
            or (options["userevents"] and event.eventtype == "user" and event.userid == call.userid)
        )
    ]
    told = {event.id: _event(event) for event in listed if sees_all or _visible(event, call.userid)}
    asked = [event for event in every if event.id in events["eventids"]]
    told = {event.id: _row(event) for event in asked if sees_all or _visible(event, call.userid)} | told
    order = [*(event.id for event in listed), *events["eventids"]]
    return {"events": [told[each] for each in dict.fromkeys(order) if each in told], "warnings": warnings}


def all_events() -> list[CalendarEvent]:
    """The stored ones, and after them the dates of quizzes and assignments, in the order of the activities."""
    stored = list(current.session.scalars(select(CalendarEvent).order_by(CalendarEvent.id)))
    number = max((event.id for event in stored), default=0)
    modules = select(CourseModule).where(CourseModule.modname.in_(DATES)).order_by(CourseModule.id)
    derived: list[CalendarEvent] = []
    for cm in current.session.scalars(modules):
        settings = settings_of(cm)
        for setting, eventtype, words in DATES[cm.modname]:
            if not settings.get(setting):
                continue
            intro = str(settings.get("intro") or "")
            derived.append(
                CalendarEvent(
                    id=number + len(derived) + 1,
                    name=f"{cm.name} {words}",
                    description=f'<div class="no-overflow">{intro}</div>' if intro and cm.modname == "quiz" else intro,
                    courseid=cm.course,
                    groupid=0,
                    userid=ADMIN_ID,
                    modulename=cm.modname,
                    instance=cm.instance,
                    eventtype=eventtype,
                    timestart=int(settings[setting]),
                    timeduration=0,
                    timemodified=cm.added,
                )
            )
    return [*stored, *derived]


def _closed_group(group_id: int) -> dict[str, Any]:
    message = "you do not have permissions to access this group"
    return {"item": str(group_id), "warningcode": "nopermissions", "message": message}


def _visible(event: CalendarEvent, userid: int) -> bool:
    if not event.modulename:
        return True
    cm = current.session.scalar(
        select(CourseModule).where(CourseModule.modname == event.modulename, CourseModule.instance == event.instance)
    )
    return cm is not None and visibility_of(cm, userid).uservisible


def _event(event: CalendarEvent) -> dict[str, Any]:
    """As the calendar tells an event of a list: without what does not belong to its kind."""
    row = _row(event)
    del row["uuid"]
    return {**row, "categoryid": None, "groupid": event.groupid or None, "repeatid": None}


def _row(event: CalendarEvent) -> dict[str, Any]:
    """As the table has it."""
    return {
        "id": event.id,
        "name": event.name,
        "description": event.description,
        "format": 1,
        "courseid": event.courseid,
        "categoryid": 0,
        "groupid": event.groupid,
        "userid": event.userid,
        "repeatid": 0,
        "modulename": event.modulename or None,
        "instance": event.instance,
        "eventtype": event.eventtype,
        "timestart": event.timestart,
        "timeduration": event.timeduration,
        "visible": 1,
        "uuid": "",
        "sequence": 1,
        "timemodified": event.timemodified,
        "subscriptionid": None,
    }
