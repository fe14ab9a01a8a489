"""The pure modules of the pages' scripts, under `node --test`: one run, one test a line of its report."""

from __future__ import annotations

import subprocess
from pathlib import Path

from programs import need

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.test.mjs"))


def test_scripts_do_what_their_own_tests_say() -> None:
    done = subprocess.run(
        [need("node", package="nodejs"), "--test", *map(str, SCRIPTS)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(SCRIPTS) >= 5
