"""Lists around courses: one's own, all, who takes part, the quizzes; and where those are led who do not take part."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from sqlalchemy import select

from mock_moodle.access import context_course, enrolled_userids, has_capability, is_enrolled, require_capability
from mock_moodle.course.enrolled import active_courses
from mock_moodle.course.visibility import visibility_of
from mock_moodle.errors import MissingRecord, MoodleError
from mock_moodle.localtime import day_and_time
from mock_moodle.login.browser import browser, require_login
from mock_moodle.page import optional_param, page, redirect, required_param, site_course
from mock_moodle.quiz.models import Quiz
from mock_moodle.site import SITE_COURSE_ID, current
from mock_moodle.store.core import Course, CourseCategory, CourseModule, User
from mock_moodle.webservice.user_details import can_view_details

NO_WAY_IN = "You cannot enrol yourself in this course."
NO_GUESTS = "Guests cannot access this course. Please log in."


def add_to(blueprint: Blueprint) -> None:
    for path, view in (
        ("/my/courses.php", own_courses),
        ("/course/index.php", all_courses),
        ("/course/info.php", information),
        ("/enrol/index.php", enrolment),
        ("/user/index.php", participants),
        ("/user/view.php", participant),
        ("/mod/quiz/index.php", quizzes),
    ):
        blueprint.add_url_rule(path, view_func=view)


def own_courses() -> Response:
    user = require_login()
    return page("course/home.html", title="My courses", heading="My courses", courses=active_courses(user.id))


def all_courses() -> Response:
    """Open to anybody."""
    wanted = optional_param("categoryid", 0, int)
    if wanted and current.session.get(CourseCategory, wanted) is None:
        raise MoodleError("unknowncategory", f'Unknown category with category ID number "{wanted}"')
    every = current.session.scalars(select(Course).where(Course.id != SITE_COURSE_ID).order_by(Course.id.desc()))
    listed = [course for course in every if course.visible or _sees_hidden(course)]
    return page("course/home.html", title="All courses", heading=site_course().fullname, courses=listed)


def information() -> Response:
    course = _course()
    return page(
        "course/about.html",
        title=f"Course information | {course.fullname}",
        heading="Course information",
        course=course,
    )


def enrolment() -> Response:
    user, course = require_login(), _course()
    if course.id == SITE_COURSE_ID:
        return redirect("/")
    if is_enrolled(course.id, user.id):
        return redirect(f"/course/view.php?id={course.id}")
    return page(
        "course/about.html",
        title=course.shortname,
        heading="Enrolment options",
        within=course.fullname,
        course=course,
        refusal=NO_GUESTS if browser().is_guest else NO_WAY_IN,
    )


def participants() -> Response:
    course = _course()
    require_login(course)
    require_capability("moodle/course:viewparticipants", context_course(course.id))
    people = select(User).where(User.id.in_(enrolled_userids(course.id))).order_by(User.lastname, User.firstname)
    rows = [
        (user.fullname, f"/user/view.php?id={user.id}&course={course.id}") for user in current.session.scalars(people)
    ]
    return _table(course, f"{course.shortname}: Participants", "Participants", ("Name",), [[row] for row in rows])


def participant() -> Response:
    """Outside a course it is the profile."""
    wanted = optional_param("id", browser().userid, int) or require_login().id
    user = current.session.get(User, wanted)
    if user is None or user.deleted:
        raise MoodleError("invaliduser", "Invalid user")
    if optional_param("course", SITE_COURSE_ID, int) == SITE_COURSE_ID:
        return redirect(f"/user/profile.php?id={wanted}")
    viewer, course = require_login(), _course("course")
    if browser().is_guest:
        return guests_see_none()
    if not is_enrolled(course.id, user.id) or not can_view_details(user, viewer.id, course):
        return refused_profile()
    rows = [[("Email address", ""), (user.email, "")], [("Country", ""), (user.country, "")]]
    title = f"{course.fullname}: Personal profile: {user.fullname}"
    return _table(course, title, user.fullname, (), rows)


def refused_profile() -> Response:
    told = "The details of this user are not available to you"
    return page("error.html", title="User", heading="User", message=told, onwards="/")


def guests_see_none() -> Response:
    return page("course/no_profiles.html", title=None)


def quizzes() -> Response:
    course = _course()
    user = require_login(course)
    found = select(CourseModule, Quiz).join(Quiz, Quiz.id == CourseModule.instance)
    found = found.where(CourseModule.course == course.id, CourseModule.modname == "quiz").order_by(CourseModule.id)
    rows = [
        [(cm.name, f"/mod/quiz/view.php?id={cm.id}"), (_closing(quiz), "")]
        for cm, quiz in current.session.execute(found)
        if visibility_of(cm, user.id).uservisible
    ]
    return _table(course, "Quizzes", "Quizzes", ("Name", "Quiz closes"), rows)


def _closing(quiz: Quiz) -> str:
    return day_and_time(quiz.timeclose) if quiz.timeclose else "No close date"


def _table(course: Course, title: str, heading: str, columns: tuple[str, ...], rows: list[list[Any]]) -> Response:
    """`rows` hold a text and an address, empty for none, for each column."""
    context = context_course(course.id)
    return page(
        "course/table.html",
        title=title,
        heading=heading,
        within=course.fullname,
        contextid=context.id,
        coursecontextid=context.id,
        columns=columns,
        rows=rows,
    )


def _course(parameter: str = "id") -> Course:
    course = current.session.get(Course, required_param(parameter, int))
    if course is None:
        raise MissingRecord("course")
    return course


def _sees_hidden(course: Course) -> bool:
    return has_capability("moodle/course:viewhiddencourses", context_course(course.id), browser().userid)
