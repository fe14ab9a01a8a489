"""Pages in Moodle's manner.

    return page("quiz/view.html", title="C1: Proctored exam", heading="Proctored exam", quiz=quiz)

renders a template that extends `layout.html` and fills `{% block content %}`; the browser's title becomes
"C1: Proctored exam | lab". A page of the administration passes its parts: `title=admin_title("Manage tokens", "Web
services", "Server")`. Further keywords go to the template; `wwwroot`, `sesskey`, `user`, `site_fullname` and
`notifications` are always there. `redirect("/course/view.php?id=2")` is Moodle's redirect (303, absolute).
Raised MoodleErrors become the error page (`mock_moodle.app` sees to it).
"""

from __future__ import annotations

import re
from typing import Any

from flask import Response, g, make_response, render_template, request

from mock_moodle.access import context_by_id, has_capability
from mock_moodle.caching import as_page, as_session_answer
from mock_moodle.errors import CourseHidden, MissingParameter, MoodleError
from mock_moodle.login.browser import browser, notify, take_notifications
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.core import Course
from mock_moodle.webservice.php import last, refuse_array, to_int

SYSTEM_CONTEXT_ID = 1
ADMINISTRATION = "Administration"
LOGIN_TITLE, LOGOUT_TITLE = "Log in to the site", "Log out"
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")


def site_course() -> Course:
    course = current.session.get(Course, SITE_COURSE_ID)
    if course is None:
        raise LookupError("the site has no front page: the world was not loaded")
    return course


def page(
    template: str,
    *,
    title: str | None,
    heading: str = "",
    within: str = "",
    status: int = 200,
    cacheable: bool = True,
    **values: Any,
) -> Response:
    """`title` None leaves the page without one, as some plugin pages are; `within` names the site or course that the
    page belongs to, above its heading; `cacheable` False is for the login form, courses and quizzes."""
    site = site_course()
    here = browser()
    html = render_template(
        template,
        title=_full_title(title, site) if title is not None else "",
        heading=heading,
        within=within,
        wwwroot=current.site.wwwroot,
        sesskey=here.sesskey,
        user=here.user,
        is_guest=here.is_guest,
        may_edit=here.user is not None and _may_edit(values.get("contextid", SYSTEM_CONTEXT_ID)),
        site_fullname=site.fullname,
        notifications=take_notifications(),
        **values,
    )
    response = make_response(html, status)
    as_page(response, cacheable=cacheable)
    if not current.enabled("allowframembedding"):
        response.headers["X-Frame-Options"] = "sameorigin"
    return response


def _may_edit(context_id: int) -> bool:
    """Whether the page offers "Edit mode"."""
    return has_capability("moodle/course:manageactivities", context_by_id(context_id))


def _full_title(title: str, site: Course) -> str:
    if current.site.release.titles_name_the_site_last:
        return f"{title} | {site.shortname}"
    parts = title.split(" | ")
    if parts[-1] == ADMINISTRATION:
        return ": ".join((site.shortname, *reversed(parts)))
    if title == LOGOUT_TITLE:
        return site.fullname
    return f"{site.fullname}: {title}" if title == LOGIN_TITLE else title


def admin_title(*parts: str) -> str:
    """ "Manage tokens | Web services | Server | Administration"."""
    return " | ".join((*parts, ADMINISTRATION))


def redirect(to: str, message: str = "", kind: str = "info") -> Response:
    """`to` is a path of this site, or an absolute address. `message` is shown there."""
    if message:
        notify(message, kind)
    location = _CONTROL_CHARACTERS.sub("", current.site.wwwroot + to if to.startswith("/") else to)
    response = make_response(render_template("redirect.html", location=location), 303)
    response.headers["Location"] = location
    response.headers["Content-Language"] = "en"
    response.headers["X-Redirect-By"] = "Moodle"
    return as_session_answer(response)


def error_page(error: MoodleError) -> Response:
    """Moodle's error page: status 404, whatever it was about."""
    if isinstance(error, CourseHidden):
        return page("notice.html", title="Notice", cacheable=False, message=error.message)
    debug = error.debuginfo if current.enabled("debugdisplay") else None
    message = error.message if error.errorcode else f"Exception - {error.message}"
    where, onwards = g.get("error_place") or (site_course().fullname, "/")
    return page(
        "error.html",
        title="Error",
        heading=where,
        onwards=onwards,
        status=404,
        message=message,
        errorcode=error.errorcode,
        debug=debug,
    )


def required_param(name: str, clean: type[int] | type[str] = str) -> Any:
    """A parameter of query or form (the form wins, as in PHP); an int is read as PHP reads it."""
    if name not in request.values:
        refuse_array(request.values, name)
        raise MissingParameter(name)
    return optional_param(name, clean(), clean)


def optional_param(name: str, default: Any = "", clean: type[int] | type[str] = str) -> Any:
    sent = request.form if name in request.form else request.args
    if name not in sent:
        refuse_array(sent, name)
        return default
    value = last(sent, name)
    return to_int(value) if clean is int else value
