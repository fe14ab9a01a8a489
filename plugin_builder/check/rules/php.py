"""Whether each PHP of the plugin's range parses its code, and parses it without complaint."""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter

from plugin_builder.check.findings import Finding
from plugin_builder.check.php_features import Feature, likely, relevant, uses
from plugin_builder.check.subject import MOST_PHP_BYTES, Subject
from plugin_builder.targets import php_name

MOST_FAULTS = 20


def faults(subject: Subject) -> Iterator[Finding]:
    """Real PHP where this machine has one of the range; tree-sitter, which knows the newest syntax, otherwise."""
    answers = {php: found for php, found in subject.real_php.answers().items() if php in subject.php_versions}
    said = set()
    for php, found in answers.items():
        for fault in found[:MOST_FAULTS]:
            if fault.file not in said:
                said.add(fault.file)
                message = f"PHP {php_name(php)} does not parse it: {fault.message}."
                yield Finding("phpsyntax", "error", message, "Mend the syntax.", fault.file, fault.line)
    if not answers:
        for name in subject.php_files:
            root = subject.parsed(name)
            if root.has_error:
                line = _first_error(root)
                yield Finding("phpsyntax", "error", "It does not parse as PHP.", "Mend the syntax.", name, line)


def not_read(subject: Subject) -> Iterator[Finding]:
    """What was too large, or too much, to be looked at: file by file where a file is to blame."""
    mend = "Ship hand-written PHP; keep data in other files."
    for name in subject.unreadable_php:
        yield Finding("notread", "warning", "It is too large or too deeply nested to be looked at.", mend, name)
    beyond = len(subject.own_php) - len(subject.php_files) - len(subject.unreadable_php)
    if beyond:
        message = f"{beyond} PHP files beyond the first {MOST_PHP_BYTES // 2**20} MB were not looked at."
        yield Finding("notread", "warning", message, mend)


def _first_error(node: tree_sitter.Node) -> int:
    """The line of the innermost first error."""
    while True:
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None or node.is_error:
            return node.start_point[0] + 1
        node = inner


def features(subject: Subject) -> Iterator[Finding]:
    """Syntax that the oldest PHP of the range does not know yet, or that the newest calls deprecated; once a kind."""
    lowest, highest = subject.php_versions[0], subject.php_versions[-1]
    asked = relevant(lowest, highest)
    found: dict[Feature, list[tuple[str, int]]] = {}
    for name in subject.php_files:
        if hinted := likely(subject.package.files[name], asked):
            for feature, line in uses(subject.parsed(name), hinted):
                found.setdefault(feature, []).append((name, line))
    for feature, places in found.items():
        file, line = places[0]
        where = f"{feature.what} (in {len(places)} files)" if len(places) > 1 else feature.what
        since = php_name(feature.since)
        if feature.complains:
            message = f"{where}: PHP {since} gives a deprecation notice."
            yield Finding("phpdeprecated", "warning", message, "Write it explicitly.", file, line)
        else:
            message = f"{where}: needs PHP {since}, the plugin may meet {php_name(lowest)}."
            mend = "Write it without, or raise requires and supported."
            yield Finding("phptoonew", "error" if feature.since > highest else "warning", message, mend, file, line)


RULES = (faults, features, not_read)
