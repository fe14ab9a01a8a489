"""What stands on such a page, and in the journal."""

from __future__ import annotations

from flask import Response, request

from mock_moodle.access import context_course
from mock_moodle.page import SYSTEM_CONTEXT_ID, page
from mock_moodle.site import SITE_COURSE_ID
from mock_moodle.store.core import Course
from mock_moodle.webservice.fast import NOTES


def undrawn(title: str, heading: str = "", *, course: Course | None = None) -> Response:
    """`heading` is the last thing that the title names unless given."""
    note(f"{request.path} is a page of Moodle that the mock does not draw: only title, access and refusals are real")
    around = context_course(course.id if course else SITE_COURSE_ID).id
    return page(
        "undrawn.html",
        title=title,
        heading=heading or title.split(" | ")[0],
        within="" if course is None else course.fullname,
        contextid=around if course else SYSTEM_CONTEXT_ID,
        coursecontextid=around,
    )


def note(said: str) -> None:
    """For whoever reads the journal; nothing without one."""
    request.environ.get(NOTES, []).append(said)
