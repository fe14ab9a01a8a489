"""Pages of a course and of a quiz."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request

from mock_moodle.access import (
    context_course,
    context_coursecat,
    context_module,
    has_capability,
    require_capability,
)
from mock_moodle.access.resolve import title_of
from mock_moodle.errors import MissingRecord, MoodleError, RequiredCapability
from mock_moodle.login.browser import require_login
from mock_moodle.page import optional_param, page, redirect, required_param
from mock_moodle.site import current
from mock_moodle.store.core import Course, CourseModule, CourseSection
from mock_moodle.undrawn.page import undrawn

UNKNOWN_COURSE = "invalidcourseid", "You are trying to use an invalid course ID"


@dataclass(frozen=True)
class CoursePage:
    """`title` may name {course} and {shortname}; `capability` is asked in the course; `refused` is the sentence's end
    where Moodle does not name a capability."""

    title: str
    capability: str = ""
    refused: str = ""
    parameter: str = "id"


COURSE_PAGES = {
    "/backup/backup.php": CoursePage("{course}", "moodle/backup:backupcourse"),
    "/course/completion.php": CoursePage("{shortname}", "moodle/course:update"),
    "/course/recent.php": CoursePage("{shortname}: Recent activity"),
    "/course/resources.php": CoursePage("{shortname}: Resources"),
    "/course/switchrole.php": CoursePage("Switch role to..."),
    "/enrol/instances.php": CoursePage("Enrolment methods", "moodle/course:enrolreview"),
    "/grade/edit/tree/index.php": CoursePage("Gradebook setup | {course}", "moodle/grade:manage"),
    "/grade/export/txt/index.php": CoursePage("Export to Plain text file | {course}", "moodle/grade:export"),
    "/grade/report/grader/index.php": CoursePage("Grader report | {course}", "gradereport/grader:view"),
    "/grade/report/history/index.php": CoursePage("Grade history | {course}", "gradereport/history:view"),
    "/grade/report/singleview/index.php": CoursePage("Single view | {course}", "gradereport/singleview:view"),
    "/grade/report/summary/index.php": CoursePage("Grade summary | {course}", "gradereport/summary:view"),
    "/grade/report/user/index.php": CoursePage("User report | {course}", "gradereport/user:view"),
    "/group/groupings.php": CoursePage("Groupings", "moodle/course:managegroups"),
    "/group/index.php": CoursePage("Groups", "moodle/course:managegroups"),
    "/group/overview.php": CoursePage("Groups", "moodle/course:managegroups"),
    "/mod/assign/index.php": CoursePage("Assignments"),
    "/mod/book/index.php": CoursePage("{shortname}: Books"),
    "/mod/choice/index.php": CoursePage("Choices"),
    "/mod/data/index.php": CoursePage("Databases | {course}"),
    "/mod/feedback/index.php": CoursePage("Feedback Activities"),
    "/mod/folder/index.php": CoursePage("{shortname}: Folders"),
    "/mod/forum/index.php": CoursePage("{shortname}: Forums"),
    "/mod/glossary/index.php": CoursePage("Glossaries"),
    "/mod/lesson/index.php": CoursePage("{shortname}: Lessons"),
    "/mod/page/index.php": CoursePage("{shortname}: Pages"),
    "/mod/resource/index.php": CoursePage("{shortname}: Files"),
    "/mod/scorm/index.php": CoursePage("SCORM packages"),
    "/mod/url/index.php": CoursePage("{shortname}: URLs"),
    "/mod/workshop/index.php": CoursePage("{course}"),
    "/question/edit.php": CoursePage(
        "Edit questions", "moodle/question:editall", "access question edit tab questions", "courseid"
    ),
    "/report/loglive/index.php": CoursePage("{course}: Live logs from the past hour", "report/loglive:view"),
    "/report/outline/index.php": CoursePage("{shortname}: Activity report", "report/outline:view"),
    "/report/participation/index.php": CoursePage("{shortname}: Participation report", "report/participation:view"),
    "/report/progress/index.php": CoursePage("Completion conditions", "report/progress:view", parameter="course"),
}
QUIZ_PAGES = {
    "/mod/quiz/edit.php": CoursePage(
        "Editing quiz: {name}", "mod/quiz:manage", "access question edit tab editq", "cmid"
    ),
    "/mod/quiz/overrides.php": CoursePage("Settings overrides: {name}", "mod/quiz:viewoverrides", parameter="cmid"),
}


def add_to(blueprint: Blueprint) -> None:
    for pages, view in ((COURSE_PAGES, course_page), (QUIZ_PAGES, quiz_page)):
        for path, shown in pages.items():
            blueprint.add_url_rule(path, endpoint=path.replace(".", "_"), view_func=view, defaults={"shown": shown})
    blueprint.add_url_rule("/course/edit.php", view_func=settings)
    blueprint.add_url_rule("/course/section.php", view_func=section)
    blueprint.add_url_rule("/grade/index.php", view_func=grades)
    blueprint.add_url_rule("/grade/report/index.php", view_func=first_report)
    blueprint.add_url_rule("/mod/label/index.php", view_func=labels)
    blueprint.add_url_rule("/mod/quiz/grade.php", view_func=quiz_grade)


def course_page(shown: CoursePage) -> Response:
    course = current.session.get(Course, required_param(shown.parameter, int))
    if course is None and request.path.startswith("/grade/"):
        raise MoodleError(*UNKNOWN_COURSE)
    if course is None:
        raise MissingRecord("course")
    require_login(course)
    if shown.capability:
        _require(shown, has_capability(shown.capability, context_course(course.id)))
    return undrawn(shown.title.format(course=course.fullname, shortname=course.shortname), course=course)


def quiz_page(shown: CoursePage) -> Response:
    course, cm = _quiz(shown.parameter)
    _require(shown, has_capability(shown.capability, context_module(cm.id)))
    return undrawn(shown.title.format(name=cm.name), cm.name, course=course)


def _require(shown: CoursePage, held: bool) -> None:
    if held:
        return
    if shown.refused:
        raise MoodleError(
            "nopermissions", f"Sorry, but you do not currently have permissions to do that ({shown.refused})."
        )
    raise RequiredCapability(title_of(shown.capability))


def _quiz(parameter: str) -> tuple[Course, CourseModule]:
    cm = current.session.get(CourseModule, required_param(parameter, int))
    if cm is None or cm.modname != "quiz":
        raise MoodleError("invalidcoursemodule", "Invalid course module ID")
    course = current.session.get_one(Course, cm.course)
    require_login(course, cm)
    return course, cm


def quiz_grade() -> Response:
    _course, cm = _quiz("id")
    if has_capability("mod/quiz:viewreports", context_module(cm.id)):
        return redirect(f"/mod/quiz/report.php?id={cm.id}&mode=overview")
    return redirect(f"/mod/quiz/view.php?id={cm.id}")


def settings() -> Response:
    """Of a course, or of a new one."""
    if optional_param("id", 0, int):
        return course_page(CoursePage("Edit course settings", "moodle/course:update"))
    require_login()
    require_capability("moodle/course:create", context_coursecat(1))
    return undrawn("Add a new course")


def section() -> Response:
    found = current.session.get(CourseSection, required_param("id", int))
    if found is None:
        told = "This content can't be found. It may have been deleted, or the URL may be incorrect."
        return page("error.html", title="Not found", message=told, onwards="/")
    course = current.session.get_one(Course, found.course)
    require_login(course)
    name = found.name or ("General" if found.section == 0 else "New section")
    return undrawn(f"Section: {name} | {course.fullname}", name, course=course)


def grades() -> Response:
    return redirect(f"/grade/report/index.php?id={required_param('id', int)}")


def first_report() -> Response:
    course = current.session.get(Course, required_param("id", int))
    if course is None:
        raise MoodleError(*UNKNOWN_COURSE)
    require_login(course)
    return redirect(f"/grade/report/user/index.php?id={course.id}")


def labels() -> Response:
    return redirect(f"/course/view.php?id={required_param('id', int)}")
