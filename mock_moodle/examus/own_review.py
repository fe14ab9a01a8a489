"""Lets a student look back at an attempt that was watched: the access code is used up, but the attempt is their own."""

from __future__ import annotations

from flask import request
from sqlalchemy import select

from mock_moodle.examus import entries, session
from mock_moodle.examus.models import Entry
from mock_moodle.page import optional_param
from mock_moodle.site import current

PAGES = ("/mod/quiz/review.php", "/mod/quiz/reviewquestion.php")
"""Pages that show a finished attempt, as far as the quiz allows."""


def is_shown(cmid: int, userid: int) -> bool:
    """Whether the page being asked for shows a watched attempt of the user that is over."""
    if not session.has_browser() or request.path not in PAGES:
        return False
    query = select(Entry.id).where(
        Entry.attemptid == optional_param("attempt", 0, int),
        Entry.userid == userid,
        Entry.cmid == cmid,
        Entry.status.not_in(entries.OPEN),
    )
    return current.session.scalar(query) is not None
