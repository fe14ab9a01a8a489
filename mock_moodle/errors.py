"""Moodle's exceptions. Raise one anywhere: REST, AJAX, token.php and pages each show it in Moodle's own form.

raise MoodleError("invalidlogin", "Invalid login, please try again")
raise InvalidParameter("courseid => Invalid parameter value: ...")      # the detail is debuginfo, hidden by default
raise MissingRecord("quiz_attempts")
raise RequiredCapability("View quiz reports")
"""

# ruff: noqa: N818 - named after Moodle's classes

from __future__ import annotations


class MoodleError(Exception):
    """`moodle_exception`. `exception` is the class name that clients see; older releases leave `core\\exception\\`
    out."""

    exception = "core\\exception\\moodle_exception"

    def __init__(self, errorcode: str, message: str, debuginfo: str | None = None, *, exception: str = "") -> None:
        super().__init__(message)
        self.errorcode = errorcode
        self.message = message
        self.debuginfo = debuginfo
        if exception:
            self.exception = exception


class QuizError(MoodleError):
    """`moodle_quiz_exception` before 4.2, one like others since."""

    exception = "core\\exception\\moodle_quiz_exception"


class InvalidParameter(MoodleError):
    exception = "core\\exception\\invalid_parameter_exception"

    def __init__(self, debuginfo: str | None = None) -> None:
        super().__init__("invalidparameter", "Invalid parameter value detected", debuginfo)


class InvalidResponse(MoodleError):
    """A function returned what its own signature forbids."""

    exception = "core\\exception\\invalid_response_exception"

    def __init__(self, debuginfo: str | None = None) -> None:
        super().__init__("invalidresponse", "Invalid response value detected", debuginfo)


class AccessException(MoodleError):
    exception = "webservice_access_exception"

    def __init__(self, debuginfo: str | None = None) -> None:
        super().__init__("accessexception", "Access control exception", debuginfo)


class MissingRecord(MoodleError):
    exception = "dml_missing_record_exception"

    def __init__(self, table: str, columns: str = "*", **wanted: int | str) -> None:
        """`wanted` is what was looked for: the query that found nothing is the debuginfo."""
        where = " AND ".join(f"{name} = ?" for name in wanted)
        values = "".join(f"  {at} => {value!r},\n" for at, value in enumerate(wanted.values()))
        query = " ".join(("SELECT", columns, "FROM", f"{{{table}}}", "WHERE", where))
        told = f"{query}\n[array (\n{values})]" if wanted else None
        super().__init__("invalidrecord", f"Can't find data record in database table {table}.", told)


class MissingByQuery(MoodleError):
    """The same where Moodle joins tables to look: it cannot name one."""

    exception = "dml_missing_record_exception"

    def __init__(self) -> None:
        super().__init__("invalidrecordunknown", "Can't find data record in database.")


class UnreadableTable(MoodleError):
    """The database refused Moodle's query."""

    exception = "dml_read_exception"

    def __init__(self) -> None:
        super().__init__("dmlreadexception", "Error reading from database")


class UnwritableRow(MoodleError):
    """The database refused a value, such as a text longer than its column."""

    exception = "dml_write_exception"

    def __init__(self) -> None:
        super().__init__("dmlwriteexception", "Error writing to database")


class NotMockedError(MissingRecord):
    """Moodle has this function, the mock has not: clients see what they would see if it were absent."""

    def __init__(self, name: str) -> None:
        super().__init__("external_functions", name=name)


class RequiredCapability(MoodleError):
    exception = "core\\exception\\required_capability_exception"

    def __init__(self, capability_title: str) -> None:
        super().__init__(
            "nopermissions", f"Sorry, but you do not currently have permissions to do that ({capability_title})."
        )


class PhpError(MoodleError):
    """What PHP itself throws where Moodle does not look first: it has no errorcode."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__("", message, exception=kind)


class RequireLogin(MoodleError):
    """On a page: go to the login form first. In a web service: an answer with errorcode requireloginerror."""

    exception = "core\\exception\\require_login_exception"

    def __init__(self, debuginfo: str | None = None, *, redirect_to: str = "/login/index.php") -> None:
        super().__init__("requireloginerror", "Course or activity not accessible.", debuginfo)
        self.redirect_to = redirect_to


class CourseHidden(MoodleError):
    """On a page: told as a notice."""

    def __init__(self) -> None:
        super().__init__("coursehidden", "This course is currently unavailable to students")


class InvalidSesskey(MoodleError):
    """A form or script of another session."""

    def __init__(self) -> None:
        super().__init__(
            "invalidsesskey",
            "Your session has most likely timed out. Please check if you are logged in or go back to the previous"
            " screen and reload the page.",
        )


class MissingParameter(MoodleError):
    """A page's `required_param` was not sent."""

    def __init__(self, name: str) -> None:
        super().__init__("missingparam", f"A required parameter ({name}) was missing")


def coding_error(hint: str, debuginfo: str | None = None) -> MoodleError:
    """`coding_exception`."""
    return MoodleError(
        "codingerror",
        f"Coding error detected, it must be fixed by a programmer: {hint}",
        debuginfo,
        exception="core\\exception\\coding_exception",
    )


def array_in_query() -> PhpError:
    """An array where a query of the recorded site's database takes a text."""
    return PhpError(
        "TypeError", "mysqli::real_escape_string(): Argument #1 ($string) must be of type string, array given"
    )


def array_for_scalar() -> MoodleError:
    """An array where optional_param() or required_param() expects a scalar."""
    return coding_error("clean() can not process arrays, please use clean_array() instead.")
