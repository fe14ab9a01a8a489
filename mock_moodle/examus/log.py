"""The log: which student has which entry, what the review said, and "New entry"."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from contract.access import LOG_ACCESS, LOG_ACCESS_ALL, LOG_ACCESS_COURSE
from contract.entry import STATUS_TITLES, Status
from contract.wire import COMPONENT, LOG_PATH
from mock_moodle.access import context_course, context_system, has_capability, require_capability
from mock_moodle.errors import MissingRecord
from mock_moodle.examus.behaviour import Behaviour, behaviour
from mock_moodle.examus.models import Entry
from mock_moodle.examus.strings import string
from mock_moodle.localtime import day_and_time
from mock_moodle.login.browser import browser, require_login, require_sesskey
from mock_moodle.page import optional_param, page, redirect, required_param
from mock_moodle.quiz.models import QuizAttempt
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule, User

PAGE_SIZE = 30
V08_STATUSES = (Status.STARTED, Status.NOT_INITED, Status.RULES_VIOLATION, Status.CLEAN, Status.SUSPICIOUS)
FILE_HEADINGS = ("time_finish", "time_scheduled", "student", "course", "module", "status", "review", "score")
"""Names of the headings' strings."""
SAFE_SCHEMES = ("http://", "https://")


@dataclass(frozen=True)
class Row:
    """One entry with what it points to, as far as that still exists."""

    entry: Entry
    user: User | None
    course: Course | None
    cm: CourseModule | None
    timefinish: int | None

    @property
    def review_link(self) -> str:
        """Only an address that a browser opens as a page."""
        link = self.entry.review_link or ""
        return link if link.startswith(SAFE_SCHEMES) else ""

    @property
    def forced(self) -> bool:
        """Whether a new entry has to push this one aside."""
        booked = self.entry.status == Status.SCHEDULED and bool(self.entry.timescheduled)
        return self.entry.status == Status.NOT_INITED or booked


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/index.php", view_func=log_page, methods=["GET", "POST"])


def log_page() -> Response:
    ways = behaviour()
    action = optional_param("action", "index")
    if action == "index":
        return _index(ways)
    entry = _entry_of_reader(ways)
    if action == "renew":
        return _renew(ways, entry) if entry else redirect(LOG_PATH, string("entry_exist"), "error")
    return _show(entry) if entry else page("layout.html", title=None, heading=string("log_section"))


def _require_reader(ways: Behaviour, courseid: int) -> None:
    """Of the site's log; the successor also has one of each course for those who may see no other."""
    require_login()
    if has_capability(LOG_ACCESS.full_name(), context_system()):
        return
    if ways.own_ways_in and courseid and _may_see(courseid):
        return
    require_capability(LOG_ACCESS.full_name(), context_system())


def _may_see(courseid: int) -> bool:
    if has_capability(LOG_ACCESS_ALL.full_name(), context_system()):
        return True
    course = current.session.get(Course, courseid)
    return course is not None and has_capability(LOG_ACCESS_COURSE.full_name(), context_course(courseid))


def _entry_of_reader(ways: Behaviour) -> Entry | None:
    """None only with v0.8, which shows an empty page for an entry that is not there."""
    require_login()
    entry = current.session.get(Entry, required_param("id", int))
    if not ways.own_ways_in:  # v0.8 lets every reader of the log act on every entry
        require_capability(LOG_ACCESS.full_name(), context_system())
        return entry
    if entry is None:
        raise MissingRecord("availability_examus")
    if not _may_see(entry.courseid):
        require_capability(LOG_ACCESS_ALL.full_name(), context_system())
    return entry


def _renew(ways: Behaviour, entry: Entry) -> Response:
    if ways.own_ways_in:
        require_sesskey()
    forced = optional_param("force") not in ("", "0", "false")
    fresh = ways.replace(entry) if forced else ways.renew(entry)
    target = f"{LOG_PATH}?courseid={entry.courseid}" if ways.own_ways_in else LOG_PATH
    if fresh is not None:
        return redirect(target, string("new_entry_created"), "success")
    return redirect(target, string("entry_exist"), "error")


def _show(entry: Entry) -> Response:
    threshold = _json(entry.threshold)
    return page(
        "examus/details.html",
        title=string("log_section") if behaviour().own_ways_in else None,
        heading=string("log_section"),
        log_path=LOG_PATH,
        row=_rows(Entry.id == entry.id)[0],
        threshold=threshold if isinstance(threshold, dict) else {},
        warnings=_warnings(entry),
        time=format_time,
    )


