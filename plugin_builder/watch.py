"""Tells when templates change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

SECONDS = 0.5


def changes(places: Sequence[Path], wait: Callable[[float], None] = time.sleep) -> Iterator[list[Path]]:
    """The files that changed, appeared or vanished since the last answer; first an empty list for "now"."""
    before = _times(places)
    yield []
    while True:
        wait(SECONDS)
        now = _times(places)
        if now != before:
            yield sorted(path for path in {*before, *now} if before.get(path) != now.get(path))
            before = now


def _times(places: Sequence[Path]) -> dict[Path, tuple[int, int]]:
    found = {}
    for place in places:
        for path in place.rglob("*") if place.is_dir() else [place]:
            try:
                status = path.stat()
            except OSError:
                continue
            if path.is_file():
                found[path] = (status.st_mtime_ns, status.st_size)
    return found
