"""What the plugin's scripts do in a browser, under `node --test`: the guard of a watched page, and the editing form."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from programs import need

from contract import panel, wire
from plugin_builder.targets import TARGETS

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.test.mjs"))


@pytest.mark.parametrize("target", [TARGETS[0], TARGETS[-1]], ids=lambda target: target.name)
def test_scripts_do_what_their_own_tests_say(files: dict[str, str], tmp_path: Path) -> None:
    guard, form = tmp_path / "guard.js", tmp_path / "form.js"
    guard.write_text(files["amd/build/guard.min.js"])
    form.write_text(files["yui/src/form/js/form.js"])
    told = {
        "guard": str(guard),
        "form": str(form),
        "component": "availability_examus",
        "messages": {
            "ticket": panel.MESSAGE_TICKET,
            "ready": panel.MESSAGE_READY,
            "lost": panel.MESSAGE_LOST,
            "plain": wire.READY_MESSAGE,
        },
    }
    done = subprocess.run(
        [need("node", package="nodejs"), "--test", *map(str, SCRIPTS)],
        env={**os.environ, "PLUGIN_SCRIPTS": json.dumps(told)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(SCRIPTS) == 2