def _index(ways: Behaviour) -> Response:
    courseid = optional_param("courseid", 0, int)
    _require_reader(ways, courseid)
    wanted = {name: request.values.get(name, "").strip() for name in ("userquery", "status", "from", "to")}
    conditions = _conditions(courseid, wanted)
    every = _rows(*conditions)
    if ways.own_ways_in and optional_param("download", "") == "csv":
        return _file(every)
    number = max(0, optional_param("page", 0, int))
    stored = sorted(set(current.session.scalars(select(Entry.status))))
    statuses = {status.value: STATUS_TITLES[status].en for status in (Status if ways.own_ways_in else V08_STATUSES)}
    return page(
        "examus/log.html",
        title=string("log_section") if ways.own_ways_in else None,
        heading=string("log_section"),
        log_path=LOG_PATH,
        rows=every[number * PAGE_SIZE : (number + 1) * PAGE_SIZE],
        total=len(every),
        page_number=number,
        page_size=PAGE_SIZE,
        courses=_courses(),
        courseid=courseid,
        statuses=statuses | {status: status for status in stored if status not in statuses},
        wanted=wanted,
        string=string,
        time=format_time,
    )


def _file(rows: list[Row]) -> Response:
    """The rows as Moodle's CSV: every page of them, without buttons and links."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(string(name) for name in FILE_HEADINGS)
    for row in rows:
        writer.writerow(
            [
                day_and_time(row.timefinish) if row.timefinish else "",
                day_and_time(row.entry.timescheduled) if row.entry.timescheduled else "",
                f"{row.user.fullname}, {row.user.email}" if row.user else "",
                row.course.fullname if row.course else "",
                row.cm.name if row.cm else "",
                STATUS_TITLES[Status(row.entry.status)].en if row.entry.status in set(Status) else row.entry.status,
                row.review_link,
                "" if row.entry.score is None else row.entry.score,
            ]
        )
    response = Response(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=UTF-8")
    response.headers["Content-Disposition"] = f"attachment; filename={COMPONENT}.csv"
    return response


def _conditions(courseid: int, wanted: dict[str, str]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if not has_capability(LOG_ACCESS_ALL.full_name(), context_system()):
        conditions.append(Entry.courseid.in_([course.id for course in _courses()]))
    if courseid:
        conditions.append(Entry.courseid == courseid)
    if wanted["status"]:
        conditions.append(Entry.status == wanted["status"])
    if wanted["userquery"]:
        begins = wanted["userquery"].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        matching = select(User.id).where(User.email.ilike(begins, escape="\\"))
        conditions.append(Entry.userid.in_(matching))
    since, until = _day("from", wanted["from"]), _day("to", wanted["to"])
    if since is not None:
        conditions.append(Entry.timemodified >= since)
    if until is not None:
        conditions.append(Entry.timemodified < until + 86_400)
    return conditions


def _day(name: str, iso: str) -> int | None:
    """Midnight of `name=2026-11-23`, or of v0.8's `name[day]=23&name[month]=11&name[year]=2026`."""
    parts = [request.values.get(f"{name}[{part}]", "") for part in ("year", "month", "day")]
    text = iso or "-".join(part.zfill(2) for part in parts)
    try:
        return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=timezone.utc).timestamp())
    except ValueError:
        return None


def _courses() -> list[Course]:
    """Courses with entries that the reader may see."""
    ids = set(current.session.scalars(select(Entry.courseid)))
    rows = current.session.scalars(select(Course).where(Course.id.in_(ids)).order_by(Course.fullname))
    return [course for course in rows if _may_see(course.id)]


def _rows(*conditions: ColumnElement[bool]) -> list[Row]:
    attempt = aliased(QuizAttempt)
    query = (
        select(Entry, User, Course, CourseModule, attempt.timefinish)
        .outerjoin(User, User.id == Entry.userid)
        .outerjoin(Course, Course.id == Entry.courseid)
        .outerjoin(CourseModule, CourseModule.id == Entry.cmid)
        .outerjoin(attempt, attempt.id == Entry.attemptid)
        .where(*conditions)
        .order_by(Entry.id.desc())
    )
    return [Row(*found) for found in current.session.execute(query)]


def _warnings(entry: Entry) -> list[dict[str, str]]:
    titles = _json(entry.warning_titles)
    shown = []
    for item in _json(entry.warnings) or []:
        read = _json(item) if isinstance(item, str) else item
        warning = read if isinstance(read, dict) else {"type": item}
        type_ = str(warning.get("type", ""))
        shown.append(
            {
                "type": type_,
                "title": _title(titles, type_),
                "start": _moment(warning.get("start")),
                "end": _moment(warning.get("end")),
            }
        )
    return shown


def _title(titles: Any, type_: str) -> str:
    by_language = titles.get(type_) if isinstance(titles, dict) else None
    if not isinstance(by_language, dict) or not by_language:
        return ""
    user = browser().user
    language = user.lang if user else "en"
    return str(by_language.get(language) or by_language.get("en") or next(iter(by_language.values())))


def _moment(value: Any) -> str:
    """Epoch seconds, or ISO 8601 as sent."""
    return format_time(value) if isinstance(value, int) else str(value or "")


def _json(text: Any) -> Any:
    try:
        return json.loads(text) if text else None
    except (TypeError, ValueError):
        return None


def format_time(timestamp: int | None) -> str:
    """In UTC, the mock's time zone."""
    return f"{datetime.fromtimestamp(timestamp, timezone.utc):%Y.%m.%d %H:%M}" if timestamp else ""
