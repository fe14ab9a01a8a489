"""The plugin as this repository builds it: v0.8's contract, without its defects."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, func, select

from contract.access import WEBSERVICE
from contract.entry import CONCLUSIONS, TRANSITIONS, Status, Trigger
from contract.panel import WayIn
from contract.push import PushEvent
from contract.webservice import UNUSED_ENTRY_EXISTS
from contract.wire import PLUGIN_PATH, TIMESCHEDULED_CLEAR, TIMESCHEDULED_UNCHANGED
from mock_moodle.access import context_system, require_capability
from mock_moodle.errors import MoodleError
from mock_moodle.examus import entries, own_review, push, session
from mock_moodle.examus.behaviour import Behaviour
from mock_moodle.examus.exam import Exam, read_exam
from mock_moodle.examus.exams import node_of
from mock_moodle.examus.groups import concerns
from mock_moodle.examus.models import Entry
from mock_moodle.examus.settings import code_lifetime, way_in_of
from mock_moodle.examus.strings import string
from mock_moodle.examus.users import first_user
from mock_moodle.quiz.models import NOT_STARTED, Quiz, QuizAttempt
from mock_moodle.quiz.overrides import LIMITED_BY, effective
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule, User
from mock_moodle.webservice.response import to_json

STATUS_LENGTH = 255
PICTURE_SECONDS = 3600
RENEWING = frozenset(status.value for status in (*CONCLUSIONS, Status.NOT_REVIEWED))
"""A conclusion about an entry that no attempt ever used gives the student another one."""

BOOKABLE = frozenset(move.before.value for move in TRANSITIONS if move.trigger is Trigger.SLOT_BOOKED)


class Successor(Behaviour):
    complete_exams = True
    own_ways_in = True
    not_renewed = UNUSED_ENTRY_EXISTS

    def require_caller(self, userid: int) -> None:
        require_capability(WEBSERVICE.full_name(), context_system(), userid)

    def user_by_email(self, email: str) -> User | None:
        local, at, domain = email.rpartition("@")
        if not at or "@" in local:
            return None
        name, plus, username = local.rpartition("+")
        if plus and name and username:
            user = first_user(_active, f"{name}@{domain}", username.lower())
            if user is not None:
                return user
        return first_user(_active, email)

    def admits(self, cm: CourseModule, exam: Exam, userid: int, *, negated: bool) -> bool:
        if not concerns(exam, cm.course, userid):
            return True
        code = session.code_for(cm.id)
        entry = entries.by_code(code) if code else None
        mine = entry is not None and (entry.userid, entry.cmid) == (userid, cm.id) and is_open(entry)
        return (mine or own_review.is_shown(cm.id, userid)) != negated

    def describe(self, cm: CourseModule, exam: Exam, *, negated: bool) -> str:
        if negated:
            return string("use_not")
        if way_in_of(exam) is WayIn.PANEL:
            return string("use_panel", current.url(f"{PLUGIN_PATH}/start.php", id=cm.id))
        return string("use_examus")

    def current_entry(self, found: Sequence[Entry], cm: CourseModule, exam: Exam, userid: int) -> Entry | None:
        for status in (Status.STARTED, Status.SCHEDULED, Status.NOT_INITED):
            for entry in found:
                if entry.status != status or is_expired(entry):
                    continue
                if exam.auto_rescheduling and entries.missed_slot(entry):
                    entries.move(entry, Status.RESCHEDULED.value)
                    return _unused(found) or _reset(entry)
                return entry
        return entries.issue(cm.course, cm.id, userid) if _may_attempt(cm, userid) else None

    def bracket(self, cm: CourseModule, userid: int) -> tuple[int | None, int | None]:
        if cm.modname == "quiz":
            return current.cached(LIMITED_BY, ("bracket", cm.instance, userid), lambda: _bracket(cm.instance, userid))
        if cm.modname == "assign":
            return int(cm.settings.get("allowsubmissionsfromdate") or 0), int(cm.settings.get("duedate") or 0)
        return None, None

    def exam_behind(self, entry: Entry) -> tuple[CourseModule, Course, Exam] | None:
        course = current.session.get(Course, entry.courseid)
        cm = current.session.get(CourseModule, entry.cmid)
        node = node_of(cm) if cm else None
        return (cm, course, read_exam(node, complete=True)) if cm and course and node else None

    def store_review(self, entry: Entry, given: Mapping[str, Any]) -> bool:
        """Only what is sent is changed. What runs or is judged cannot be booked: that would undo it."""
        if given["status"] == Status.SCHEDULED and entry.status not in BOOKABLE:
            return False
        if len(given["status"]) > STATUS_LENGTH:
            raise MoodleError("dmlwriteexception", "Error writing to database", exception="dml_write_exception")
        for name in ("comment", "score", "session_start", "session_end"):
            if given[name] is not None:
                setattr(entry, name, given[name])
        if given["review_link"]:
            entry.review_link = given["review_link"]
        if given["timescheduled"] != TIMESCHEDULED_UNCHANGED:
            cleared = given["timescheduled"] == TIMESCHEDULED_CLEAR
            entry.timescheduled = None if cleared else given["timescheduled"]
        threshold = {"attention": None, "rejected": None, **(given["threshold"] or {})}
        if any(value is not None for value in threshold.values()):
            entry.threshold = to_json(threshold).decode()
        if given["warnings"]:
            entry.warnings = to_json(given["warnings"]).decode()
        titles = _json_or_none(given["warning_titles"])
        if isinstance(titles, (dict, list)):
            entry.warning_titles = to_json(titles).decode()
        entries.move(entry, given["status"])
        if not entry.attemptid and entry.status in RENEWING:
            self.renew(entry)
        return True

    def renew(self, entry: Entry) -> Entry | None:
        used = entry.status != Status.NOT_INITED and _unused(entries.siblings(entry)) is None
        return _reset(entry) if used else None

    def replace(self, entry: Entry) -> Entry:
        for sibling in entries.siblings(entry):
            booked = sibling.id == entry.id and sibling.status == Status.SCHEDULED and not sibling.attemptid
            if sibling.status == Status.NOT_INITED or booked:
                entries.move(sibling, Status.FORCE_RESET.value)
        return _reset(entry)

    def picture_address(self, user: User) -> str:
        """A signed address of the one file, good for an hour."""
        expires = current.clock.time() + PICTURE_SECONDS
        signature = picture_signature(user.id, expires)
        return current.url(f"{PLUGIN_PATH}/picture.php", user=user.id, expires=expires, signature=signature)

    def open_entry(self, code: str, user: User) -> Entry:
        entry = entries.by_code(code)
        if entry is None:
            raise MoodleError("error_unknowncode", string("error_unknowncode"))
        if entry.userid != user.id:
            raise MoodleError("error_foreigncode", string("error_foreigncode"))
        if not is_open(entry):
            raise MoodleError("error_closedcode", string("error_closedcode", a=entry.status))
        if entry.status != Status.STARTED:
            entries.move(entry, Status.STARTED.value)
        session.remember(entry.cmid, entry.accesscode)
        return entry

    def attempt_started(self, attemptid: int, cm: CourseModule, userid: int) -> None:
        code = session.code_for(cm.id)
        for entry in entries.of_exam(userid, cm.course, cm.id):
            chosen = entry.attemptid is None if code is None else entry.accesscode == code
            if chosen and is_open(entry):
                entry.attemptid = attemptid
                entries.move(entry, Status.STARTED.value)
                push.tell_entry(PushEvent.ATTEMPT_STARTED, entry)
                return

    def attempt_submitted(self, attemptid: int, cm: CourseModule, actorid: int) -> None:  # noqa: ARG002
        _end(attemptid, cm, PushEvent.ATTEMPT_SUBMITTED)

    def attempt_abandoned(self, attemptid: int, cm: CourseModule) -> None:
        _end(attemptid, cm, PushEvent.ATTEMPT_ABANDONED)

    def attempt_deleted(self, attemptid: int, cm: CourseModule) -> None:
        query = select(Entry).where(Entry.cmid == cm.id, Entry.attemptid == attemptid)
        for entry in current.session.scalars(query).all():
            if entry.status == Status.STARTED:
                entries.move(entry, Status.FINISHED.value)
            self.renew(entry)

    def module_saved(self, cm: CourseModule) -> None:
        known = current.session.scalars(select(Entry.id).where(Entry.cmid == cm.id)).first() is not None
        if node_of(cm) is not None:
            push.tell_condition(cm.course, cm.id, present=True)
        elif known:
            entries.delete_unused_of_module(cm.id)
            push.tell_condition(cm.course, cm.id, present=False)


def _reset(old: Entry) -> Entry:
    """A fresh access code in an old one's place."""
    fresh = entries.issue(old.courseid, old.cmid, old.userid)
    push.tell_entry(PushEvent.ENTRY_RESET, fresh)
    return fresh


