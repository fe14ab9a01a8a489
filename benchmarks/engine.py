"""The service under load: its processes, a database of its own, and what both cost."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tomlkit
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from proctor_engine.settings import Settings, load

SCRIPT = "from proctor_engine.cli import main; main()"
START_SECONDS = 60


class Engine:
    """Settings and processes in one temporary folder."""

    def __init__(self, folder: Path, database: str, broker: str, limits: Mapping[str, float]) -> None:
        self.port = free_port()
        self._file = folder / "engine.toml"
        values = {
            "public_url": f"http://127.0.0.1:{self.port}",
            "data": str(folder / "var"),
            "database": database,
            "broker": broker,
            "moodle": {"url": "http://127.0.0.1:9", "client_id": "c", "client_secret": "s", "token": "t"},
            "limits": {"clock_tolerance": 30, **limits},
        }
        self._file.write_text(tomlkit.dumps(values))
        self.settings: Settings = load(self._file, {}, "")

    @contextmanager
    def web(self) -> Iterator[Process]:
        with Process("serve", "--port", self.port, "--workers", 0, "--threads", 16, "--config", self._file) as process:
            process.wait_for(self.port)
            yield process

    def workers(self, count: int) -> Process:
        return Process("worker", "--processes", count, "--config", self._file)


class Process:
    """One of our commands with whatever it starts; ends with its block."""

    def __init__(self, *arguments: object) -> None:
        command = [sys.executable, "-c", SCRIPT, *map(str, arguments)]
        self._process = subprocess.Popen(  # noqa: S603
            command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()

    def wait_for(self, port: int) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError("the web process does not start")

    def cpu_seconds(self) -> float:
        """Of the process and those that it started."""
        return _seconds(lambda _name, group: group == self._process.pid)

    def megabytes(self) -> float:
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return round(int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024, 1)


@contextmanager
def engine(database: str = "", broker: str = "", **limits: float) -> Iterator[Engine]:
    """In a fresh folder, with a fresh database: SQLite, or one made on the server at `database`."""
    with tempfile.TemporaryDirectory(prefix="load-") as folder, _database(database) as address:
        yield Engine(Path(folder), address, broker, limits)


@contextmanager
def _database(server: str) -> Iterator[str]:
    if not server:
        yield ""
        return
    name = f"load_{secrets.token_hex(4)}"
    administration = create_engine(server, isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with administration.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        administration.dispose()


def server_seconds() -> float:
    """Processor seconds of all PostgreSQL and Redis processes on this machine."""
    return _seconds(lambda name, _group: name in {"postgres", "redis-server"})


def _seconds(counts: Callable[[str, int], bool]) -> float:
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, tail = stat.read_text().rpartition(")")
        except OSError:
            continue
        fields = tail.split()
        if counts(head.partition("(")[2], int(fields[2])):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def machine_seconds() -> float:
    """Busy processor seconds of the machine since it started."""
    fields = [int(value) for value in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    ticks: Any = os.sysconf("SC_CLK_TCK")
    return (sum(fields) - fields[3] - fields[4]) / ticks


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
