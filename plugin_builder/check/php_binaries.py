"""PHP's own opinion of a syntax, from whichever PHPs this machine has. Nothing of the code is run."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE

from plugin_builder.targets import PHP

SECONDS, PROCESSOR_SECONDS, MEMORY = 5, 1, "64M"
"""What one PHP gets before it is done without: by the clock, which counts waiting for others, and by its own work."""
_PROGRAM = r"""
if (!function_exists('token_get_all')) { exit(3); }
$found = [];
foreach (json_decode(fgets(STDIN), true) as [$name, $size]) {
    try { token_get_all($size ? stream_get_contents(STDIN, $size) : '', TOKEN_PARSE); }
    catch (ParseError $e) { $found[] = [$name, $e->getLine(), $e->getMessage()]; }
}
echo json_encode([PHP_MAJOR_VERSION, PHP_MINOR_VERSION, $found], JSON_INVALID_UTF8_SUBSTITUTE);
"""


@dataclass(frozen=True)
class SyntaxFault:
    file: str
    line: int
    message: str


def binaries() -> list[str]:
    """`php` and every `php8.2` and the like on the path, each once."""
    versions = [f"php{major}.{minor}" for major in (7, 8) for minor in range(6)]
    found = {str(Path(path).resolve()): path for name in ("php", *versions) if (path := shutil.which(name))}
    return list(found.values())


class Question:
    """What every PHP on this machine says of `files`; they think while the caller does something else."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        index = json.dumps([[name, len(content)] for name, content in files.items()])
        # One piece: between two, the thread that sends them would wait for the one that thinks.
        question = b"".join([f"{index}\n".encode(), *files.values()])
        self._asked = [_Asked(binary, question) for binary in (binaries() if files else [])]

    def answers(self) -> dict[PHP, list[SyntaxFault]]:
        """For each PHP: what does not parse. Empty where there is none that can tell."""
        return dict(answer for asked in self._asked if (answer := asked.answer()))


class _Asked(threading.Thread):
    def __init__(self, binary: str, question: bytes) -> None:
        super().__init__(daemon=True)
        settings = ("display_errors=stderr", f"memory_limit={MEMORY}", f"max_execution_time={PROCESSOR_SECONDS}")
        command = [binary, *(part for setting in settings for part in ("-d", setting)), "-r", _PROGRAM]
        self._question = question
        self._said = b""
        try:
            self._process = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)  # noqa: S603
        except OSError:
            return
        self.start()

    def run(self) -> None:
        with self._process as process, contextlib.suppress(BrokenPipeError):
            assert process.stdin is not None  # noqa: S101 -- a pipe, as asked for
            assert process.stdout is not None  # noqa: S101 -- likewise
            process.stdin.write(self._question)
            process.stdin.close()
            self._said = process.stdout.read()

    def answer(self) -> tuple[PHP, list[SyntaxFault]] | None:
        if self.ident is None:
            return None
        self.join(SECONDS)
        if self.is_alive():
            self._process.kill()
        if not self._said.startswith(b"["):
            return None
        major, minor, found = json.loads(self._said)
        return (major, minor), [SyntaxFault(*each) for each in found]
