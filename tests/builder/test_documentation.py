"""The samples of docs/builder.md, run as a reader would, in a folder of their own."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs" / "builder.md"


def samples() -> list[tuple[str, str]]:
    """Command and what the page shows of its output."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        for sample in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = sample.partition("\n")
            found.append((command, output))
    return found


def test_the_page_has_samples() -> None:
    assert len(samples()) >= 8


def test_every_sample_prints_what_the_page_shows(tmp_path: Path) -> None:
    for command, shown in samples():
        arguments = shlex.split(command)
        assert arguments[:2] == ["python", "build.py"]
        done = subprocess.run(
            [sys.executable, str(REPOSITORY / "build.py"), *arguments[2:]], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        pattern = "".join(".*" if line == "...\n" else re.escape(line) for line in shown.splitlines(keepends=True))
        assert re.fullmatch(pattern, re.sub(r"(?<=\S) {2,}(?== )", " ", done.stdout), re.DOTALL), (
            f"{command}\n{done.stdout}"
        )
