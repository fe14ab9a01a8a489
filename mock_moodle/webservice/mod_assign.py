"""mod_assign_*: assignments and what was handed in. Submissions are rows of their own; grading is not mocked."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_course, context_module, has_capability
from mock_moodle.course.enrolled import active_courses
from mock_moodle.errors import InvalidParameter
from mock_moodle.site import current
from mock_moodle.store.core import AssignSubmission, CourseModule
from mock_moodle.webservice.courses_asked import courses_asked, modules_of
from mock_moodle.webservice.registry import FILES, WARNINGS, Call, function

OPTIONAL = Presence.OPTIONAL
_CAPABILITY = re.compile(r"\w+/\w+:\w+")

_INTEGERS = (
    "nosubmissions", "submissiondrafts", "sendnotifications", "sendlatenotifications", "sendstudentnotifications",
    "duedate", "allowsubmissionsfromdate", "grade",
)  # fmt: skip
_MORE_INTEGERS = (
    "completionsubmit", "cutoffdate", "gradingduedate", "teamsubmission", "requireallteammemberssubmit",
    "teamsubmissiongroupingid", "blindmarking", "hidegrader", "revealidentities",
)  # fmt: skip
_ASSIGNMENT: dict[str, Schema] = {
    "id": Value("int", "assignment id"),
    "cmid": Value("int", "course module id"),
    "course": Value("int", "course id"),
    "name": Value("raw", "assignment name"),
    **{name: Value("int") for name in _INTEGERS},
    "timemodified": Value("int", "last time assignment was modified"),
    **{name: Value("int") for name in _MORE_INTEGERS},
    "attemptreopenmethod": Value("text", "method used to control opening new attempts"),
    "maxattempts": Value("int", "maximum number of attempts allowed"),
    "markingworkflow": Value("int", "enable marking workflow"),
    "markingallocation": Value("int", "enable marking allocation"),
    "markinganonymous": Value("int", "enable marking anonymous", OPTIONAL),
    "requiresubmissionstatement": Value("int", "student must accept submission statement"),
    "preventsubmissionnotingroup": Value("int", "Prevent submission not in group", OPTIONAL),
    "submissionstatement": Value("raw", "Submission statement formatted.", OPTIONAL),
    "submissionstatementformat": Value("int", presence=OPTIONAL),
    "configs": Multiple(
        Single(
            {
                "id": Value("int", "assign_plugin_config id", OPTIONAL),
                "assignment": Value("int", "assignment id", OPTIONAL),
                "plugin": Value("text", "plugin"),
                "subtype": Value("text", "subtype"),
                "name": Value("text", "name"),
                "value": Value("text", "value"),
            }
        ),
        "configuration settings",
    ),
    "intro": Value("raw", "assignment intro", OPTIONAL),
    "introformat": Value("int", presence=OPTIONAL),
    "introfiles": FILES,
    "introattachments": FILES,
    "activity": Value("raw", "Description of activity", OPTIONAL),
    "activityformat": Value("int", presence=OPTIONAL),
    "activityattachments": FILES,
    "timelimit": Value("int", "Time limit to complete assigment", OPTIONAL),
    "submissionattachments": Value("int", "Flag to only show files during submission", OPTIONAL),
}
_DEFAULTS: dict[str, Any] = {
    "sendnotifications": 0,
    "sendstudentnotifications": 1,
    "grade": 100,
}
_CONFIGS = (
    ("assignsubmission", "file", {"enabled": "1", "maxfilesubmissions": "20", "maxsubmissionsizebytes": "2097152",
                                  "filetypeslist": ""}),
    ("assignsubmission", "comments", {"enabled": "1"}),
    ("assignfeedback", "comments", {"enabled": "1", "commentinline": "0"}),
)  # fmt: skip
"""What a fresh assignment takes and gives: files, and comments from both sides."""


@function(
    "mod_assign_get_assignments",
    {
        "courseids": Multiple(Value("int", "course id"), "0 or more course ids", Presence.DEFAULT, ()),
        "capabilities": Multiple(Value("raw", "capability"), "list of capabilities", Presence.DEFAULT, ()),
        "includenotenrolledcourses": Value("bool", "include courses of others", Presence.DEFAULT, False),
    },
    Single(
        {
            "courses": Multiple(
                Single(
                    {
                        "id": Value("int", "course id"),
                        "fullname": Value("raw", "course full name"),
                        "shortname": Value("raw", "course short name"),
                        "timemodified": Value("int", "last time modified"),
                        "assignments": Multiple(Single(_ASSIGNMENT), "assignment info"),
                    }
                ),
                "list of courses",
            ),
            "warnings": WARNINGS,
        }
    ),
)
def get_assignments(
    call: Call,
    courseids: list[int],
    capabilities: list[str],
    includenotenrolledcourses: bool,
) -> dict[str, Any]:
    if not all(_CAPABILITY.fullmatch(name) for name in capabilities if name):
        raise InvalidParameter("capabilities => Invalid parameter value detected")
    own = {course.id for course in active_courses(call.userid)}
    courses, warnings = courses_asked(courseids, call.userid, with_reason=True)
    if not includenotenrolledcourses:
        courses = [course for course in courses if course.id in own]
        warnings = [_unreachable(each) for each in courseids if each not in own]
    found = [
        {
            "id": course.id,
            "fullname": course.fullname,
            "shortname": course.shortname,
            "timemodified": course.timemodified,
            "assignments": [_assignment(cm, course.timemodified) for cm in modules_of([course], "assign", call.userid)],
        }
        for course in courses
        if all(name and has_capability(name, context_course(course.id), call.userid) for name in capabilities)
    ]
    return {"courses": found, "warnings": warnings}


def _unreachable(courseid: int) -> dict[str, Any]:
    message = "User is not enrolled or does not have requested capability"
    return {"item": "course", "itemid": courseid, "warningcode": "2", "message": message}


def _assignment(cm: CourseModule, modified: int) -> dict[str, Any]:
    known: dict[str, Any] = dict.fromkeys((*_INTEGERS, *_MORE_INTEGERS), 0)
    known |= {"attemptreopenmethod": "none", "maxattempts": -1}
    known |= dict.fromkeys(("markingworkflow", "markingallocation", "requiresubmissionstatement", "timelimit"), 0)
    if current.site.release.at_least("4.5"):
        known |= {"attemptreopenmethod": "untilpass", "maxattempts": 1}
        known |= dict.fromkeys(("markinganonymous", "preventsubmissionnotingroup", "submissionattachments"), 0)
    return {
        **known,
        **_DEFAULTS,
        "intro": "",
        "introformat": 1,
        **{name: value for name, value in cm.settings.items() if name in _ASSIGNMENT},
        "id": cm.instance,
        "cmid": cm.id,
        "course": cm.course,
        "name": cm.name,
        "timemodified": cm.settings.get("timemodified", modified),
        "configs": [
            {"plugin": plugin, "subtype": subtype, "name": name, "value": value}
            for subtype, plugin, configured in _CONFIGS
            for name, value in configured.items()
        ],
        "introfiles": [],
        "introattachments": [],
    }


PLUGIN: dict[str, Schema] = {
    "type": Value("text", "submission plugin type"),
    "name": Value("text", "submission plugin name"),
    "fileareas": Multiple(Single({"area": Value("text", "file area"), "files": FILES}), "fileareas", OPTIONAL),
    "editorfields": Multiple(
        Single(
            {
                "name": Value("text", "field name"),
                "description": Value("raw", "field description"),
                "text": Value("raw", "field value"),
                "format": Value("int", "text format"),
            }
        ),
        "editorfields",
        OPTIONAL,
    ),
}
SUBMISSION: dict[str, Schema] = {
    "id": Value("int", "submission id"),
    "userid": Value("int", "student id"),
    "attemptnumber": Value("int", "attempt number"),
    "timecreated": Value("int", "submission creation time"),
    "timemodified": Value("int", "submission last modified time"),
    "timestarted": Value("int", "submission start time", OPTIONAL, nullable=True),
    "status": Value("text", "submission status"),
    "groupid": Value("int", "group id"),
    "assignment": Value("int", "assignment id", OPTIONAL),
    "latest": Value("int", "latest attempt", OPTIONAL),
    "plugins": Multiple(
        Single(PLUGIN),
        "plugins",
        OPTIONAL,
    ),
    "gradingstatus": Value("alphanumext", "Grading status.", OPTIONAL),
}


@function(
    "mod_assign_get_submissions",
    {
        "assignmentids": Multiple(Value("int", "assignment id"), "1 or more assignment ids"),
        "status": Value("alpha", "status", Presence.DEFAULT, ""),
        "since": Value("int", "submitted since", Presence.DEFAULT, 0),
        "before": Value("int", "submitted before", Presence.DEFAULT, 0),
    },
    Single(
        {
            "assignments": Multiple(
                Single({"assignmentid": Value("int", "assignment id"), "submissions": Multiple(Single(SUBMISSION))}),
                "assignment submissions",
            ),
            "warnings": WARNINGS,
        }
    ),
)
def get_submissions(call: Call, assignmentids: list[int], status: str, since: int, before: int) -> dict[str, Any]:
    assignments, warnings = [], []
    for instance in assignmentids:
        cm = find_assignment(instance)
        if cm is None:
            continue
        if not has_capability("mod/assign:grade", context_module(cm.id), call.userid):
            warnings.append(_warning(instance, "No access rights in module context", item="assignment"))
            continue
        rows = [
            as_submission(row) | {"gradingstatus": "notgraded"}
            for row in submissions_of(instance)
            if (not status or row.status == status)
            and row.timemodified >= since
            and (not before or row.timemodified <= before)
        ]
        assignments.append({"assignmentid": instance, "submissions": rows})
        if not rows:
            warnings.append(_warning(instance, "No submissions found", code="3"))
    return {"assignments": assignments, "warnings": warnings}


def find_assignment(instance: int) -> CourseModule | None:
    return current.session.scalar(
        select(CourseModule).where(CourseModule.modname == "assign", CourseModule.instance == instance)
    )


def submission_of(instance: int, userid: int) -> AssignSubmission | None:
    return next((row for row in submissions_of(instance) if row.userid == userid), None)


def submissions_of(instance: int) -> list[AssignSubmission]:
    wanted = select(AssignSubmission).where(AssignSubmission.assignment == instance).order_by(AssignSubmission.id)
    return list(current.session.scalars(wanted))


def as_submission(row: AssignSubmission) -> dict[str, Any]:
    return {
        "id": row.id,
        "userid": row.userid,
        "attemptnumber": 0,
        "timecreated": row.timecreated,
        "timemodified": row.timemodified,
        "timestarted": None,
        "status": row.status,
        "groupid": 0,
        "plugins": [
            {
                "type": "file",
                "name": "File submissions",
                "fileareas": [{"area": "submission_files", "files": []}],
            },
            {"type": "comments", "name": "Submission comments"},
        ],
    }


def _warning(instance: int, message: str, code: str = "1", item: str = "module") -> dict[str, Any]:
    return {"item": item, "itemid": instance, "warningcode": code, "message": message}
