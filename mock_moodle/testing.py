"""A mock Moodle for test suites: a server in a thread, its controls, and a builder for what is on it.

    with MockMoodle() as moodle:
        anna = moodle.user("anna").enrolled_in("algebra")
        requests.post(f"{moodle.url}/login/token.php", data={"username": "anna", "password": anna.password, ...})

pytest users get the same as fixtures (`mock_moodle.pytest_plugin`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from contract.webservice import Schema
from mock_moodle.app import create_app
from mock_moodle.certificate import make_certificate
from mock_moodle.clock import Clock
from mock_moodle.control.api import Control
from mock_moodle.control.faults import Fault, Faults, Step
from mock_moodle.control.journal import Journal
from mock_moodle.mobile import SERVICE as MOBILE_SERVICE
from mock_moodle.releases import DEFAULT
from mock_moodle.server import Server, address_of, bind
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule, ExternalService, ExternalToken, User
from mock_moodle.webservice.registry import Body
from mock_moodle.world.load import World

__all__ = ["CourseHandle", "Fault", "MockMoodle", "Step", "UserHandle"]

PASSWORD = "Passw0rd!"  # noqa: S105 - opens a mock
ADMIN_PASSWORD = "Admin.1234"  # noqa: S105


class MockMoodle:
    """`https` makes a certificate, whose file is then `certificate`; the rest is `create_app`'s."""

    def __init__(
        self,
        world: World | Path | dict[str, Any] | None = None,
        *,
        moodle: str = DEFAULT,
        plugins: Iterable[Path] = (),
        seed: int | str | None = None,
        https: bool = False,
        port: int = 0,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mock-moodle-") if https else None
        files = make_certificate(Path(self._folder.name)) if self._folder else None
        self.certificate = files[0] if files else None
        bound = bind("127.0.0.1", port)
        self.url = address_of(bound, "https" if https else "http")
        loaded = World(world) if isinstance(world, dict) else world or World(STARTER)
        self.app = create_app(loaded, wwwroot=self.url, moodle=moodle, control=True, seed=seed, plugins=plugins)
        self.control = Control.of(self.app)
        self._server = Server(self.app, bound, files)

    def __enter__(self) -> MockMoodle:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, traceback)
        self.control.site.store.close()
        if self._folder:
            self._folder.cleanup()

    @property
    def journal(self) -> Journal:
        return self.control.journal

    @property
    def faults(self) -> Faults:
        return self.control.faults

    @property
    def clock(self) -> Clock:
        return self.control.clock

    def fault(
        self, *, path: str | None = None, function: str | None = None, times: int | None = 1, **step: Any
    ) -> Fault:
        """One step, `times` times (None: always): `moodle.fault(function="core_*", status=503)`."""
        return self.faults.add(Fault.from_dict({"path": path, "function": function, "times": times, **step}))

    def answer(self, function: str, answer: Any) -> None:
        """A canned answer for a web-service function."""
        self.control.answer(function, answer)

    def function(
        self, name: str, parameters: dict[str, Schema] | None = None, returns: Schema | None = None
    ) -> Callable[[Body], Body]:
        """A Python answer: `@moodle.function("local_x_add") def add(call, a, b): return int(a) + int(b)`."""
        return self.control.function(name, parameters, returns)

    def reset(self) -> None:
        self.control.reset()

    def user(self, username: str, **fields: Any) -> UserHandle:
        """Makes a user, or finds one; `fields` are a world file's (`email`, `idnumber`, `profile`, `picture` …)."""
        fields.setdefault("email", f"{username}@example.com")
        fields.setdefault("firstname", username.capitalize())
        fields.setdefault("lastname", "Tester")
        fields.setdefault("password", PASSWORD)
        with self.control.database() as session:
            known = session.scalar(select(User.id).where(User.username == username))
        if known is None:
            self.control.patch({"users": [{"username": username, **fields}]})
        return UserHandle(self, username)

    def course(self, shortname: str, **fields: Any) -> CourseHandle:
        """Makes a course with one section, or finds one."""
        with self.control.database() as session:
            known = session.scalar(select(Course.id).where(Course.shortname == shortname))
        if known is None:
            fields.setdefault("fullname", shortname.capitalize())
            fields.setdefault("sections", [{"section": 0}, {"section": 1}])
            self.control.patch({"courses": [{"shortname": shortname, **fields}]})
        return CourseHandle(self, shortname)


