"""What moodle-plugin-ci's `savepoints` asks of every db/upgrade.php, those of subplugins included."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from plugin_builder.check.components import split_component
from plugin_builder.check.findings import Finding
from plugin_builder.check.subject import Subject, line_of
from plugin_builder.php_source import properties

UPGRADE = "db/upgrade.php"
FUNCTIONS = {"mod": "upgrade_mod_savepoint", "block": "upgrade_block_savepoint"}
OTHERWISE = "upgrade_plugin_savepoint"
_FUNCTION = re.compile(rb"\bfunction\s+(?:&\s*)?xmldb_\w+_upgrade\s*\(", re.IGNORECASE)
_STEP = re.compile(rb"\$oldversion\s*<\s*(\d+(?:\.\d+)?)")
_SAVEPOINT = re.compile(
    rb"\b(upgrade_\w+_savepoint)\s*\(([^,()]*),\s*(\d+(?:\.\d+)?)\s*,"
    rb"\s*['\"](\w+)['\"](?:\s*,\s*['\"](\w+)['\"])?"
)


def savepoints(subject: Subject) -> Iterator[Finding]:
    for file in subject.own_php:
        if f"/{file}".endswith(f"/{UPGRADE}"):
            declared = subject.package.files.get(file.removesuffix(UPGRADE) + "version.php", b"")
            yield from _of_one_file(file, subject.package.files[file], properties(declared, "plugin"))


def _of_one_file(file: str, source: bytes, declared: Mapping[str, Any]) -> Iterator[Finding]:
    """Each step ends in one savepoint of its own version and of this plugin, and the steps stand in order."""

    def finding(message: str, mend: str, at: int) -> Finding:
        return Finding("savepoint", "warning", message, mend, file, line_of(source, at))

    component, above = declared.get("component"), declared.get("version")
    function = FUNCTIONS.get(split_component(component)[0], OTHERWISE) if isinstance(component, str) else OTHERWISE
    for second in list(_FUNCTION.finditer(source))[1:]:
        yield finding("There are several functions xmldb_…_upgrade().", "Keep one.", second.start())
    steps = {match[1]: match.start() for match in _STEP.finditer(source)}
    points = list(_SAVEPOINT.finditer(source))
    saved, latest = {match[3] for match in points}, 0.0
    for version, at in steps.items():
        if version not in saved:
            message = f"The step to {version.decode()} has no savepoint of that version."
            yield finding(message, f"Call {function}().", at)
        if isinstance(above, int | float) and float(version) > above:
            message = f"The step to {version.decode()} lies above $plugin->version {above}: it runs at every upgrade."
            yield finding(message, "Raise the version.", at)
        if float(version) < latest:
            message = f"The step to {version.decode()} stands after a later one, and may be left out."
            yield finding(message, "Put the steps in order.", at)
        latest = max(latest, float(version))
    seen: set[bytes] = set()
    for match in points:
        called, first, version = match[1].decode(), match[2].strip().lower(), match[3]
        kind, name = (match[4], match[5]) if match[5] else (match[1].split(b"_")[1], match[4])
        owner = f"{kind.decode()}_{name.decode()}"
        if version in seen:
            yield finding(f"There are several savepoints of {version.decode()}.", "Keep one.", match.start())
        elif version not in steps:
            message = f"No step leads to the savepoint of {version.decode()}."
            yield finding(message, "Give each step one, of its version.", match.start())
        elif isinstance(component, str) and owner != component:
            yield finding(f"The savepoint is {owner}'s, not this plugin's.", "Name this plugin.", match.start())
        elif called != function:
            message = f"{called}() where Moodle has {function}() for plugins of this type."
            yield finding(message, f"Call {function}().", match.start())
        elif first != b"true":
            yield finding("The savepoint's first argument is not true.", "Write true.", match.start())
        seen.add(version)


RULES = (savepoints,)
