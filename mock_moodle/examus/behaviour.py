"""What depends on the installed version of the plugin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from contract.wire import COMPONENT, V08_VERSION
from mock_moodle.examus.exam import Exam
from mock_moodle.examus.models import Entry
from mock_moodle.plugins import installed_version
from mock_moodle.store.core import Course, CourseModule, User


class Behaviour(ABC):
    """One release's ways. Entries are those of one user at one exam, the oldest first."""

    complete_exams: bool
    """Whether rules and scoring are filled up with defaults."""
    own_ways_in: bool
    """Whether the server withholds questions until a proof comes, rather than a shade that covers them."""
    not_renewed: str
    """What a service hears that asks for a fresh entry where there is an unused one."""

    @abstractmethod
    def require_caller(self, userid: int) -> None:
        """Raises for a token owner who may not call the functions."""

    @abstractmethod
    def user_by_email(self, email: str) -> User | None:
        """Also `name+username@domain`."""

    @abstractmethod
    def admits(self, cm: CourseModule, exam: Exam, userid: int, *, negated: bool) -> bool:
        """The restriction's own answer."""

    @abstractmethod
    def describe(self, cm: CourseModule, exam: Exam, *, negated: bool) -> str:
        """What the restriction demands, as HTML."""

    @abstractmethod
    def current_entry(self, found: Sequence[Entry], cm: CourseModule, exam: Exam, userid: int) -> Entry | None:
        """The entry that the exam list shows, issued if need be; None leaves the exam out."""

    @abstractmethod
    def bracket(self, cm: CourseModule, userid: int) -> tuple[int | None, int | None]:
        """When the activity opens and closes for a user: 0 for always, None where it has no such times."""

    @abstractmethod
    def exam_behind(self, entry: Entry) -> tuple[CourseModule, Course, Exam] | None:
        """What an access code leads to, or None for nothing to show."""

    @abstractmethod
    def store_review(self, entry: Entry, given: Mapping[str, Any]) -> bool:
        """Takes what a service says; whether it could be taken."""

    @abstractmethod
    def renew(self, entry: Entry) -> Entry | None:
        """A fresh entry beside a used one; None while this one, or another, is still unused."""

    @abstractmethod
    def replace(self, entry: Entry) -> Entry | None:
        """A forced fresh entry."""

    @abstractmethod
    def picture_address(self, user: User) -> str: ...

    @abstractmethod
    def open_entry(self, code: str, user: User) -> Entry | None:
        """Lets the code's bearer in: the entry, or None for an unknown code. Raises MoodleError with the reason."""

    @abstractmethod
    def attempt_started(self, attemptid: int, cm: CourseModule, userid: int) -> None: ...

    @abstractmethod
    def attempt_submitted(self, attemptid: int, cm: CourseModule, actorid: int) -> None: ...

    @abstractmethod
    def attempt_abandoned(self, attemptid: int, cm: CourseModule) -> None: ...

    @abstractmethod
    def attempt_deleted(self, attemptid: int, cm: CourseModule) -> None: ...

    @abstractmethod
    def module_saved(self, cm: CourseModule) -> None:
        """The activity's settings were changed."""


def behaviour() -> Behaviour:
    """Of the installed version; v0.8 and older ones share theirs."""
    from mock_moodle.examus.successor import Successor
    from mock_moodle.examus.v08 import V08

    return V08() if is_v08() else Successor()


def is_v08() -> bool:
    """Whether v0.8 or an older one is installed, or none: then nobody asks."""
    version = installed_version(COMPONENT)
    return version is None or version <= V08_VERSION


def is_installed() -> bool:
    return installed_version(COMPONENT) is not None
