"""What can go wrong between the engine and a Moodle, each with a line that an administrator can act on."""

from __future__ import annotations


class LmsError(Exception):
    """Any failure to get an answer from Moodle."""

    retriable = False
    """Whether the same request may succeed later without anybody changing anything."""

    @property
    def logged(self) -> str:
        """The same without words of Moodle's, which may quote what somebody is called."""
        return str(self)


class UnreachableError(LmsError):
    """No answer: connection refused, time-out, TLS failure, or a gateway's 5xx."""

    retriable = True


class UnexpectedAnswerError(LmsError):
    """An answer that is not what the contract says: not JSON, keys missing, a page instead of data."""


class RefusedError(LmsError):
    """Moodle's own error object. `errorcode` is stable across releases; the exception's class name is not."""

    def __init__(self, function: str, errorcode: str, message: str, exception: str = "") -> None:
        super().__init__(f"{function}: {message} ({errorcode})")
        self.function = function
        self.errorcode = errorcode
        self.message = message
        self.exception = exception.rsplit("\\", maxsplit=1)[-1]
        """Without its namespace, which Moodle 4.5 added."""

    @property
    def logged(self) -> str:
        return f"{self.function}: {self.errorcode}"

    @property
    def retriable(self) -> bool:  # type: ignore[override]
        return self.errorcode in {"sitemaintenance", "upgraderunning"}


class SignInError(LmsError):
    """The OAuth2 exchange ended without a profile. `error` is the protocol's code."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(f"{error}: {description}" if description else error)
        self.error = error
        self.description = description
