"""Recording a real Moodle through the mock, and replaying what it said.

While recording, every request goes to the real site and its answer comes back, addresses rewritten; a replay answers
the same questions (method, path and parameters, tokens and session keys aside) without it, in the order they were
asked. What is given away in the end holds no secret that passed through.
"""

from __future__ import annotations

import base64
import re
import threading
from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from pydantic import StrictInt, StrictStr, TypeAdapter
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from mock_moodle.control.body import BadControlError, checked
from mock_moodle.control.exchange import form_pairs

SECRET_PARAMETERS = frozenset(
    {"wstoken", "token", "privatetoken", "sesskey", "logintoken", "password", "client_secret", "code", "access_token",
     "refresh_token"}
)  # fmt: skip
SECRET_ANSWERS = re.compile(
    r"""["'](?:token|privatetoken|sesskey|access_token|refresh_token|key)["']\s*:\s*["']([^"']+)["']"""
)
SECRET_COOKIE = re.compile(r"MoodleSession\w*=([^;]+)")
SHORTEST_SECRET = 8
"""A shorter value would be found in innocent text."""
REMOVED = "removed"
HOP_HEADERS = frozenset({"connection", "transfer-encoding", "content-encoding", "content-length", "keep-alive", "date"})
COOKIE_ATTRIBUTES = re.compile(r";\s*(?:secure|domain=[^;]*|samesite=none)(?=;|$)", re.IGNORECASE)
"""What would keep a browser from giving a real site's cookie to the mock."""
ADDRESS = re.compile(r"https?://[^\s/?#]+[^\s?#]*")
TIMEOUT_SECONDS = 60

Pairs = list[tuple[str, str]]
Question = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Recorded:
    """`parameters` are sorted and without secrets; a body that is no text is `base64`."""

    method: StrictStr
    path: StrictStr
    parameters: list[tuple[StrictStr, StrictStr]]
    status: StrictInt
    headers: list[tuple[StrictStr, StrictStr]]
    body: StrictStr
    base64: bool = False

    @property
    def question(self) -> Question:
        return self.method, self.path, tuple(sorted(self.parameters))

    @property
    def content(self) -> bytes:
        return base64.b64decode(self.body) if self.base64 else self.body.encode()


_RECORDING = TypeAdapter(list[Recorded])


class Recorder:
    """Off at first. `upstream` is the real site's address while recording."""

    def __init__(self) -> None:
        self.upstream: str | None = None
        self.recorded: list[Recorded] = []
        self._secrets: set[str] = set()
        self._answers: dict[Question, list[Recorded]] = {}
        self._lock = threading.Lock()

    @property
    def active(self) -> bool:
        return self.upstream is not None or bool(self._answers)

    def record(self, upstream: str) -> None:
        """Raises BadControlError for what is no address."""
        if not ADDRESS.fullmatch(upstream):
            raise BadControlError(f"upstream: {upstream!r} is no address; write https://moodle.example")
        self.upstream, self.recorded, self._secrets = upstream.rstrip("/"), [], set()

    def stop(self) -> list[dict[str, Any]]:
        """Ends recording or replaying; what was recorded, for JSON."""
        self.upstream, self._answers = None, {}
        with self._lock:
            return [asdict(self._without_secrets(each)) for each in self.recorded]

    def replay(self, recording: Any) -> None:
        """Answers from a recording from now on; what is not in it goes to the mock. Raises BadControlError."""
        answers: dict[Question, list[Recorded]] = defaultdict(list)
        for each in checked(_RECORDING, recording):
            answers[each.question].append(each)
        self._answers = dict(answers)

    def answer(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes, wwwroot: str
    ) -> Recorded | None:
        """The real site's answer, fresh or remembered; None if this request is the mock's."""
        asked = [*parse_qsl(query, keep_blank_values=True), *_sent(headers, body)]
        parameters = sorted(pair for pair in asked if pair[0] not in SECRET_PARAMETERS)
        if self.upstream is not None:
            status, kept, content = _ask(self.upstream, method, path, query, headers, body, wwwroot)
            text = _as_text(content)
            encoded = base64.b64encode(content).decode() if text is None else text
            recorded = Recorded(method, path, parameters, status, kept, encoded, text is None)
            with self._lock:
                self.recorded.append(recorded)
                self._secrets |= _secrets(asked, recorded)
            return recorded
        question = (method, path, tuple(parameters))
        with self._lock:
            known = self._answers.get(question)
            if not known:
                return None
            return known.pop(0) if len(known) > 1 else known[0]  # the last answer stays

    def _without_secrets(self, recorded: Recorded) -> Recorded:
        def clean(text: str) -> str:
            for secret in self._secrets:
                text = text.replace(secret, REMOVED)
            return text

        return replace(
            recorded,
            parameters=[(name, clean(value)) for name, value in recorded.parameters],
            headers=[(name, clean(value)) for name, value in recorded.headers],
            body=recorded.body if recorded.base64 else clean(recorded.body),
        )


def _ask(
    upstream: str, method: str, path: str, query: str, headers: dict[str, str], body: bytes, wwwroot: str
) -> tuple[int, Pairs, bytes]:
    """Status, headers and content, as if they were the mock's own."""
    import requests  # takes longer to load than the rest of the mock, and few record

    sent = {name: value.replace(wwwroot, upstream) for name, value in headers.items()}
    sent |= {"Host": "", "Accept-Encoding": "identity"}
    try:
        real = requests.request(
            method,
            upstream + path + (f"?{query}" if query else ""),
            headers={name: value for name, value in sent.items() if value},
            data=body.replace(wwwroot.encode(), upstream.encode()),
            allow_redirects=False,
            timeout=TIMEOUT_SECONDS,
        )
    except requests.RequestException as error:
        told = (
            f"{upstream} cannot be recorded: {type(error).__name__}; start it, or stop with DELETE /__mock__/recorder"
        )
        return 502, [("Content-Type", "text/plain; charset=utf-8")], told.encode()
    content = real.content
    for theirs, ours in ((upstream.replace("/", "\\/"), wwwroot.replace("/", "\\/")), (upstream, wwwroot)):
        content = content.replace(theirs.encode(), ours.encode())
    kept = []
    for name, value in real.raw.headers.items():  # each cookie a line of its own
        if name.lower() not in HOP_HEADERS:
            value = COOKIE_ATTRIBUTES.sub("", value) if name.lower() == "set-cookie" else value
            kept.append((name, value.replace(upstream, wwwroot)))
    return real.status_code, kept, content


def _secrets(asked: Pairs, answer: Recorded) -> set[str]:
    found = {value for name, value in asked if name in SECRET_PARAMETERS}
    found |= {
        cookie[1]
        for name, value in answer.headers
        if name.lower() == "set-cookie"
        for cookie in SECRET_COOKIE.finditer(value)
    }
    if not answer.base64:
        found |= set(SECRET_ANSWERS.findall(answer.body))
    return {secret for secret in found if len(secret) >= SHORTEST_SECRET}


def _as_text(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _sent(headers: dict[str, str], body: bytes) -> Pairs:
    """The fields of a form; of another body the whole, under no name."""
    kind, options = parse_options_header(headers.get("Content-Type", ""))
    if kind == "multipart/form-data":
        _, form, files = FormDataParser().parse(BytesIO(body), kind, len(body), options)
        uploaded = [(name, file.filename or "") for name, file in files.items(multi=True)]
        return [*form.items(multi=True), *uploaded]
    if kind == "application/json":
        return [("", body.decode("utf-8", "replace"))]
    return form_pairs(headers, body)
