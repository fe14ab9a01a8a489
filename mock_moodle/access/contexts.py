"""Contexts: system above category above course above module, and users beside them.

What these functions return is a copy outside the session: to read, not to change.
"""

from __future__ import annotations

from sqlalchemy import func, select

from mock_moodle.errors import MissingRecord, coding_error
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
    if not context_id:
        raise coding_error("Invalid context id specified context::instance_by_id()")

    def read() -> tuple[int, int] | None:
        wanted = select(Context.contextlevel, Context.instanceid).where(Context.id == context_id)
        found = current.session.execute(wanted).one_or_none()
        return (found.contextlevel, found.instanceid) if found else None

    found = current.cached(("context",), ("context id", context_id), read)
    if found is None:
        raise MissingRecord("context")
    return _find(*found)


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
    def read() -> Context | None:
        found = current.session.execute(
            select(Context.id, Context.path).where(Context.contextlevel == level, Context.instanceid == instance_id)
        ).one_or_none()
        if found is None:
            return None
        return Context(id=found.id, path=found.path, contextlevel=level, instanceid=instance_id)

    context = current.cached(("context",), ("context", level, instance_id), read)
    if context is None:
        raise MissingRecord("context")
    return context