class UserHandle:
    """A user of a mock Moodle."""

    def __init__(self, moodle: MockMoodle, username: str) -> None:
        self._moodle = moodle
        self.username = username

    @property
    def id(self) -> int:
        return int(self._value(User.id))

    @property
    def email(self) -> str:
        return str(self._value(User.email))

    @property
    def password(self) -> str:
        return str(self._value(User.password))

    def enrolled_in(self, shortname: str, role: str = "student") -> UserHandle:
        """Enrols; a course that does not exist yet is made."""
        self._moodle.course(shortname)
        self._moodle.control.patch(
            {"courses": [{"shortname": shortname, "enrolments": [{"user": self.username, "role": role}]}]}
        )
        return self

    def with_role(self, role: str, *, allow: Iterable[str] = ()) -> UserHandle:
        """Assigns a role at the top; `allow` gives it capabilities, and makes it if need be."""
        self._moodle.control.patch(
            {
                "roles": [{"shortname": role, "allow": list(allow)}],
                "role_assignments": [{"role": role, "user": self.username}],
            }
        )
        return self

    def token(self, service: str = MOBILE_SERVICE) -> str:
        """A web-service token for a service, by short name or name: the one they have, or a new one."""
        moodle = self._moodle
        with moodle.control.database() as session:
            wanted = (ExternalService.shortname == service) | (ExternalService.name == service)
            found = session.scalar(select(ExternalService).where(wanted))
            if found is None:
                raise LookupError(f"there is no service {service!r}")
            user = session.scalars(select(User).where(User.username == self.username)).one()
            known = session.scalar(
                select(ExternalToken.token).where(
                    ExternalToken.userid == user.id, ExternalToken.externalserviceid == found.id
                )
            )
            return known or _issue(session, user, found)

    def _value(self, column: InstrumentedAttribute[Any]) -> Any:
        with self._moodle.control.database() as session:
            return session.scalars(select(column).where(User.username == self.username)).one()


class CourseHandle:
    """A course of a mock Moodle."""

    def __init__(self, moodle: MockMoodle, shortname: str) -> None:
        self._moodle = moodle
        self.shortname = shortname

    @property
    def id(self) -> int:
        with self._moodle.control.database() as session:
            return int(session.scalars(select(Course.id).where(Course.shortname == self.shortname)).one())

    def module(self, modname: str, name: str, *, section: int = 1, **settings: Any) -> int:
        """Adds an activity; its course module id."""
        spec = {"modname": modname, "name": name, **settings}
        self._moodle.control.patch(
            {"courses": [{"shortname": self.shortname, "sections": [{"section": section, "modules": [spec]}]}]}
        )
        course_id = self.id
        with self._moodle.control.database() as session:
            wanted = select(CourseModule.id).where(CourseModule.course == course_id, CourseModule.name == name)
            return int(session.scalars(wanted.order_by(CourseModule.id.desc())).first())

    def quiz(self, name: str, *, questions: Iterable[str] = (), **settings: Any) -> int:
        """Adds a quiz with questions of the world's; its course module id."""
        return self.module("quiz", name, questions=list(questions), **settings)


def _issue(session: Any, user: User, service: ExternalService) -> str:
    token = ExternalToken(
        token=current.keys.md5(),
        privatetoken=current.keys.random_string(64),
        userid=user.id,
        externalserviceid=service.id,
        timecreated=current.clock.time(),
    )
    session.add(token)
    session.flush()
    return token.token


STARTER: dict[str, Any] = {
    "site": {"settings": {"enablemobilewebservice": True}},
    "users": [{"username": "admin", "password": ADMIN_PASSWORD, "email": "admin@example.com"}],
    "questions": {
        "moon": {"qtype": "truefalse", "text": "<p>The Moon orbits the Earth.</p>", "correct": True},
    },
}
"""A site with web services switched on, an administrator, one question, and nothing else."""
