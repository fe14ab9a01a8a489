"""Starts one of our servers as a process of its own, as a user would, and reads where it listens."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue

from demo.narration import DemoError

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
START_SECONDS = 60
STOP_SECONDS = 10


@contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[str]:
    """Runs `command` (a console script of ours with its arguments) and yields the first address that it prints.

    Everything that it prints goes to `log`. Raises `DemoError` if it ends or stays silent instead.
    """
    script = Path(sys.executable).with_name(command[0])
    with log.open("w", encoding="utf-8") as sink:
        process = subprocess.Popen(  # noqa: S603 - our own script, no shell
            [str(script), *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
        )
        addresses: SimpleQueue[str | None] = SimpleQueue()

        def copy_output() -> None:
            assert process.stdout is not None  # noqa: S101 - Popen was given a pipe
            for line in process.stdout:
                sink.write(line)
                sink.flush()
                if found := ADDRESS.search(line):
                    addresses.put(found[0])
            addresses.put(None)

        copier = threading.Thread(target=copy_output, daemon=True)
        copier.start()
        try:
            yield _first_address(addresses, command[0], log)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
            copier.join(STOP_SECONDS)


def _first_address(addresses: SimpleQueue[str | None], name: str, log: Path) -> str:
    try:
        address = addresses.get(timeout=START_SECONDS)
    except Empty:
        raise DemoError(f"{name} printed no address within {START_SECONDS} s.", f"Read {log}.") from None
    if address is None:
        last = (log.read_text(encoding="utf-8").strip().splitlines() or ["it printed nothing"])[-1]
        raise DemoError(f"{name} ended at once: {last}", f"Read {log}.")
    return address
