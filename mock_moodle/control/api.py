"""The controls from Python, in the words of /__mock__/.

control = Control.of(app)
control.clock.freeze(1_800_000_000)
control.faults.add(Fault(function="core_user_get_users", steps=[Step(status=503)]))
control.journal.wait_for(function="core_user_get_users")
control.patch({"users": [{"username": "anna"}]})
control.answer("local_grades_get", {"grades": []})       # a function that the mock does not have
control.reset()
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from contract.webservice import Schema
from mock_moodle.clock import Clock
from mock_moodle.control.faults import Faults
from mock_moodle.control.journal import Journal
from mock_moodle.control.middleware import Controls
from mock_moodle.control.recorder import Recorder
from mock_moodle.errors import MoodleError
from mock_moodle.site import Site
from mock_moodle.webservice.registry import Body, Call, ExternalFunction, component_of
from mock_moodle.world.export import export_world
from mock_moodle.world.load import patch_world

Spec = dict[str, Any]


class Control:
    def __init__(self, site: Site, controls: Controls) -> None:
        self.site = site
        self._controls = controls
        self._snapshots: dict[str, sqlite3.Connection] = {}

    @classmethod
    def of(cls, app: Flask) -> Control:
        """The one Control of an application."""
        if "mock_moodle_control" not in app.extensions:
            app.extensions["mock_moodle_control"] = cls(
                app.extensions["mock_moodle"], app.extensions["mock_moodle_controls"]
            )
        control: Control = app.extensions["mock_moodle_control"]
        return control

    @property
    def journal(self) -> Journal:
        return self._controls.journal

    @property
    def faults(self) -> Faults:
        return self._controls.faults

    @property
    def recorder(self) -> Recorder:
        return self._controls.recorder

    @property
    def clock(self) -> Clock:
        return self.site.clock

    def reset(self) -> None:
        """The loaded world again, a running clock, no faults, an empty journal, no functions of a test's own."""
        self.site.reset()
        self._controls.reset()

    def snapshot(self, name: str = "default") -> None:
        """Remembers the present state under a name."""
        self._snapshots[name] = self.site.store.snapshot()

    def restore(self, name: str = "default") -> None:
        """KeyError for a name that was not given."""
        self.site.store.restore(self._snapshots[name])

    @property
    def snapshots(self) -> list[str]:
        return sorted(self._snapshots)

    def seed(self, seed: int | str | None) -> None:
        """Keys and tokens come in the same order from here on; None makes them unpredictable again."""
        self.site.keys.seed(seed)

    def patch(self, world: Spec) -> None:
        """Adds to the world, or changes it: the keys of a world file. Raises WorldError."""
        with self.site.joined():
            patch_world(world)

    def export(self) -> Spec:
        """The present state as a world."""
        with self.site.joined():
            return export_world()

    def answer(self, name: str, answer: Any) -> None:
        """A canned answer for a web-service function, whatever it is asked; every service then offers it."""
        self._register(name, None, None, lambda _call, **_parameters: answer)

    def refuse(self, name: str, errorcode: str, message: str) -> None:
        """An exception instead of an answer."""

        def body(_call: Call, **_parameters: Any) -> Any:
            raise MoodleError(errorcode, message)

        self._register(name, None, None, body)

    def function(
        self, name: str, parameters: dict[str, Schema] | None = None, returns: Schema | None = None
    ) -> Callable[[Body], Body]:
        """Decorates a Python answer: it gets the call and the parameters by name, cleaned if `parameters` declares
        them."""

        def declare(body: Body) -> Body:
            self._register(name, parameters, returns, body)
            return body

        return declare

    @contextmanager
    def database(self) -> Iterator[Any]:
        """A SQLAlchemy session on the site, committed at the end: to look at tables, or to change them. Inside another
        one of the same thread it is that one."""
        with self.site.joined() as visit:
            yield visit.session

    def _register(self, name: str, parameters: dict[str, Schema] | None, returns: Schema | None, body: Body) -> None:
        self.site.functions[name] = ExternalFunction(
            name, parameters, returns, body, "write", ajax=True, component=component_of(name), canned=returns is None
        )
