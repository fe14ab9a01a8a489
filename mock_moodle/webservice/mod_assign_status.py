"""mod_assign_get_submission_status: where a student stands with an assignment, and what waits for the teacher."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contract.webservice import Multiple, Presence, Schema, Single, Value
from mock_moodle.access import context_module, enrolled_userids, has_capability, is_enrolled
from mock_moodle.errors import MissingRecord, MoodleError
from mock_moodle.site import current
from mock_moodle.store.core import AssignSubmission, CourseModule, Group, GroupMember
from mock_moodle.webservice.context import require_active_user, validate_module_context
from mock_moodle.webservice.mod_assign import (
    PLUGIN,
    SUBMISSION,
    as_submission,
    find_assignment,
    submission_of,
    submissions_of,
)
from mock_moodle.webservice.registry import FILES, WARNINGS, Call, function

OPTIONAL = Presence.OPTIONAL

_GRADE: dict[str, Schema] = {
    "id": Value("int", "grade id"),
    "assignment": Value("int", "assignment id", OPTIONAL),
    "userid": Value("int", "student id"),
    "attemptnumber": Value("int", "attempt number"),
    "timecreated": Value("int", "grade creation time"),
    "timemodified": Value("int", "grade last modified time"),
    "grader": Value("int", "grader, -1 if grader is hidden"),
    "grade": Value("text", "grade"),
    "gradefordisplay": Value("raw", "grade rendered into a format suitable for display", OPTIONAL),
}
_SUMMARY: dict[str, Schema] = {
    "participantcount": Value("int", "Number of users who can submit."),
    "submissiondraftscount": Value("int", "Number of submissions in draft status."),
    "submissionsenabled": Value("bool", "Whether submissions are enabled or not."),
    "submissionssubmittedcount": Value("int", "Number of submissions in submitted status."),
    "submissionsneedgradingcount": Value("int", "Number of submissions that need grading."),
    "warnofungroupedusers": Value("alpha", "Whether we need to warn people about groups."),
}
_LAST: dict[str, Schema] = {
    "submission": Single(SUBMISSION, "submission info", OPTIONAL),
    "teamsubmission": Single(SUBMISSION, "submission info", OPTIONAL),
    "submissiongroup": Value("int", "The submission group id (for group submissions only).", OPTIONAL),
    "submissiongroupmemberswhoneedtosubmit": Multiple(Value("int"), "users who still need to submit", OPTIONAL),
    "submissionsenabled": Value("bool", "Whether submissions are enabled or not."),
    "locked": Value("bool", "Whether new submissions are locked."),
    "graded": Value("bool", "Whether the submission is graded."),
    "canedit": Value("bool", "Whether the user can edit the current submission."),
    "caneditowner": Value("bool", "Whether the owner of the submission can edit it."),
    "cansubmit": Value("bool", "Whether the user can submit."),
    "extensionduedate": Value("int", "Extension due date.", nullable=True),
    "timelimit": Value("int", "Time limit for submission.", OPTIONAL, nullable=True),
    "blindmarking": Value("bool", "Whether blind marking is enabled."),
    "gradingstatus": Value("alphanumext", "Grading status."),
    "usergroups": Multiple(Value("int", "Group id."), "User groups in the course."),
}
_FEEDBACK: dict[str, Schema] = {
    "grade": Single(_GRADE, "grade information", OPTIONAL),
    "gradefordisplay": Value("raw", "Grade rendered into a format suitable for display."),
    "gradeddate": Value("int", "The date the user was graded."),
    "plugins": Multiple(Single(PLUGIN), "Plugins info.", OPTIONAL),
}
_PREVIOUS: dict[str, Schema] = {
    "attemptnumber": Value("int", "Attempt number."),
    "submission": Single(SUBMISSION, "submission info", OPTIONAL),
    "grade": Single(_GRADE, "grade information", OPTIONAL),
    "feedbackplugins": Multiple(Single(PLUGIN), "Feedback info.", OPTIONAL),
}


@function(
    "mod_assign_get_submission_status",
    {
        "assignid": Value("int", "assignment instance id"),
        "userid": Value("int", "user id (empty for current user)", Presence.DEFAULT, 0),
        "groupid": Value("int", "filter by users in group", Presence.DEFAULT, 0),
    },
    Single(
        {
            "gradingsummary": Single(_SUMMARY, "Grading information.", OPTIONAL),
            "lastattempt": Single(_LAST, "Last attempt information.", OPTIONAL),
            "feedback": Single(_FEEDBACK, "Feedback for the last attempt.", OPTIONAL),
            "previousattempts": Multiple(Single(_PREVIOUS), "List all the previous attempts.", OPTIONAL),
            "assignmentdata": Single(
                {
                    "attachments": Single({"intro": FILES, "activity": FILES}, "Attachments", OPTIONAL),
                    "activity": Value("raw", "Text of activity", OPTIONAL),
                    "activityformat": Value("int", "activity format", OPTIONAL),
                },
                "Extra information about assignment.",
                OPTIONAL,
            ),
            "warnings": WARNINGS,
        }
    ),
    type="write",
    polls=True,
)
def get_submission_status(call: Call, assignid: int, userid: int, groupid: int) -> dict[str, Any]:  # noqa: ARG001
    cm = find_assignment(assignid)
    if cm is None:
        raise MissingRecord("assign", "id", id=assignid)
    validate_module_context(cm, call.userid)
    wanted = userid or call.userid
    require_active_user(wanted)
    grades = has_capability("mod/assign:viewgrades", context_module(cm.id), call.userid)
    if not _may_see(cm, wanted, call.userid, grades=grades):
        raise MoodleError(
            "nopermission", "error/nopermission", exception="core\\exception\\required_capability_exception"
        )
    status: dict[str, Any] = {"assignmentdata": {"attachments": {"intro": []}}, "warnings": []}
    if grades:
        status["gradingsummary"] = _summary(cm)
    row = submission_of(cm.instance, wanted)
    if _may_submit(cm, wanted):
        status["lastattempt"] = _last_attempt(cm, wanted, row, own=wanted == call.userid)
    if row is None:  # told from the next time on
        current.require_writing()
        now = current.clock.time()
        current.session.add(
            AssignSubmission(assignment=cm.instance, userid=wanted, status="new", timecreated=now, timemodified=now)
        )
    return status


def _may_see(cm: CourseModule, wanted: int, caller: int, *, grades: bool) -> bool:
    if wanted == caller:
        return is_enrolled(cm.course, caller)
    return grades and is_enrolled(cm.course, wanted)


def _may_submit(cm: CourseModule, userid: int) -> bool:
    return has_capability("mod/assign:submit", context_module(cm.id), userid, doanything=False)


def _summary(cm: CourseModule) -> dict[str, Any]:
    rows = submissions_of(cm.instance)
    submitted = sum(row.status == "submitted" for row in rows)
    return {
        "participantcount": sum(_may_submit(cm, each) for each in enrolled_userids(cm.course, only_active=True)),
        "submissiondraftscount": sum(row.status == "draft" for row in rows),
        "submissionsenabled": True,
        "submissionssubmittedcount": submitted,
        "submissionsneedgradingcount": submitted,
        "warnofungroupedusers": "",
    }


def _groups(courseid: int, userid: int) -> list[int]:
    rows = select(Group.id).join(GroupMember).where(GroupMember.userid == userid, Group.courseid == courseid)
    return list(current.session.scalars(rows.order_by(Group.id)))


def _last_attempt(cm: CourseModule, userid: int, row: AssignSubmission | None, *, own: bool) -> dict[str, Any]:
    cutoff = cm.settings.get("cutoffdate", 0)
    editable = (row is None or row.status != "submitted") and not 0 < cutoff < current.clock.time()
    attempt: dict[str, Any] = {
        "submissionsenabled": True,
        "locked": False,
        "graded": False,
        "canedit": editable and own,
        "caneditowner": editable,
        "cansubmit": False,
        "extensionduedate": None,
        "timelimit": 0,
        "blindmarking": False,
        "gradingstatus": "notgraded",
        "usergroups": _groups(cm.course, userid),
        "submissiongroupmemberswhoneedtosubmit": [],
    }
    if row is not None:
        attempt["submission"] = as_submission(row) | {"assignment": row.assignment, "latest": 1}
    return attempt
