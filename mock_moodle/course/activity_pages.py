"""/mod/…/view.php of activities that have no package of their own: their introduction, a page's text, files, a link.
What one does in them is not mocked."""

from __future__ import annotations

from flask import Blueprint, Response

from mock_moodle.access import context_course, context_module, has_capability
from mock_moodle.course.activities import KINDS, settings_of
from mock_moodle.errors import MissingByQuery, MoodleError
from mock_moodle.files import download_address, main_file, module_files
from mock_moodle.login.browser import require_login
from mock_moodle.page import page, redirect, required_param
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule, User

NAMED_BY_COURSE = ("assign", "folder", "lesson", "page", "url")
"""Kinds whose page is called "C1: Homework"; others are called by their name alone."""
EDITED = {
    "book": ("mod/book:edit", "/mod/book/edit.php?cmid={}"),
    "lesson": ("mod/lesson:manage", "/mod/lesson/edit.php?id={}"),
}
"""Kinds that lead those who fill them to the form for that while they are empty: capability and address."""
EMPTY = {
    "book": "No content has been added to this book yet.",
    "data": "Activity not ready yet",
    "forum": "There are no discussion topics yet in this forum",
    "lesson": "This lesson is not ready to be taken.",
}


def add_to(blueprint: Blueprint) -> None:
    for modname in KINDS:
        if modname != "quiz":
            blueprint.add_url_rule(
                f"/mod/{modname}/view.php", endpoint=f"view_{modname}", view_func=view, defaults={"modname": modname}
            )


def view(modname: str) -> Response:
    cm = current.session.get(CourseModule, required_param("id", int))
    if cm is None:
        raise MoodleError("invalidcoursemodule", "Invalid course module ID")
    if cm.modname != modname:
        raise MissingByQuery
    course = current.session.get_one(Course, cm.course)
    user = require_login(course, cm)
    elsewhere = _elsewhere(cm, user)
    if elsewhere:
        return redirect(elsewhere)
    return page(
        "course/activity.html",
        title=_title(cm, course),
        heading=cm.name,
        contextid=context_module(cm.id).id,
        coursecontextid=context_course(course.id).id,
        breadcrumb=[(course.shortname, f"/course/view.php?id={course.id}"), (cm.name, "")],
        intro=settings_of(cm).get("intro", ""),
        content=cm.settings.get("content", "") if modname == "page" else "",
        link=cm.settings.get("externalurl", "") if modname == "url" else "",
        files=[(stored.filename, download_address(stored)) for stored in module_files(cm)],
        empty=EMPTY.get(modname, ""),
        name=cm.name,
    )


def _title(cm: CourseModule, course: Course) -> str:
    if cm.modname == "data":
        return f"{cm.name} | {course.fullname}"
    if cm.modname == "workshop":
        return f"{cm.name} (Setup phase)"
    return f"{course.shortname}: {cm.name}" if cm.modname in NAMED_BY_COURSE else cm.name


def _elsewhere(cm: CourseModule, user: User) -> str:
    """Where the kind leads at once; empty if it has a page."""
    if not KINDS[cm.modname].has_page:
        return f"/course/view.php?id={cm.course}#module-{cm.id}"
    main = main_file(cm)
    if main is not None:
        return download_address(main)
    if cm.modname in EDITED:
        capability, address = EDITED[cm.modname]
        if has_capability(capability, context_module(cm.id), user.id):
            return address.format(cm.id)
    return ""
