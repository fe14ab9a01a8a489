"""What comes after the upload: Moodle's plugins check and upgrade, which run version.php instead of skimming it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from plugin_builder.check.findings import Finding
from plugin_builder.check.subject import Subject
from plugin_builder.check.version_php import declared
from plugin_builder.php_source import UNREADABLE, Constant
from plugin_builder.php_tree import is_readable
from plugin_builder.targets import RELEASES

FILE = "version.php"
INCOMPATIBLE_SINCE = 39


def _line(subject: Subject, key: str) -> int | None:
    source = subject.package.files.get(FILE, b"")
    found = re.search(rb"\$plugin\s*->\s*" + key.encode() + rb"\b", source)
    return source.count(b"\n", 0, found.start()) + 1 if found else None


def _finding(subject: Subject, key: str, code: str, message: str, mend: str, level: Any = "error") -> Finding:
    return Finding(code, level, message, mend, FILE, _line(subject, key))


def readings(subject: Subject) -> Iterator[Finding]:
    """The validator skims, PHP runs: where they differ, the site behaves otherwise than the upload promised."""
    if FILE not in subject.package.files:
        return
    if not is_readable(subject.package.files[FILE]):
        return
    seen = declared(subject.package.files[FILE])
    real = subject.package.version
    for key in ("version", "requires", "component"):
        skimmed, value = seen.get(f"plugin->{key}"), real.get(key)
        if value is UNREADABLE:
            message = f"Only running it would tell $plugin->{key}; Moodle's upload page and other tools do not."
            yield _finding(subject, key, "notliteral", message, "Write a plain value.", "warning")
        elif skimmed is not None and (value is None or not _same(skimmed, value)):
            message = f"Moodle's validator reads {skimmed!r} for $plugin->{key}, PHP reads {value!r}."
            mend = "Assign it once, at the file's top level, as a plain value."
            yield _finding(subject, key, "readsdifferently", message, mend, "warning")
    if not isinstance(real.get("version"), int | float) and real.get("version") is not UNREADABLE:
        message = "PHP finds no number in $plugin->version: Moodle calls the plugin defective."
        yield _finding(subject, "version", "plugindefective", message, "Write $plugin->version = YYYYMMDDRR;")


def _same(skimmed: str, value: object) -> bool:
    number = re.fullmatch(r"\d+(\.\d+)?", skimmed)
    if number and isinstance(value, int | float) and not isinstance(value, bool):
        return float(skimmed) == float(value) and not (skimmed.startswith("0") and len(skimmed) > 1)
    return skimmed == str(value)


def requires(subject: Subject) -> Iterator[Finding]:
    """A quoted number escapes the validator and stops the upgrade, with the files in place already."""
    value = subject.package.version.get("requires")
    if isinstance(value, str) and not isinstance(value, Constant):
        message = f"$plugin->requires is the text {value!r}, which the upload does not look at but the upgrade does."
        yield _finding(subject, "requires", "quotedrequires", message, "Write the number without quotes.", "warning")
        if re.fullmatch(r"\d+(\.\d+)?", value) and float(value) > subject.site.version:
            message = f"It requires Moodle {value}, this is {subject.site.version:.10g}: the upgrade stops."
            mend = "Check against the release it is for (--moodle)."
            yield _finding(subject, "requires", "upgraderequires", message, mend)


def supported(subject: Subject) -> Iterator[Finding]:
    """Exactly two branches, or Moodle 3.9 and later stop with a coding error; outside them it only says so."""
    value = subject.package.version.get("supported")
    if value is None or value is UNREADABLE:
        return
    well_formed = isinstance(value, list) and len(value) == 2 and all(type(each) is int for each in value)
    if not well_formed:
        message = f"$plugin->supported is {value!r}; Moodle wants exactly two branch numbers and stops without."
        yield _finding(subject, "supported", "badsupported", message, "Write [lowest, highest], like [404, 405].")
        return
    known = {release.branch for release in RELEASES} | {406}
    for branch in value:
        if RELEASES[0].branch < branch < RELEASES[-1].branch and branch not in known:
            message = f"No Moodle has the branch number {branch} (3.6 is 36, 3.10 is 310, 4.0 is 400)."
            yield _finding(subject, "supported", "unknownbranch", message, "Write a branch that exists.", "warning")
    if not value[0] <= subject.site.release.branch <= value[1]:
        message = f"Moodle {subject.site.name} lies outside $plugin->supported {value}."
        mend = "Check against a release it supports (--moodle)."
        yield _finding(subject, "supported", "notsupported", message, mend, "warning")


def incompatible(subject: Subject) -> Iterator[Finding]:
    value, branch = subject.package.version.get("incompatible"), subject.site.release.branch
    if value is None or value is UNREADABLE:
        return
    if type(value) is not int:
        message = f"$plugin->incompatible is {value!r}, not one branch number."
        yield _finding(subject, "incompatible", "badincompatible", message, "Write the number, like 405.")
    elif branch >= INCOMPATIBLE_SINCE and branch >= value:
        message = f"It calls itself incompatible with branch {value} and later; this is {branch}."
        yield _finding(subject, "incompatible", "pluginincompatible", message, "Raise or remove it.")


def dependencies(subject: Subject) -> Iterator[Finding]:
    value = subject.package.version.get("dependencies")
    if value is None or value is UNREADABLE:
        return
    if not isinstance(value, dict):
        if value:
            message = f"$plugin->dependencies is {value!r}."
            mend = "Write ['type_name' => version or ANY_VERSION]."
            yield _finding(subject, "dependencies", "baddependencies", message, mend)
        return
    for component, version in value.items():
        installed = subject.site.shipped_version(str(component))
        if installed is None:
            message = f"It needs {component}, which Moodle does not ship."
            mend = "Tell administrators to install that first."
            yield _finding(subject, "dependencies", "dependency", message, mend, "info")
        elif isinstance(version, int | float) and version > installed:
            message = f"It needs {component} {version}; Moodle {subject.site.name} ships {installed:.10g}."
            yield _finding(subject, "dependencies", "dependencytooold", message, "Lower it or raise requires.")


RULES = (readings, requires, supported, incompatible, dependencies)
