"""Keys that answers got with later releases: an older Moodle's signature is today's without them."""

from __future__ import annotations

from contract.webservice import Multiple, Schema, Single
from mock_moodle.releases import Release

_CONTENTS = "core_course_get_contents"
SINCE: dict[str, dict[str, str]] = {
    "core_webservice_get_site_info": {
        "policyagreed": "4.5",
        "usersessionscount": "4.1",
        "limitconcurrentlogins": "4.1",
        "userhomepageurl": "4.5",
    },
    _CONTENTS: {
        "component": "4.5",
        "itemid": "4.5",
        "modules.branded": "4.5",
        "modules.purpose": "4.5",
        "modules.activitybadge": "4.4",
        "modules.contextid": "4.1",
        "modules.dates": "4.1",
        "modules.downloadcontent": "4.1",
        "modules.groupmode": "4.1",
    },
    "core_course_get_courses": {"showactivitydates": "4.1", "showcompletionconditions": "4.1"},
    "core_course_get_courses_by_field": {
        "courses.showactivitydates": "4.1",
        "courses.showcompletionconditions": "4.1",
        "courses.communicationroomname": "4.4",
        "courses.communicationroomurl": "4.4",
    },
    "core_user_get_users_by_field": {"trackforums": "4.5"},
    "core_user_get_users": {"users.trackforums": "4.5"},
    "core_user_get_course_user_profiles": {"trackforums": "4.5"},
    "mod_assign_get_assignments": {"courses.assignments.markinganonymous": "4.5"},
    "core_enrol_get_users_courses": {
        "courseimage": "4.1",
        "showactivitydates": "4.1",
        "showcompletionconditions": "4.1",
        "timemodified": "4.1",
    },
    **{
        name: {"visibility": "4.4", "participation": "4.4", "customfields": "4.4"}
        for name in ("core_group_create_groups", "core_group_get_groups", "core_group_get_course_groups")
    },
    "core_group_get_groupings": {"customfields": "4.4", "groups.customfields": "4.4"},
    "mod_quiz_get_quizzes_by_courses": {"quizzes.lang": "4.1", "quizzes.reviewmaxmarks": "4.4"},
    "mod_quiz_get_user_attempts": {"attempts.gradeitemmarks": "4.5", "attempts.gradednotificationsenttime": "4.1"},
    "mod_quiz_start_attempt": {"attempt.gradeitemmarks": "4.5", "attempt.gradednotificationsenttime": "4.1"},
    **{
        name: {
            "attempt.gradeitemmarks": "4.5",
            "attempt.gradednotificationsenttime": "4.1",
            "questions.stateclass": "4.5",
            "questions.questionnumber": "4.4",
            "questions.responsefileareas": "4.1",
            "questions.settings": "4.1",
        }
        for name in ("mod_quiz_get_attempt_data", "mod_quiz_get_attempt_review")
    },
    "mod_quiz_get_attempt_summary": {
        "totalunanswered": "4.5",
        "questions.stateclass": "4.5",
        "questions.questionnumber": "4.4",
        "questions.responsefileareas": "4.1",
        "questions.settings": "4.1",
    },
}
"""Function, path of the key, first of the mock's releases that has it."""


def as_of(name: str, returns: Schema, release: Release) -> Schema:
    """A function's signature on a release."""
    missing = {path for path, since in SINCE.get(name, {}).items() if not release.at_least(since)}
    return without(returns, missing) if missing else returns


def without(schema: Schema, paths: set[str]) -> Schema:
    """The schema without the keys at these dotted paths; a list's items need no mark of their own."""
    if isinstance(schema, Multiple):
        return Multiple(without(schema.content, paths), schema.description, schema.presence, schema.default)
    if not isinstance(schema, Single):
        return schema
    keys = {}
    for key, inner in schema.keys.items():
        if key in paths:
            continue
        below = {path.partition(".")[2] for path in paths if path.startswith(f"{key}.")}
        keys[key] = without(inner, below) if below else inner
    return Single(keys, schema.description, schema.presence, schema.default)
