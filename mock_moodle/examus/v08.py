"""The plugin's v0.8, as recorded: its defects are what its services live with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from contract.entry import Status
from contract.webservice import ENTRY_NOT_FOUND
from contract.wire import TIMESCHEDULED_CLEAR, TIMESCHEDULED_UNCHANGED
from mock_moodle.access import context_user
from mock_moodle.availability.site import coding_error
from mock_moodle.errors import MissingRecord, MoodleError
from mock_moodle.examus import entries, session
from mock_moodle.examus.behaviour import Behaviour
from mock_moodle.examus.exam import Exam, read_exam
from mock_moodle.examus.exams import node_of
from mock_moodle.examus.models import Entry
from mock_moodle.examus.users import first_user
from mock_moodle.quiz.models import Quiz
from mock_moodle.site import current
from mock_moodle.store.collation import same
from mock_moodle.store.core import Course, CourseModule, PrivateKey, User
from mock_moodle.webservice.response import to_json

STATUS_LENGTH = 255
PICTURE_KEY_SECONDS = 3600


class V08(Behaviour):
    complete_exams = False
    own_ways_in = False
    not_renewed = ENTRY_NOT_FOUND

    def require_caller(self, userid: int) -> None:
        """Anybody with a token of the service."""

    def user_by_email(self, email: str) -> User | None:
        local, at, domain = email.partition("@")
        if not at:
            return None
        name, plus, username = local.partition("+")
        if plus:
            user = first_user(_named, f"{name}@{domain}", username)
            if user is not None:
                return user
        return first_user(_named, email)

    def admits(self, cm: CourseModule, exam: Exam, userid: int, *, negated: bool) -> bool:  # noqa: ARG002
        """Any entry of the code will do, whatever became of it; the exam's groups are not asked."""
        code = session.last_code()
        entry = entries.by_code(code) if code else None
        mine = entry is not None and (entry.userid, entry.courseid, entry.cmid) == (userid, cm.course, cm.id)
        return mine != negated

    def describe(self, cm: CourseModule, exam: Exam, *, negated: bool) -> str:  # noqa: ARG002
        return "Use examus app to view this module"

    def current_entry(self, found: Sequence[Entry], cm: CourseModule, exam: Exam, userid: int) -> Entry | None:
        """Every entry counts as an attempt, and a booked or running one does not keep a second from being issued."""
        fresh = entries.unused(found)
        if fresh is not None:
            return fresh
        if exam.auto_rescheduling:
            missed = next((entry for entry in found if entries.missed_slot(entry)), None)
            if missed is not None:
                entries.move(missed, Status.RESCHEDULED.value)
                return entries.issue(cm.course, cm.id, userid)
        allowed = _allowed_attempts(cm)
        return entries.issue(cm.course, cm.id, userid) if not allowed or len(found) < allowed else None

    def bracket(self, cm: CourseModule, userid: int) -> tuple[int | None, int | None]:  # noqa: ARG002
        """Overrides for a user or a group are not looked at."""
        if cm.modname == "quiz":
            return current.cached((Quiz.__tablename__,), ("quiz bracket", cm.instance), lambda: _bracket(cm.instance))
        if cm.modname == "assign":
            return int(cm.settings.get("allowsubmissionsfromdate") or 0), int(cm.settings.get("duedate") or 0)
        return None, None

    def exam_behind(self, entry: Entry) -> tuple[CourseModule, Course, Exam]:
        course = current.session.get(Course, entry.courseid)
        if course is None:
            raise MissingRecord("course", id=entry.courseid)
        cm = current.session.get(CourseModule, entry.cmid)
        if cm is None:
            if current.site.release.at_least("4.1"):
                raise MoodleError("invalidcoursemoduleid", f"Invalid course module ID: {entry.cmid}")
            raise MoodleError("invalidcoursemodule", "Invalid course module ID")
        if not cm.availability:
            raise coding_error("Cannot call get_availability_tree with null availability")
        node = node_of(cm)
        if node is None:
            raise MoodleError("", "Call to a member function to_json() on null", exception="Error")
        return cm, course, read_exam(node, complete=False)

    def store_review(self, entry: Entry, given: Mapping[str, Any]) -> bool:
        """What is not sent is wiped, but for link and slot. A fresh install loses titles: their column is misnamed."""
        if len(given["status"]) > STATUS_LENGTH:
            raise MoodleError("dmlwriteexception", "Error writing to database", exception="dml_write_exception")
        if given["review_link"]:
            entry.review_link = given["review_link"]
        if given["timescheduled"] != TIMESCHEDULED_UNCHANGED:
            cleared = given["timescheduled"] == TIMESCHEDULED_CLEAR
            entry.timescheduled = None if cleared else given["timescheduled"]
        entry.comment = given["comment"]
        entry.score = given["score"]
        entry.session_start = given["session_start"]
        entry.session_end = given["session_end"]
        entry.threshold = to_json(given["threshold"]).decode()
        entry.warnings = to_json(given["warnings"]).decode()
        entries.move(entry, given["status"])
        if not entry.attemptid and entry.status != Status.SCHEDULED:
            self.renew(entry)
        return True

    def renew(self, entry: Entry) -> Entry | None:
        used = entry.status != Status.NOT_INITED and entries.unused(entries.siblings(entry)) is None
        return entries.issue(entry.courseid, entry.cmid, entry.userid) if used else None

    def replace(self, entry: Entry) -> Entry:
        for sibling in entries.siblings(entry):
            if sibling.status == Status.NOT_INITED:
                entries.move(sibling, Status.FORCE_RESET.value)
        return entries.issue(entry.courseid, entry.cmid, entry.userid)

    def picture_address(self, user: User) -> str:
        """Under a key to all of the user's files."""
        now = current.clock.time()
        key = current.keys.md5()
        current.session.add(
            PrivateKey(
                script="core_files",
                value=key,
                userid=user.id,
                validuntil=now + PICTURE_KEY_SECONDS,
                timecreated=now,
            )
        )
        theme = current.config("theme") or "boost"
        path = f"/tokenpluginfile.php/{key}/{context_user(user.id).id}/user/icon/{theme}/f3"
        return current.url(path, rev=user.picture)

    def open_entry(self, code: str, user: User) -> Entry | None:  # noqa: ARG002
        """Neither the owner nor the status is asked: anybody's code starts, again and again."""
        entry = entries.by_code(code)
        if entry is not None:
            entries.move(entry, Status.STARTED.value)
            session.remember_last(code)
        return entry

    def attempt_started(self, attemptid: int, cm: CourseModule, userid: int) -> None:
        code = session.last_code()
        if code:
            entry = entries.by_code(code)
        else:
            same = entries.of_exam(userid, cm.course, cm.id)
            entry = entries.unused(entry for entry in same if entry.attemptid is None)
        if entry is not None:
            entry.attemptid = attemptid
            entries.move(entry, Status.STARTED.value, touch=False)

    def attempt_submitted(self, attemptid: int, cm: CourseModule, actorid: int) -> None:  # noqa: ARG002
        """Of whoever pressed the button: an attempt that a teacher or cron hands in stays "Started"."""
        for entry in entries.of_exam(actorid, cm.course, cm.id):
            if entry.status == Status.STARTED:
                entries.move(entry, Status.FINISHED.value, touch=False)

    def attempt_abandoned(self, attemptid: int, cm: CourseModule) -> None:
        """Goes unnoticed: the entry stays "Started"."""

    def attempt_deleted(self, attemptid: int, cm: CourseModule) -> None:
        query = select(Entry).where(Entry.cmid == cm.id, Entry.attemptid == attemptid)
        entry = current.session.scalars(query).first()
        if entry is not None:
            self.renew(entry)

    def module_saved(self, cm: CourseModule) -> None:
        """Noticed at the next poll only."""


def _named(email: str, username: str | None = None) -> tuple[ColumnElement[bool], ...]:
    by_email = same(User.email, email)
    return (by_email,) if username is None else (by_email, same(User.username, username))


def _bracket(quizid: int) -> tuple[int, int]:
    quiz = current.session.get_one(Quiz, quizid)
    return quiz.timeopen, quiz.timeclose


def _allowed_attempts(cm: CourseModule) -> int:
    return current.session.get_one(Quiz, cm.instance).attempts if cm.modname == "quiz" else 0
