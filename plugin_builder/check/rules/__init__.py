"""The rules of ours, one function each: a subject in, findings out. A module a subject.

A rule sees the whole subject, says everything it finds and never raises; `RULES` is their order in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from plugin_builder.check.findings import Finding
from plugin_builder.check.rules import (
    archive,
    declarations,
    install_xml,
    javascript,
    leftovers,
    php,
    requirements,
    savepoints,
    strings,
    upgrade,
)
from plugin_builder.check.subject import Subject

Rule = Callable[[Subject], Iterable[Finding]]
MOST_FINDINGS = 100
"""How much one rule may say."""

RULES: tuple[Rule, ...] = (
    *archive.RULES,
    *upgrade.RULES,
    *php.RULES,
    *install_xml.RULES,
    *declarations.RULES,
    *strings.RULES,
    *requirements.RULES,
    *savepoints.RULES,
    *javascript.RULES,
    *leftovers.RULES,
)


def run(subject: Subject) -> Iterator[Finding]:
    for rule in RULES:
        yield from _guarded(rule, subject)


def _guarded(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A rule that stumbles over what nobody foresaw says so, and does not hide what the others find."""
    try:
        for number, finding in enumerate(rule(subject)):
            if number == MOST_FINDINGS:
                message = f"There are more than {MOST_FINDINGS} findings of the kind {finding.code}."
                yield Finding("more", "info", message, "Mend these first.")
                break
            yield finding
    except Exception as error:
        message = f"The rule {rule.__name__} failed on this package: {error!r}."
        yield Finding("rulefailed", "warning", message, "Please report it with the package.")
