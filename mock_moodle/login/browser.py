"""The browser's session: who is signed in, their sesskey, what the next page shall say.

from mock_moodle.login.browser import browser, require_login, require_sesskey

user = require_login()                   # sends a visitor to the login form and back here afterwards
user = require_login(course)             # … and asks for access to the course
user = require_login(course, cm)         # … and for the activity to be available to the user
require_sesskey()                        # before changing anything; reads `sesskey` from form or query
browser().sesskey                        # for forms (templates have `sesskey` already)
browser().data["key"] = value            # PHP's $SESSION, kept with the session
notify("Saved", "success")               # shown at the top of the next page; kinds: success, info, warning, error
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Response, g, request

from mock_moodle.access import can_access_course, context_course, has_capability
from mock_moodle.errors import CourseHidden, InvalidSesskey, MoodleError, RequireLogin
from mock_moodle.site import GUEST_ID, current
from mock_moodle.store.core import BrowserSession, Course, CourseModule, User

COOKIE = "MoodleSession"


@dataclass
class Browser:
    """This request's view of a BrowserSession row. `new` means that the answer must carry a fresh cookie."""

    sid: str
    userid: int
    sesskey: str
    data: dict[str, Any] = field(default_factory=dict)
    new: bool = False

    @property
    def user(self) -> User | None:
        return current.session.get(User, self.userid) if self.userid else None

    @property
    def logged_in(self) -> bool:
        """Guests are signed in too; `is_guest` tells them apart."""
        return self.userid != 0

    @property
    def is_guest(self) -> bool:
        return self.userid == GUEST_ID


def browser() -> Browser:
    """The session of this request's cookie; a new one for an unknown, missing or ended session."""
    if "browser" not in g:
        sid = request.cookies.get(COOKIE, "")
        row = current.session.get(BrowserSession, sid) if sid else None
        if row is None or _timed_out(row):
            g.browser = Browser(current.keys.random_string(26).lower(), 0, current.keys.random_string(10), new=True)
        else:
            g.browser = Browser(row.sid, row.userid, row.sesskey, dict(row.data))
    found: Browser = g.browser
    return found


def signed_in_userid() -> int:
    """0 for a visitor; of the token's owner inside a web-service call."""
    caller = current.visit.userid
    return caller if caller is not None else browser().userid


def complete_user_login(user: User) -> None:
    """Under a new session id, so that a planted cookie is worth nothing; `data` goes along."""
    visitor = browser()
    _forget(visitor.sid)
    now = current.clock.time()
    g.browser = Browser(
        current.keys.random_string(26).lower(), user.id, current.keys.random_string(10), visitor.data, new=True
    )
    user.firstaccess = user.firstaccess or now
    user.lastaccess = now


def log_out() -> None:
    _forget(browser().sid)
    g.browser = Browser(current.keys.random_string(26).lower(), 0, current.keys.random_string(10), new=True)


def require_login(course: Course | None = None, cm: CourseModule | None = None) -> User:
    """The signed-in user, or RequireLogin, which a page turns into a redirect (to the login form, the course's
    enrolment page, or the course if the activity is not available)."""
    here = browser()
    user = here.user
    if user is None:
        here.data["wantsurl"] = current.site.wwwroot + request.full_path.rstrip("?")
        raise RequireLogin("You are not logged in")
    if course is not None and not course.visible and not _sees_hidden(course, user.id):
        raise CourseHidden
    if course is not None and not can_access_course(course, user.id):
        raise RequireLogin("Not enrolled", redirect_to=f"/enrol/index.php?id={course.id}")
    if cm is not None:
        from mock_moodle.course.visibility import visibility_of

        if not visibility_of(cm, user.id).uservisible:
            if not current.site.release.at_least("4.1"):
                raise MoodleError("activityiscurrentlyhidden", "Sorry, this activity is currently hidden")
            notify("This activity is not available", "error")
            raise RequireLogin("Activity is hidden", redirect_to=f"/course/view.php?id={cm.course}")
    return user


def _sees_hidden(course: Course, userid: int) -> bool:
    return has_capability("moodle/course:viewhiddencourses", context_course(course.id), userid)


def confirm_sesskey() -> bool:
    return request.values.get("sesskey", "") == browser().sesskey


def require_sesskey() -> None:
    if "sesskey" not in request.values:
        raise MoodleError("missingparam", "A required parameter (sesskey) was missing")
    if not confirm_sesskey():
        raise InvalidSesskey


def notify(message: str, kind: str = "info") -> None:
    browser().data.setdefault("notifications", []).append({"message": message, "kind": kind})


def take_notifications() -> list[dict[str, str]]:
    """For the layout: what there is to say, once."""
    taken: list[dict[str, str]] = browser().data.pop("notifications", [])
    return taken


def save(response: Response) -> Response:
    """After each page: writes the session back and hands out the cookie."""
    here: Browser | None = g.get("browser")
    if here is None:
        return response
    session, now = current.session, current.clock.time()
    row = session.get(BrowserSession, here.sid)
    if row is None:
        row = BrowserSession(sid=here.sid, timecreated=now)
        session.add(row)
    row.userid, row.sesskey, row.timemodified = here.userid, here.sesskey, now
    if row.data != here.data:
        row.data = here.data
    if here.new:
        secure = current.site.wwwroot.startswith("https:") and current.config("cookiesecure") != "0"
        response.set_cookie(COOKIE, here.sid, path="/", httponly=True, secure=secure, samesite=_same_site(secure))
    return response


def _same_site(secure: bool) -> str | None:
    """Releases from May 2026 say Lax always; before, None on secure cookies and nothing on others."""
    if current.site.release.lax_cookies:
        return "Lax"
    return "None" if secure else None


def _timed_out(row: BrowserSession) -> bool:
    limit = int(current.config("sessiontimeout") or 8 * 3600)
    return bool(row.userid) and row.timemodified + limit < current.clock.time()


def _forget(sid: str) -> None:
    row = current.session.get(BrowserSession, sid)
    if row is not None:
        current.session.delete(row)
