"""A mock Moodle behind a real socket: in this thread for the command line, in another for tests.

    with Server(app, bind("127.0.0.1", 0)) as server:
        requests.get(server.address)

Uvicorn reads HTTP; `Gateway` hands each request to the WSGI application, in a thread of a pool unless the application
says that it can answer at once: a web-service call that only reads, or whose answer is known, costs less than the way
into a thread.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from types import TracebackType
from typing import Any
from urllib.parse import unquote_to_bytes

import uvicorn
from flask import Flask
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mock_moodle.control.faults import ConnectionDroppedError
from mock_moodle.control.middleware import Controls, run
from mock_moodle.webservice.fast import FastRest

THREADS = 32
START_SECONDS = 10
HANG_UP = "mock_moodle.hang_up"

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class PortInUseError(OSError):
    """Somebody else listens there."""


def bind(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one. Raises PortInUseError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(1024)  # who connects before the world is loaded waits
    except (OSError, OverflowError) as error:
        bound.close()
        reason = getattr(error, "strerror", None) or error
        raise PortInUseError(f"{host}:{port}: {reason}; choose another port, or 0 for a free one") from error
    return bound


def address_of(bound: socket.socket, scheme: str = "http") -> str:
    """`http://host:port` of a bound socket."""
    host, port = bound.getsockname()[:2]
    host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - told, not bound
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class Server:
    """`certificate` names files with a certificate and its key, for HTTPS."""

    def __init__(self, app: Flask, bound: socket.socket, certificate: tuple[str, str] | None = None) -> None:
        self.app = app
        self.address: str = app.extensions["mock_moodle"].wwwroot
        self._bound = bound
        controls: Controls = app.extensions["mock_moodle_controls"]
        rest: FastRest = app.extensions["mock_moodle_rest"]
        self._gateway = Gateway(app.wsgi_app, lambda environ, body: controls.calm and rest.is_quick(environ, body))
        certfile, keyfile = certificate or (None, None)
        config = uvicorn.Config(
            self._gateway,
            interface="asgi3",
            http=_Closable,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            ssl_certfile=certfile,
            ssl_keyfile=keyfile,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self.run, name="mock-moodle", daemon=True)

    def run(self) -> None:
        """Serves in this thread until interrupted."""
        try:
            self._server.run(sockets=[self._bound])
        finally:
            self._gateway.close()
            self._bound.close()

    def __enter__(self) -> Server:
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the mock Moodle's server did not start")
            time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=START_SECONDS)


class Gateway:
    """An ASGI application around a WSGI one. Bodies are whole in both directions: no request holds the database while a
    slow client sends or reads."""

    def __init__(
        self, application: Callable[..., Iterable[bytes]], is_quick: Callable[[dict[str, Any], bytes], bool]
    ) -> None:
        self._application = application
        self._is_quick = is_quick
        self._pool = ThreadPoolExecutor(THREADS, "mock-moodle")

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _whole_body(receive)
        environ = wsgi_environ(scope, body)
        try:
            if self._is_quick(environ, body):
                status, headers, content = run(self._application, environ)
            else:
                loop = asyncio.get_running_loop()
                status, headers, content = await loop.run_in_executor(self._pool, run, self._application, environ)
        except ConnectionDroppedError as drop:
            await _break_off(scope, receive, send, drop.sent)
            return
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        if not any(name == b"content-length" for name, _ in raw):
            raw.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": content})


def wsgi_environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """PEP 3333's environ of an ASGI request."""
    client, server = scope.get("client") or ("127.0.0.1", 0), scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.errors": _Errors(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(body)),
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name != "content-length":
            key = "HTTP_" + name.upper().replace("-", "_")
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


class _Errors:
    """wsgi.errors: this process's standard error, found when written to."""

    def write(self, text: str) -> int:
        import sys

        return sys.stderr.write(text)

    def flush(self) -> None:
        """Nothing is kept back."""


async def _whole_body(receive: Receive) -> bytes:
    message = await receive()
    if not message.get("more_body"):
        return bytes(message.get("body", b""))
    parts = [message.get("body", b"")]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)


class _Closable(HttpToolsProtocol):
    """ASGI knows no way to hang up: this one hands it on."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {HANG_UP: {"close": self.transport.close}}


async def _break_off(scope: Scope, receive: Receive, send: Send, sent: bytes | None) -> None:
    """Closes the connection under the client: without a word, or after less than was promised."""
    if sent is not None:
        promised = str(len(sent) + 1024).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", promised)]})
        await send({"type": "http.response.body", "body": sent, "more_body": True})
    scope["extensions"][HANG_UP]["close"]()
    while (await receive())["type"] != "http.disconnect":
        pass
