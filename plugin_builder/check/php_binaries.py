"""PHP's own opinion of a syntax, from whichever PHPs this machine has. Nothing of the code is run."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plugin_builder.targets import PHP

SECONDS = 5
_PROGRAM = r"""
if (!function_exists('token_get_all')) { exit(3); }
$found = [];
foreach (json_decode(stream_get_contents(STDIN), true) as $name => $code) {
    try { token_get_all(base64_decode($code), TOKEN_PARSE); }
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
    """`php` and every `php8.2` and the like on the path."""
    versions = [f"php{major}.{minor}" for major in (7, 8) for minor in range(5)]
    return [path for name in ("php", *versions) if (path := shutil.which(name))]


def syntax(files: Mapping[str, bytes]) -> dict[PHP, list[SyntaxFault]]:
    """For each PHP found: what it says of `files`. Empty where there is none that can tell."""
    question = json.dumps({name: base64.b64encode(content).decode() for name, content in files.items()})
    answers: dict[PHP, list[SyntaxFault]] = {}
    asked: set[str] = set()
    for binary in binaries():
        resolved = str(Path(binary).resolve())
        if resolved in asked:
            continue
        asked.add(resolved)
        command = [binary, "-d", "display_errors=stderr", "-d", "memory_limit=128M", "-r", _PROGRAM]
        try:
            done = subprocess.run(command, input=question, capture_output=True, text=True, timeout=SECONDS)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0 and re.match(r"\[\d", done.stdout):
            major, minor, found = json.loads(done.stdout)
            answers[(major, minor)] = [SyntaxFault(*each) for each in found]
    return answers
