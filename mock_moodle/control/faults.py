"""What goes wrong on purpose: for some requests, the first few times, in sequence.

    faults.add(Fault(function="core_webservice_get_site_info", steps=[Step(status=503), Step(latency=2.0), Step()]))

The first such call is answered 503, the second comes after two seconds, the third as usual, and then the fault is used
up. `repeat=True` starts over instead.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, TypeAdapter

from mock_moodle.control.body import checked

NOTHING_ELSE = ConfigDict(extra="forbid")


class ConnectionDroppedError(ConnectionError):
    """Raised through the application: the server breaks the body off after `sent`; None is for no answer at all."""

    def __init__(self, sent: bytes | None = None) -> None:
        super().__init__("the connection was dropped on purpose")
        self.sent = sent


@dataclass(frozen=True)
class Step:
    """What happens to one request: any of waiting `latency` seconds, answering `status` with `body` instead of the
    site, breaking the site's answer off after `truncate` bytes, dropping the connection at once, and refusing the
    token as if it had expired. A step without anything lets a request pass."""

    __pydantic_config__ = NOTHING_ELSE

    latency: Annotated[StrictFloat, Field(ge=0, le=3600)] = 0.0
    status: Annotated[StrictInt, Field(ge=200, le=599)] | None = None
    body: StrictStr = ""
    content_type: Annotated[StrictStr, Field(pattern=r"^[ -~]*$")] = "text/html; charset=utf-8"
    truncate: Annotated[StrictInt, Field(ge=0)] | None = None
    drop: StrictBool = False
    expire_token: StrictBool = False


@dataclass
class Fault:
    """`path` and `function` may hold wildcards; without any of the three the fault meets every request."""

    path: str | None = None
    function: str | None = None
    method: str | None = None
    steps: list[Step] = field(default_factory=lambda: [Step()])
    repeat: bool = False
    taken: int = 0
    """Requests that have met it."""

    @classmethod
    def from_dict(cls, spec: dict[str, Any]) -> Fault:
        """Of JSON: keys of Fault and, as a short form of one step repeated `times`, keys of Step. Raises ValueError."""
        asked = checked(_ASKED, spec)
        steps = asked.steps
        if steps is None:
            shared = {name: getattr(asked, name) for name in Step.__dataclass_fields__}
            steps = [Step(**shared)] * (asked.times or 1)
        repeat = asked.repeat or asked.times is None
        return cls(asked.path, asked.function, asked.method, steps, repeat)

    def meets(self, method: str, path: str, function: str | None) -> bool:
        return (
            (self.method is None or self.method.upper() == method)
            and (self.path is None or fnmatchcase(path, self.path))
            and (self.function is None or fnmatchcase(function or "", self.function))
        )

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class _Asked(Step):
    """A fault as JSON says it."""

    path: StrictStr | None = None
    function: StrictStr | None = None
    method: StrictStr | None = None
    steps: Annotated[list[Step], Field(min_length=1)] | None = None
    repeat: StrictBool = False
    times: Annotated[StrictInt, Field(ge=1, le=10_000)] | None = 1


_ASKED = TypeAdapter(_Asked)


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._faults)

    def __iter__(self) -> Any:
        return iter(list(self._faults))

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, method: str, path: str, function: str | None) -> Step | None:
        """The next step of the first fault that meets a request."""
        with self._lock:
            for fault in self._faults:
                if fault.meets(method, path, function):
                    step = fault.steps[fault.taken % len(fault.steps)]
                    fault.taken += 1
                    if fault.taken >= len(fault.steps) and not fault.repeat:
                        self._faults.remove(fault)
                    return step
        return None
