"""Recording a real Moodle through the mock, and replaying what it said.

While recording, every request goes to the real site and its answer comes back, addresses rewritten; a replay answers
the same questions (method, path and parameters, tokens and session keys aside) without it, in the order they were
asked.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qsl

from mock_moodle.control.exchange import form_pairs

SECRET_PARAMETERS = frozenset({"wstoken", "token", "sesskey", "logintoken", "password"})
HOP_HEADERS = frozenset({"connection", "transfer-encoding", "content-encoding", "content-length", "keep-alive", "date"})
TIMEOUT_SECONDS = 60

Question = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Recorded:
    """`parameters` are sorted and without secrets; `body` is text."""

    method: str
    path: str
    parameters: list[tuple[str, str]]
    status: int
    headers: list[tuple[str, str]]
    body: str

    @property
    def question(self) -> Question:
        return self.method, self.path, tuple((name, value) for name, value in self.parameters)


class Recorder:
    """Off at first. `upstream` is the real site's address while recording."""

    def __init__(self) -> None:
        self.upstream: str | None = None
        self.recorded: list[Recorded] = []
        self._answers: dict[Question, list[Recorded]] = {}
        self._lock = threading.Lock()

    @property
    def active(self) -> bool:
        return self.upstream is not None or bool(self._answers)

    def record(self, upstream: str) -> None:
        self.upstream, self.recorded = upstream.rstrip("/"), []

    def stop(self) -> list[dict[str, Any]]:
        """Ends recording or replaying; what was recorded, for JSON."""
        self.upstream, self._answers = None, {}
        return [asdict(each) for each in self.recorded]

    def replay(self, recording: list[dict[str, Any]]) -> None:
        """Answers from a recording from now on; what is not in it goes to the mock."""
        answers: dict[Question, list[Recorded]] = defaultdict(list)
        for spec in recording:
            parameters = [(str(name), str(value)) for name, value in spec["parameters"]]
            headers = [(str(name), str(value)) for name, value in spec["headers"]]
            each = Recorded(spec["method"], spec["path"], parameters, int(spec["status"]), headers, spec["body"])
            answers[each.question].append(each)
        self._answers = dict(answers)

    def answer(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes, wwwroot: str
    ) -> Recorded | None:
        """The real site's answer, fresh or remembered; None if this request is the mock's."""
        if self.upstream is not None:
            return self._ask(self.upstream, method, path, query, headers, body, wwwroot)
        question = (method, path, tuple(_parameters(query, headers, body)))
        with self._lock:
            known = self._answers.get(question)
            if not known:
                return None
            return known.pop(0) if len(known) > 1 else known[0]  # the last answer stays

    def _ask(
        self, upstream: str, method: str, path: str, query: str, headers: dict[str, str], body: bytes, wwwroot: str
    ) -> Recorded:
        import requests  # takes longer to load than the rest of the mock, and few record

        sent = {name: value for name, value in headers.items() if name not in ("Host", "Accept-Encoding")}
        real = requests.request(
            method,
            upstream + path + (f"?{query}" if query else ""),
            headers=sent,
            data=body.replace(wwwroot.encode(), upstream.encode()),
            allow_redirects=False,
            timeout=TIMEOUT_SECONDS,
        )
        text = real.text.replace(upstream.replace("/", "\\/"), wwwroot.replace("/", "\\/")).replace(upstream, wwwroot)
        kept = [
            (name, value.replace(upstream, wwwroot))
            for name, value in real.headers.items()
            if name.lower() not in HOP_HEADERS
        ]
        recorded = Recorded(method, path, _parameters(query, headers, body), real.status_code, kept, text)
        with self._lock:
            self.recorded.append(recorded)
        return recorded


def _parameters(query: str, headers: dict[str, str], body: bytes) -> list[tuple[str, str]]:
    pairs = [*parse_qsl(query, keep_blank_values=True), *form_pairs(headers, body)]
    return sorted((name, value) for name, value in pairs if name not in SECRET_PARAMETERS)
