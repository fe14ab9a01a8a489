"""Contexts: system above category above course above module, and users beside them."""

from __future__ import annotations

from sqlalchemy import func, select

from mock_moodle.errors import MissingRecord
from mock_moodle.site import current
from mock_moodle.store.core import COURSE, COURSECAT, MODULE, SYSTEM, USER, Context


def context_system() -> Context:
    return _find(SYSTEM, 0)


def context_user(userid: int) -> Context:
    return _find(USER, userid)


def context_coursecat(category_id: int) -> Context:
    return _find(COURSECAT, category_id)


def context_course(course_id: int) -> Context:
    return _find(COURSE, course_id)


def context_module(cmid: int) -> Context:
    return _find(MODULE, cmid)


def context_by_id(context_id: int) -> Context:
    context = current.session.get(Context, context_id)
    if context is None:
        raise MissingRecord("context")
    return context


def create_context(level: int, instance_id: int, parent: Context | None, *, context_id: int | None = None) -> Context:
    """Numbers it after the last one unless told its id."""
    session = current.session
    if context_id is None:
        context_id = (session.scalar(select(func.max(Context.id))) or 0) + 1
    path = f"{parent.path if parent else ''}/{context_id}"
    context = Context(id=context_id, contextlevel=level, instanceid=instance_id, path=path)
    session.add(context)
    session.flush()
    return context


def _find(level: int, instance_id: int) -> Context:
    session = current.session

    def read() -> Context | None:
        found = session.scalar(select(Context).where(Context.contextlevel == level, Context.instanceid == instance_id))
        if found is not None and not current.visit.write:
            session.expunge(found)  # outlives this session in the cache
        return found

    if current.visit.write:
        context = read()
    else:
        context = current.site.store.cached(("context",), ("context", level, instance_id), read)
    if context is None:
        raise MissingRecord("context")
    return context
