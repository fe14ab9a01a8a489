"""The front page, the dashboard and the course page."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import select

from mock_moodle.access import can_access_course, context_course
from mock_moodle.course import activity_pages, listings
from mock_moodle.course.visibility import visibility_of
from mock_moodle.errors import MissingRecord, MoodleError
from mock_moodle.login.browser import browser, require_login, require_sesskey
from mock_moodle.page import optional_param, page, redirect, required_param, site_course
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.collation import same
from mock_moodle.store.core import Course, CourseModule, CourseSection
from mock_moodle.webservice.clean import clean_param

blueprint = Blueprint("course", __name__)
activity_pages.add_to(blueprint)
listings.add_to(blueprint)


@blueprint.get("/")
def home() -> Response:
    if browser().userid and optional_param("redirect", 1, int):
        return redirect("/my/")  # the site's default home page
    return page("course/home.html", title="Home", heading=site_course().fullname, cacheable=False, courses=_courses())


@blueprint.get("/my/")
def dashboard() -> Response:
    require_login()
    return page(
        "course/dashboard.html",
        title="Dashboard (Guest)" if browser().is_guest else "Dashboard",
        heading="Dashboard",
        courses=_courses(),
    )


@blueprint.get("/course/view.php")
def view() -> Response:
    course = _wanted()
    user = require_login(course)
    if course.id == SITE_COURSE_ID:
        return redirect("/?redirect=0")
    sections = current.session.scalars(
        select(CourseSection).where(CourseSection.course == course.id).order_by(CourseSection.section)
    ).all()
    listed = [
        (section, [(cm, seen) for cm in _modules(section) if (seen := visibility_of(cm, user.id)).listed])
        for section in sections
    ]
    context = context_course(course.id)
    return page(
        "course/view.html",
        title=f"Course: {course.fullname}",
        heading=course.fullname,
        cacheable=False,
        course=course,
        sections=listed,
        contextid=context.id,
        coursecontextid=context.id,
    )


def _wanted() -> Course:
    """The course of the address: by `name` before `idnumber` before `id`."""
    for parameter, column in (("name", Course.shortname), ("idnumber", Course.idnumber)):
        if text := optional_param(parameter):
            course = current.session.scalar(select(Course).where(same(column, text)))
            break
    else:
        course_id = optional_param("id", 0, int)
        if not course_id:
            raise MoodleError("unspecifycourseid", "Must specify course id, short name or idnumber")
        course = current.session.get(Course, course_id)
    if course is None:
        raise MissingRecord("course")
    return course


@blueprint.route("/editmode.php", methods=["GET", "POST"])
def edit_mode() -> Response:
    required_param("context", int)
    require_login()
    require_sesskey()
    browser().data["editing"] = bool(optional_param("setmode"))
    asked = optional_param("pageurl").removeprefix(current.site.wwwroot)
    return redirect(str(clean_param(asked, "localurl")) or "/")


def _modules(section: CourseSection) -> list[CourseModule]:
    return list(
        current.session.scalars(
            select(CourseModule).where(CourseModule.section == section.id).order_by(CourseModule.position)
        )
    )


def _courses() -> list[Course]:
    userid = browser().userid
    every = current.session.scalars(select(Course).where(Course.id != SITE_COURSE_ID).order_by(Course.id))
    return [course for course in every if userid and can_access_course(course, userid)]
