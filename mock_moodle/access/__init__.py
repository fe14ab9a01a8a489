"""Who may do what: contexts, roles and capabilities, resolved as Moodle resolves them.

context = context_module(cm.id)                # also context_system(), context_course(id), context_user(id), …
has_capability("mod/quiz:attempt", context)    # of the signed-in user; has_capability(name, context, userid) of another
require_capability("mod/quiz:viewreports", context)     # raises RequiredCapability with Moodle's title of it
is_enrolled(course_id, userid)
"""

from mock_moodle.access.contexts import (
    context_by_id,
    context_course,
    context_coursecat,
    context_module,
    context_system,
    context_user,
    create_context,
)
from mock_moodle.access.enrolment import can_access_course, enrolled_userids, is_enrolled
from mock_moodle.access.resolve import has_capability, require_capability, role_ids, users_with_capability

__all__ = [
    "can_access_course",
    "context_by_id",
    "context_course",
    "context_coursecat",
    "context_module",
    "context_system",
    "context_user",
    "create_context",
    "enrolled_userids",
    "has_capability",
    "is_enrolled",
    "require_capability",
    "role_ids",
    "users_with_capability",
]
