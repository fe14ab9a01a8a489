"""Pages for whoever is signed in: preferences, messages, the calendar. Guests are sent away from most."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response

from mock_moodle.access import context_system, has_capability
from mock_moodle.errors import MissingRecord, MoodleError, RequiredCapability
from mock_moodle.localtime import local
from mock_moodle.login.browser import require_login
from mock_moodle.page import optional_param, redirect, site_course
from mock_moodle.site import GUEST_ID, SITE_COURSE_ID, current
from mock_moodle.store.core import Course, User
from mock_moodle.undrawn.page import undrawn

NO_PROFILE = "guestnoeditprofile", "The guest user cannot edit their profile"
NO_MESSAGES = "guestnoeditmessage", "Guest user can not edit messaging options"
NO_SUBSCRIPTIONS = "errorcannotimport", "You cannot set up a calendar subscription at this time."
NO_ENTRY = "requireloginerror", "Course or activity not accessible."
NO_BLOGS = "noguest", "No guests here!"
UNKNOWN_USER = "invaliduserid", "Invalid user ID"


@dataclass(frozen=True)
class OwnPage:
    """`title` may name {site} and {user}; `guests` are refused with this error code and message."""

    title: str
    guests: tuple[str, str] | None = None


OWN_PAGES = {
    "/admin/tool/lp/plans.php": OwnPage("Learning plans", NO_ENTRY),
    "/blog/index.php": OwnPage("Site blog", NO_BLOGS),
    "/calendar/export.php": OwnPage("{site}: Calendar: Export"),
    "/calendar/managesubscriptions.php": OwnPage("{site}: Calendar: Subscriptions", NO_SUBSCRIPTIONS),
    "/grade/report/overview/index.php": OwnPage("Grades - {user}", UNKNOWN_USER),
    "/message/edit.php": OwnPage("Message preferences", NO_MESSAGES),
    "/message/notificationpreferences.php": OwnPage("Notification preferences", NO_MESSAGES),
    "/message/output/popup/notifications.php": OwnPage("Notifications", NO_MESSAGES),
    "/user/calendar.php": OwnPage("{site}: Calendar preferences", NO_PROFILE),
    "/user/editor.php": OwnPage("{site}: Editor preferences", NO_PROFILE),
    "/user/forum.php": OwnPage("{site}: Forum preferences", NO_PROFILE),
    "/user/language.php": OwnPage("{site}: Preferred language", NO_PROFILE),
    "/user/preferences.php": OwnPage("Preferences", NO_ENTRY),
}


def add_to(blueprint: Blueprint) -> None:
    for path, shown in OWN_PAGES.items():
        blueprint.add_url_rule(path, endpoint=path.replace(".", "_"), view_func=own_page, defaults={"shown": shown})
    for path, view in (
        ("/calendar/view.php", calendar),
        ("/course/search.php", course_search),
        ("/message/index.php", messages),
        ("/report/usersessions/user.php", sessions),
        ("/user/edit.php", edit_profile),
        ("/user/files.php", private_files),
    ):
        blueprint.add_url_rule(path, view_func=view)


def own_page(shown: OwnPage) -> Response:
    user = require_login()
    if shown.guests and user.id == GUEST_ID:
        raise MoodleError(*shown.guests)
    return undrawn(shown.title.format(site=site_course().shortname, user=user.fullname))


def calendar() -> Response:
    course = current.session.get(Course, optional_param("course", SITE_COURSE_ID, int))
    if course is None:
        raise MissingRecord("course")
    require_login(None if course.id == SITE_COURSE_ID else course)
    now = local(current.clock.time())
    view = {
        "month": f"Detailed month view: {now:%B %Y}",
        "day": f"Day view: {now:%A}, {now.day} {now:%B %Y}",
    }.get(optional_param("view"), "Upcoming events")
    return undrawn(f"{course.shortname}: Calendar: {view}", "Calendar")


def course_search() -> Response:
    """Open to anybody."""
    return undrawn("Search results" if optional_param("search") else "Search")


def messages() -> Response:
    if require_login().id == GUEST_ID:
        return redirect(current.site.wwwroot)
    return undrawn("Messages")


def sessions() -> Response:
    if require_login().id == GUEST_ID:
        return redirect("/")
    return undrawn("Browser sessions")


def private_files() -> Response:
    if require_login().id == GUEST_ID:
        return Response("", content_type="text/html; charset=utf-8")
    return undrawn("Private files")


def edit_profile() -> Response:
    """One's own, or another's with the right to."""
    viewer = require_login()
    if viewer.id == GUEST_ID:
        raise MoodleError(*NO_PROFILE)
    user = current.session.get(User, optional_param("id", viewer.id, int))
    if user is None or user.deleted:
        raise MoodleError(*UNKNOWN_USER)
    if user.id != viewer.id and not has_capability("moodle/user:update", context_system()):
        raise RequiredCapability("Edit user profile")
    return undrawn(f"{site_course().shortname}: Edit profile", user.fullname)
