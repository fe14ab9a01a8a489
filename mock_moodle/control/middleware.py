"""Between the socket and the site: faults first, then the recorder, then the site; the journal sees it all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from mock_moodle.control.exchange import KEPT_BYTES, Exchange, headers_of
from mock_moodle.control.faults import ConnectionDroppedError, Faults, Step
from mock_moodle.control.journal import Journal
from mock_moodle.control.recorder import Recorder
from mock_moodle.errors import AccessException
from mock_moodle.site import Site
from mock_moodle.webservice.fast import NOTES
from mock_moodle.webservice.rest import RestRequest, failure

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PREFIX = "/__mock__/"
UNWATCHED = (PREFIX, "/theme/", "/favicon.ico")
REASONS = {200: "OK", 303: "See Other", 302: "Found", 400: "Bad Request", 403: "Forbidden", 404: "Not Found"}

Reply = tuple[int, list[tuple[str, str]], bytes]


@dataclass
class Controls:
    """Everything that a test author turns, of one site."""

    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=Faults)
    recorder: Recorder = field(default_factory=Recorder)

    @property
    def calm(self) -> bool:
        """Nothing stands between a request and the site."""
        return not self.faults and not self.recorder.active

    def reset(self) -> None:
        self.journal.clear()
        self.faults.clear()
        self.recorder.stop()


class Watch:
    """The WSGI application that the server and Flask's test client see."""

    def __init__(self, site: Site, controls: Controls, application: Callable[..., Iterable[bytes]]) -> None:
        self._site = site
        self._controls = controls
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(UNWATCHED):
            return self._application(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        notes = environ[NOTES] = []
        exchange = Exchange(
            self._controls.journal.next_id(),
            self._site.clock.precise(),
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            environ.get("QUERY_STRING", ""),
            headers_of(environ),
            body[:KEPT_BYTES],
            notes=notes,
        )
        started = time.perf_counter()
        try:
            status, headers, content = self._reply(exchange, environ, body)
            exchange.status, exchange.response_headers, exchange.response_body = status, headers, content[:KEPT_BYTES]
        except ConnectionDroppedError as drop:
            exchange.response_body = drop.sent or b""
            raise
        finally:
            exchange.seconds = time.perf_counter() - started
            self._controls.journal.record(exchange)
        start_response(f"{status} {REASONS.get(status, 'Status')}", headers)
        return [content]

    def _reply(self, exchange: Exchange, environ: dict[str, Any], body: bytes) -> Reply:
        faults = self._controls.faults
        step = faults.take(exchange.method, exchange.path, exchange.function) if faults else None
        if step is None:
            return self._ask(exchange, environ, body)
        exchange.notes.append(f"fault: {_told(step)}")
        if step.latency:
            time.sleep(step.latency)
        if step.drop:
            raise ConnectionDroppedError
        if step.expire_token:
            return self._expired(exchange, body)
        if step.status is not None:
            return step.status, [("Content-Type", step.content_type)], step.body.encode()
        reply = self._ask(exchange, environ, body)
        if step.truncate is not None:
            raise ConnectionDroppedError(reply[2][: step.truncate])
        return reply

    def _ask(self, exchange: Exchange, environ: dict[str, Any], body: bytes) -> Reply:
        if self._controls.recorder.active:
            recorded = self._controls.recorder.answer(
                exchange.method, exchange.path, exchange.query, exchange.request_headers, body, self._site.wwwroot
            )
            if recorded is not None:
                exchange.notes.append("answered by the real site" if self._controls.recorder.upstream else "replayed")
                return recorded.status, recorded.headers, recorded.content
        return run(self._application, environ)

    def _expired(self, exchange: Exchange, body: bytes) -> Reply:
        request = RestRequest.parse(exchange.query, list(exchange.parameters.items()) if body else [])
        with self._site.visit(write=False):
            answer = failure(
                AccessException("Invalid token - token expired - check validuntil time for the token"),
                json=request.json,
            )
        return answer.status, answer.headers, answer.body


def run(application: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> Reply:
    """A WSGI application's whole answer."""
    started: list[tuple[int, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], None]:
        started[:] = [(int(status.split(" ", 1)[0]), headers)]
        return _no_write

    chunks = application(environ, start_response)
    try:
        content = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    return (*started[0], content)


def _no_write(_data: bytes) -> None:
    raise NotImplementedError("the write callable of WSGI 1.0 is not offered")


def _told(step: Step) -> str:
    return ", ".join(f"{name} {value}" for name, value in vars(step).items() if value) or "none"
