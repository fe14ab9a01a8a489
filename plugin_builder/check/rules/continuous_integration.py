"""What moodle-plugin-ci's `validate` and `savepoints` ask of a plugin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugin_builder.check.components import language_file
from plugin_builder.check.findings import Finding
from plugin_builder.check.subject import Subject
from plugin_builder.php_source import elements

UPGRADE = "db/upgrade.php"
SAVEPOINTS = {"mod": "upgrade_mod_savepoint", "block": "upgrade_block_savepoint"}
NAMED_OTHERWISE = {"dataformat"}
"""Types whose name is another string."""
_STEP = re.compile(rb"\$oldversion\s*<\s*(\d+(?:\.\d+)?)")
_SAVEPOINT = re.compile(
    rb"\b(upgrade_\w+_savepoint)\s*\(\s*\w+\s*,\s*(\d+(?:\.\d+)?)\s*,"
    rb"\s*['\"](\w+)['\"](?:\s*,\s*['\"](\w+)['\"])?"
)


def required_files(subject: Subject) -> Iterator[Finding]:
    """version.php, the English language file and its pluginname."""
    package = subject.package
    if not package.component or not package.type or not package.name or package.type in NAMED_OTHERWISE:
        return
    name = f"lang/en/{language_file(package.type, package.name)}"
    if name in package.files and "pluginname" not in elements(package.files[name], "string"):
        message = "It has no $string['pluginname'], which Moodle shows as the plugin's name."
        yield Finding("pluginname", "warning", message, "Add it.", name)


def upgrade_function(subject: Subject) -> Iterator[Finding]:
    source, component = subject.package.files.get(UPGRADE), subject.package.component
    if source is None or component is None:
        return
    # Activities do without their type.
    expected = f"xmldb_{subject.package.name if subject.package.type == 'mod' else component}_upgrade"
    if not re.search(rb"\bfunction\s+" + expected.encode() + rb"\s*\(", source):
        message = f"It does not define {expected}(): Moodle stops at the first upgrade."
        yield Finding("upgradefunction", "error", message, "Name the function so.", UPGRADE)


def savepoints(subject: Subject) -> Iterator[Finding]:
    """Each step ends in one savepoint of its own version and of this plugin."""
    source, package = subject.package.files.get(UPGRADE), subject.package
    if source is None or not package.type or not package.name:
        return
    steps = [(match[1], source.count(b"\n", 0, match.start()) + 1) for match in _STEP.finditer(source)]
    points = {match[2]: match for match in _SAVEPOINT.finditer(source)}
    for version, line in steps:
        if version not in points:
            message = f"The step to {version.decode()} has no savepoint of that version."
            mend = f"End it with {SAVEPOINTS.get(package.type, 'upgrade_plugin_savepoint')}()."
            yield Finding("savepoint", "warning", message, mend, UPGRADE, line)
    expected = SAVEPOINTS.get(package.type, "upgrade_plugin_savepoint")
    owner = (package.name,) if package.type in SAVEPOINTS else (package.type, package.name)
    for match in points.values():
        named = tuple(part.decode() for part in match.groups()[2:] if part)
        if match[1].decode() != expected or named != owner:
            line = source.count(b"\n", 0, match.start()) + 1
            message = f"{match[1].decode()}() for {'_'.join(named)} is not this plugin's savepoint."
            yield Finding("savepoint", "warning", message, f"Call {expected}() for it.", UPGRADE, line)
    version = package.version.get("version")
    for text, line in steps:
        if isinstance(version, int | float) and float(text) > version:
            message = f"The step to {text.decode()} lies above $plugin->version {version}: it runs at every upgrade."
            yield Finding("savepoint", "warning", message, "Raise the version.", UPGRADE, line)


def table_prefix(subject: Subject) -> Iterator[Finding]:
    """Tables begin with the component (activities': with their name)."""
    package = subject.package
    content = package.files.get("db/install.xml")
    if content is None or not package.component or not package.name:
        return
    prefix = package.name if package.type == "mod" else package.component
    for match in re.finditer(rb"<TABLE\b[^>]*\bNAME=[\"']([^\"']*)", content):
        name = match[1].decode("utf-8", "replace")
        if name != prefix and not name.startswith(f"{prefix}_"):
            line = content.count(b"\n", 0, match.start()) + 1
            message = f"The table {name} does not begin with {prefix}."
            yield Finding("tableprefix", "warning", message, "Rename it.", "db/install.xml", line)


def feature_tags(subject: Subject) -> Iterator[Finding]:
    """Behat features carry the type and the component as tags."""
    package = subject.package
    for name in package.files:
        if re.fullmatch(r"tests/behat/[^/]+\.feature", name) and package.component:
            text = package.files[name].decode("utf-8", "replace")
            tags = set(re.findall(r"@(\w+)", text.partition("Feature:")[0]))
            for tag in (package.type, package.component):
                if tag not in tags:
                    yield Finding("featuretag", "warning", f"The feature lacks the tag @{tag}.", "Add it.", name, 1)


RULES = (required_files, upgrade_function, savepoints, table_prefix, feature_tags)