def _end(attemptid: int, cm: CourseModule, event: PushEvent) -> None:
    """The entry's code opens nothing any more."""
    query = select(Entry).where(Entry.cmid == cm.id, Entry.attemptid == attemptid)
    for entry in current.session.scalars(query).all():
        if entry.status == Status.STARTED:
            entries.move(entry, Status.FINISHED.value)
            session.forget(cm.id)
            push.tell_entry(event, entry)


def is_open(entry: Entry) -> bool:
    return entry.status in entries.OPEN and not is_expired(entry)


def is_expired(entry: Entry) -> bool:
    """Only a code that no attempt uses yet runs out."""
    lifetime = code_lifetime()
    since = max(entry.timecreated, entry.timemodified, entry.timescheduled or 0)
    return bool(lifetime) and not entry.attemptid and current.clock.time() > since + lifetime


def picture_signature(userid: int, expires: int) -> str:
    return hmac.new(current.site.secret, f"picture.{userid}.{expires}".encode(), sha256).hexdigest()


def _unused(found: Sequence[Entry]) -> Entry | None:
    return entries.unused(entry for entry in found if not is_expired(entry))


def _bracket(quizid: int, userid: int) -> tuple[int, int]:
    limits = effective(current.session.get_one(Quiz, quizid), userid)
    return limits.timeopen, limits.timeclose


def _may_attempt(cm: CourseModule, userid: int) -> bool:
    """Real attempts count, not entries."""
    if cm.modname != "quiz":
        return True
    allowed = effective(current.session.get_one(Quiz, cm.instance), userid).attempts
    used = select(func.count()).where(
        QuizAttempt.quiz == cm.instance,
        QuizAttempt.userid == userid,
        QuizAttempt.preview == 0,
        QuizAttempt.state != NOT_STARTED,  # made in advance by cron, as Moodle 5.0 can
    )
    return not allowed or (current.session.scalar(used) or 0) < allowed


def _active(email: str, username: str | None = None) -> tuple[ColumnElement[bool], ...]:
    active = func.lower(User.email) == email.lower(), User.deleted.is_(False), User.suspended.is_(False)
    return active if username is None else (*active, User.username == username)


def _json_or_none(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
