"""What moodle-plugin-ci's `savepoints` asks of db/upgrade.php."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugin_builder.check.findings import Finding
from plugin_builder.check.subject import Subject, line_of

UPGRADE = "db/upgrade.php"
FUNCTIONS = {"mod": "upgrade_mod_savepoint", "block": "upgrade_block_savepoint"}
OTHERWISE = "upgrade_plugin_savepoint"
_STEP = re.compile(rb"\$oldversion\s*<\s*(\d+(?:\.\d+)?)")
_SAVEPOINT = re.compile(
    rb"\b(upgrade_\w+_savepoint)\s*\([^,()]*,\s*(\d+(?:\.\d+)?)\s*,"
    rb"\s*['\"](\w+)['\"](?:\s*,\s*['\"](\w+)['\"])?"
)


def savepoints(subject: Subject) -> Iterator[Finding]:
    """Each step ends in one savepoint of its own version and of this plugin."""
    source, package = subject.package.files.get(UPGRADE), subject.package
    if source is None or not package.type or not package.name:
        return

    def finding(message: str, mend: str, at: int) -> Finding:
        return Finding("savepoint", "warning", message, mend, UPGRADE, line_of(source, at))

    function = FUNCTIONS.get(package.type, OTHERWISE)
    steps = {match[1]: match.start() for match in _STEP.finditer(source)}
    points = {match[2]: match for match in _SAVEPOINT.finditer(source)}
    for version, at in steps.items():
        if version not in points:
            yield finding(
                f"The step to {version.decode()} has no savepoint of that version.", f"Call {function}().", at
            )
        above = package.version.get("version")
        if isinstance(above, int | float) and float(version) > above:
            message = f"The step to {version.decode()} lies above $plugin->version {above}: it runs at every upgrade."
            yield finding(message, "Raise the version.", at)
    for match in points.values():
        called, _, first, second = (part.decode() if part else "" for part in match.groups())
        owner = f"{first}_{second}" if second else f"{called.split('_')[1]}_{first}"
        if owner != package.component:
            yield finding(f"The savepoint is {owner}'s, not this plugin's.", "Name this plugin.", match.start())
        elif called != function:
            message = f"{called}() where Moodle has {function}() for plugins of this type."
            yield finding(message, f"Call {function}().", match.start())


RULES = (savepoints,)
