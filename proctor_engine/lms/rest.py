"""Moodle's REST server, and the plugin's five functions on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

import requests
from prometheus_client import Counter
from pydantic import BaseModel, ValidationError
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from contract import webservice
from contract.webservice import Function
from contract.wire import BOOKING_STATUS
from proctor_engine.lms.errors import RefusedError, UnexpectedAnswerError, UnreachableError
from proctor_engine.lms.models import Access, Done, Exam, ModuleList, Picture, Review

REST_PATH = "/webservice/rest/server.php"
MAX_PICTURE_BYTES = 5 * 2**20
TIMEOUT = (5, 30)
"""Seconds to connect and to wait for an answer: `user_proctored_modules` walks all of a student's courses."""

REQUESTS = Counter("proctor_moodle_requests", "Requests sent to Moodle", ["function"])

Answer = TypeVar("Answer", bound=BaseModel)


def flatten(parameters: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """PHP's array notation: `{"a": {"b": [1]}}` becomes `a[b][0]=1`. None is left out, for its default."""
    for key, value in parameters.items():
        name = f"{prefix}[{key}]" if prefix else key
        if isinstance(value, Mapping):
            yield from flatten(value, name)
        elif isinstance(value, list | tuple):
            yield from flatten({str(index): item for index, item in enumerate(value)}, name)
        elif isinstance(value, bool):
            yield name, str(int(value))
        elif value is not None:
            yield name, str(value)


class MoodleRest:
    """Calls the five functions. One instance may be shared by threads: each call opens its own connection."""

    def __init__(self, url: str, token: str, *, component: str = "availability_examus") -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._component = component

    def exams(self, email: str) -> tuple[Exam, ...]:
        """The exams due for a person; empty for somebody whom Moodle does not know."""
        return self._call(webservice.USER_PROCTORED_MODULES, {"useremail": email}, ModuleList).modules

    def exam(self, access_code: str) -> Exam | None:
        """The exam behind one access code, or None for a code that Moodle does not know."""
        answer = self._call(webservice.USER_PROCTORED_MODULES, {"accesscode": access_code}, ModuleList)
        return next((exam for exam in answer.modules if exam.accesscode == access_code), None)

    def submit(self, review: Review) -> None:
        """Stores a review. Raises `RefusedError` where Moodle does not know the access code."""
        done = self._call(webservice.SUBMIT_PROCTORING_REVIEW, review.parameters(), Done)
        self._succeeded(webservice.SUBMIT_PROCTORING_REVIEW, done)

    def book(self, access_code: str, slot: datetime) -> None:
        """Tells of a booked time slot. Raises `RefusedError` where Moodle does not know the access code."""
        booking = {"accesscode": access_code, "status": BOOKING_STATUS.value, "timescheduled": int(slot.timestamp())}
        self._succeeded(
            webservice.SUBMIT_PROCTORING_REVIEW, self._call(webservice.SUBMIT_PROCTORING_REVIEW, booking, Done)
        )

    def reset(self, access_code: str) -> bool:
        """Asks for a fresh access code; False where Moodle says that there is nothing to replace."""
        return self._call(webservice.RESET_ENTRY, {"accesscode": access_code}, Done).success

    def access(self, email: str) -> Access:
        """What a person may do; somebody unknown may do nothing."""
        return self._call(webservice.AUTH_ACCESS, {"useremail": email}, Access)

    def picture(self, email: str) -> bytes | None:
        """The profile picture as it was uploaded (JPEG or PNG), or None where there is none."""
        picture = self._call(webservice.USER_PICTURE, {"useremail": email}, Picture)
        if not picture.success or not picture.userpicture:
            return None
        return self._download(picture.userpicture)

    def _download(self, address: str) -> bytes:
        """Fetches from this Moodle only: an address that it hands out must not lead us to somebody else's server."""
        if _origin(address) != _origin(self.url):
            raise UnexpectedAnswerError(f"user_picture: Moodle gave an address that is not its own: {_origin(address)}")
        REQUESTS.labels("picture").inc()
        try:
            with requests.get(address, timeout=TIMEOUT, stream=True, allow_redirects=False) as response:
                if response.status_code != requests.codes.ok:
                    raise UnexpectedAnswerError(f"user_picture: its address answered {response.status_code}")
                content = response.raw.read(MAX_PICTURE_BYTES + 1, decode_content=True)
        except requests.RequestException as error:
            # Its own words hold the address, and that may hold a token.
            raise UnreachableError(f"user_picture: no answer from {self.url} ({type(error).__name__})") from None
        if len(content) > MAX_PICTURE_BYTES:
            raise UnexpectedAnswerError(f"user_picture: larger than {MAX_PICTURE_BYTES} bytes")
        return bytes(content)

    def _call(self, function: Function, parameters: Mapping[str, Any], answer: type[Answer]) -> Answer:
        name = function.full_name(self._component)
        form = [
            ("wstoken", self._token),
            ("wsfunction", name),
            ("moodlewsrestformat", "json"),
            *flatten(parameters),
        ]
        REQUESTS.labels(function.name).inc()
        try:
            response = requests.post(self.url + REST_PATH, data=form, timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException as error:
            raise UnreachableError(f"{name}: no answer from {self.url} ({type(error).__name__})") from error
        if response.status_code >= requests.codes.server_error:
            raise UnreachableError(f"{name}: {self.url} answered {response.status_code}")
        if response.status_code != requests.codes.ok:
            raise UnexpectedAnswerError(
                f"{name}: {self.url} answered {response.status_code}; are web services switched on?"
            )
        try:
            content = response.json()
        except requests.JSONDecodeError as error:
            raise UnexpectedAnswerError(
                f"{name}: the answer is not JSON; is {self.url} the address of a Moodle?"
            ) from error
        if isinstance(content, dict) and "exception" in content:
            raise RefusedError(
                name, str(content.get("errorcode", "")), str(content.get("message", "")), str(content["exception"])
            )
        try:
            return answer.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise UnexpectedAnswerError(f"{name}: {field or 'answer'}: {first['msg']}") from error

    def _succeeded(self, function: Function, done: Done) -> None:
        if not done.success:
            raise RefusedError(function.full_name(self._component), "notdone", done.error or "no reason given")


def _origin(address: str) -> tuple[str, str, int | None]:
    """Read by the parser that the request is then sent by: two parsers may see two hosts in one strange address."""
    try:
        parts = parse_url(address)
    except LocationParseError:
        return "", "", None
    return parts.scheme or "", parts.host or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme or "")
