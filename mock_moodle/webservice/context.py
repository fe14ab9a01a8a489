"""validate_context(): may this caller work in this context at all?"""

from __future__ import annotations

from mock_moodle.access import can_access_course, context_course, has_capability
from mock_moodle.course.visibility import visibility_of
from mock_moodle.errors import InvalidParameter, MissingRecord, MoodleError, RequireLogin
from mock_moodle.site import GUEST_ID, current
from mock_moodle.store.core import Course, CourseModule, User
from mock_moodle.webservice.debugging import message_of


def validate_system_context(userid: int) -> None:
    """What every function asks first: the account must be ready to work."""
    if userid and current.session.get_one(User, userid).forcepasswordchange:
        raise MoodleError("forcepasswordchangenotice", "error/forcepasswordchangenotice")


def validate_course_context(course: Course, userid: int) -> None:
    """Raises RequireLogin for one who is neither enrolled nor allowed to look in."""
    validate_system_context(userid)
    if not can_access_course(course, userid):
        hidden = "moodle/course:viewhiddencourses", context_course(course.id), userid
        raise RequireLogin("Not enrolled" if course.visible or has_capability(*hidden) else "Course is hidden")


def validate_module_context(cm: CourseModule, userid: int) -> None:
    """Also asks whether the activity is available to the caller."""
    validate_course_context(get_course(cm.course), userid)
    if not visibility_of(cm, userid).uservisible:
        raise RequireLogin("Activity is hidden")


def get_course(course_id: int) -> Course:
    course = current.session.get(Course, course_id)
    if course is None:
        raise MissingRecord("course", id=course_id)
    return course


def existing_course(course_id: int) -> Course:
    """Where Moodle asks for the course's context, not for its record."""
    course = current.session.get(Course, course_id)
    if course is None:
        raise InvalidParameter("Context does not exist")
    return course


def enter_course(course_id: int, userid: int) -> Course:
    """As the core functions do it: the refusal is wrapped into one that names the course."""
    try:
        course = existing_course(course_id)
        validate_course_context(course, userid)
    except MoodleError as error:
        raise MoodleError(
            "errorcoursecontextnotvalid",
            f"You cannot execute functions in the course context (course id:{course_id})."
            f" The context error message was: {message_of(error)}",
        ) from error
    return course


def existing_user(userid: int) -> User:
    user = current.session.get(User, userid)
    if user is None:
        raise MoodleError("invaliduser", "Invalid user", exception="dml_missing_record_exception")
    return user


def supported_format(number: int) -> int:
    """A text's format: Moodle's own, HTML, plain or Markdown."""
    if number not in (0, 1, 2, 4):
        raise MoodleError("formatnotsupported", "webservice/formatnotsupported")
    return number


def require_active_user(userid: int) -> None:
    """core_user::require_active_user(): the account exists and somebody could use it."""
    user = existing_user(userid)
    if user.deleted:
        raise MoodleError("userdeleted", "error/userdeleted")
    if not user.confirmed:
        raise MoodleError("usernotconfirmed", f"Could not confirm {user.username}")
    if user.id == GUEST_ID:
        raise MoodleError("guestsarenotallowed", "The guest user is not allowed to do this")
