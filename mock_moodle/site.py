"""The running site, and `current`: what the request being served may use.

    from mock_moodle.site import current

    current.site            # the Site: wwwroot, release, store
    current.session         # this request's SQLAlchemy session; committed once the view has answered
    current.clock.time()    # epoch seconds
    current.keys.md5()      # random keys
    current.config("enablewebservices")            # a setting, None if unset; of a plugin: config("name", "plugin")
    current.set_config("allowframembedding", "1")
    current.url("/mod/quiz/view.php", id=3)        # absolute address
    current.rollback()      # this request shall change nothing (an error page does that by itself)
    current.commit()        # before calling another server: gives the writer's lock back

Outside a request, `with site.visit(): ...` makes `current` usable.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from mock_moodle.clock import Clock
from mock_moodle.keys import Keys
from mock_moodle.releases import Release
from mock_moodle.store import Store
from mock_moodle.store.core import Config
from mock_moodle.store.database import TOUCHED, UNKNOWN

if TYPE_CHECKING:
    from mock_moodle.webservice.registry import ExternalFunction

Result = TypeVar("Result")

SITE_COURSE_ID = 1
GUEST_ID, ADMIN_ID = 1, 2

_CONFIG = select(Config.plugin, Config.name, Config.value)


@dataclass
class Site:
    """One mock Moodle. `wwwroot` is the address without a slash at the end."""

    store: Store
    wwwroot: str
    release: Release
    clock: Clock = field(default_factory=Clock)
    keys: Keys = field(default_factory=Keys)
    functions: dict[str, ExternalFunction] = field(default_factory=dict)
    """Web-service functions that only this site has: a test's own, and canned answers."""
    initial: sqlite3.Connection | None = None
    """The world as it was loaded: what a reset brings back."""
    secret: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    """Signs what only this site has to recognise. Not a setting: a read-only request may need it first."""

    def reset(self) -> None:
        """Back to the loaded world, with a running clock."""
        if self.initial is not None:
            self.store.restore(self.initial)
        self.clock.run()
        self.functions.clear()

    @contextmanager
    def visit(self, *, write: bool = True) -> Iterator[Visit]:
        """Makes this site current. The session opens at first use: for writing unless told otherwise."""
        visit = Visit(self, write)
        reset = _visit.set(visit)
        try:
            yield visit
            visit.close(commit=not visit.failed)
        except BaseException:
            visit.close(commit=False)
            raise
        finally:
            _visit.reset(reset)

    @contextmanager
    def joined(self) -> Iterator[Visit]:
        """The present visit of this site if there is one that writes, else a new one."""
        present = _visit.get(None)
        if present is not None and present.site is self and present.write:
            yield present
            present.session.flush()
        else:
            with self.visit() as visit:
                yield visit


class Visit:
    """What one request holds: at most one session at a time."""

    def __init__(self, site: Site, write: bool) -> None:
        self.site = site
        self.write = write
        self.failed = False
        self.userid: int | None = None
        """Whose web-service call this is; None on a page, where the browser's session tells."""
        self.address = ""
        """Where the request comes from."""
        self.settings: dict[str, str] = {}
        """The call's moodlewssetting… values: raw, fileurl, filter, lang, timezone."""
        self._open: ExitStack | None = None
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        if self._session is None:
            self._open = ExitStack()
            store = self.site.store
            self._session = self._open.enter_context(store.writing() if self.write else store.reading())
        return self._session

    def for_writing(self) -> None:
        """From here on a session that may change things, and sees the site as it is now."""
        if not self.write:
            self.close(commit=False)
            self.write = True

    def close(self, *, commit: bool) -> None:
        if self._open is None:
            return
        opened, self._open, self._session = self._open, None, None
        if commit:
            opened.close()
        else:
            opened.__exit__(_Rollback, _Rollback(), None)


class NeedsWritingError(Exception):
    """Raised where a visit that only reads would have to change something: it is made again, for writing."""


class _Rollback(Exception):  # noqa: N818 - not an error
    """Leaves a session without committing."""


_visit: ContextVar[Visit] = ContextVar("mock_moodle_visit")


class _Current:
    @property
    def visit(self) -> Visit:
        return _visit.get()

    @property
    def site(self) -> Site:
        return _visit.get().site

    @property
    def session(self) -> Session:
        return _visit.get().session

    @property
    def clock(self) -> Clock:
        return _visit.get().site.clock

    @property
    def keys(self) -> Keys:
        return _visit.get().site.keys

    def cached(self, tables: tuple[str, ...], key: Hashable, compute: Callable[[], Result]) -> Result:
        """`Store.cached`, except where this very request has changed one of the tables: then it is computed anew."""
        visit = _visit.get()
        if visit.write:
            session = visit.session
            if session.new or session.dirty or session.deleted:
                session.flush()
            touched = session.info[TOUCHED]
            if UNKNOWN in touched or not touched.isdisjoint(tables):
                return compute()
        return visit.site.store.cached(tables, key, compute)

    def require_writing(self) -> None:
        """Raises NeedsWritingError in a visit that only reads."""
        if not _visit.get().write:
            raise NeedsWritingError

    def config(self, name: str, plugin: str = "core") -> str | None:
        def read() -> dict[tuple[str, str], str]:
            return {(row.plugin, row.name): row.value for row in self.session.execute(_CONFIG)}

        return self.cached(("config",), "config", read).get((plugin, name))

    def enabled(self, name: str, plugin: str = "core") -> bool:
        """Whether a setting is on."""
        return self.config(name, plugin) not in (None, "", "0")

    def set_config(self, name: str, value: str | int | bool | None, plugin: str = "core") -> None:
        """None removes the setting."""
        row = self.session.get(Config, (plugin, name))
        if value is None:
            if row:
                self.session.delete(row)
        elif row:
            row.value = _as_text(value)
        else:
            self.session.add(Config(plugin=plugin, name=name, value=_as_text(value)))

    def url(self, path: str, **query: str | int) -> str:
        return self.site.wwwroot + path + (f"?{urlencode(query)}" if query else "")

    @contextmanager
    def aside(self) -> Iterator[Session]:
        """For a small write beside a call that only reads: a session of its own, or this request's if it writes."""
        visit = _visit.get()
        if visit.write:
            yield visit.session
            visit.session.flush()
        else:
            with visit.site.store.writing() as session:
                yield session

    def commit(self) -> None:
        self.visit.close(commit=True)

    def rollback(self) -> None:
        self.visit.failed = True


def _as_text(value: str | int | bool) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


current = _Current()
