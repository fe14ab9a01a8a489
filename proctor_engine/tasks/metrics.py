"""Prometheus metrics of a machine's worker processes, added up: each counts by itself, and one answers for all."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

from proctor_engine.settings import SettingsError

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_OURS = "PROCTOR_METRICS"
"""Says that the folder was made here, and goes with us."""


@contextmanager
def exposed(address: str | None) -> Iterator[None]:
    """Answers at `[HOST:]PORT` while the block runs, or nowhere. Raises `SettingsError` where nobody can listen there.

    Prometheus' client decides when it is imported whether a process counts for itself or into a folder that others
    share. By now it is imported: the program begins anew.
    """
    if not address:
        yield
        return
    if _FOLDER not in os.environ:
        folder = tempfile.mkdtemp(prefix="proctor-metrics-")
        environment = {**os.environ, _FOLDER: folder, _OURS: folder}
        os.execve(sys.executable, [sys.executable, "-m", "proctor_engine", *sys.argv[1:]], environment)  # noqa: S606
    host, _, port = address.rpartition(":")
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    try:
        server, thread = start_http_server(int(port), host or "127.0.0.1", registry)
    except (ValueError, OSError) as error:
        raise SettingsError(f"--metrics {address}: {error}; a free port is needed, such as 127.0.0.1:9100") from error
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        if _OURS in os.environ:
            shutil.rmtree(os.environ[_OURS], ignore_errors=True)
