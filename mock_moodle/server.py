"""A mock Moodle behind a real socket: in this thread for the command line, in another for tests."""

from __future__ import annotations

import socket
import threading
from types import TracebackType

from flask import Flask
from waitress.server import create_server


class PortInUseError(OSError):
    """Somebody else listens there."""


def bind(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one. Raises PortInUseError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise PortInUseError(f"{host}:{port}: {error.strerror}; choose another port, or 0 for a free one") from error
    return bound


def address_of(bound: socket.socket) -> str:
    """`http://host:port` of a bound socket."""
    host, port = bound.getsockname()[:2]
    host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - told, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server:
    """Serves an application from a thread: `with Server(app, bound): ...`."""

    def __init__(self, app: Flask, bound: socket.socket, threads: int = 16) -> None:
        self.app = app
        self._server = create_server(app, sockets=[bound], threads=threads, ident=None)
        self._thread = threading.Thread(target=self._server.run, name="mock-moodle", daemon=True)

    def run(self) -> None:
        """Serves in this thread until interrupted."""
        self._server.run()

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        self._thread.join(timeout=5)
