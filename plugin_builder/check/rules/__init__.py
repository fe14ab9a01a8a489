"""The rules of ours, one function each: a subject in, findings out. A module a subject.

A rule sees the whole subject, says everything it finds and never raises; `RULES` is their order in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from plugin_builder.check.findings import Finding
from plugin_builder.check.libzip import TooLargeError
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
    """Every finding in the order of `RULES`."""
    subject.archive.reader.work_at("rules")
    cut: list[str] = []
    # What PHP says is asked for last: it reads beside the others.
    found = {rule: list(_guarded(rule, subject, cut)) for rule in sorted(RULES, key=lambda rule: rule is php.faults)}
    for rule in RULES:
        yield from found[rule]
    if cut:
        message = (
            f"There is more to look at than a plugin has; these rules were not brought to their end: {', '.join(cut)}."
        )
        yield Finding("toolarge", "warning", message, "Ship the plugin's own files only.")


def _guarded(rule: Rule, subject: Subject, cut: list[str]) -> Iterator[Finding]:
    """A rule that stumbles over what nobody foresaw says so, and does not hide what the others find."""
    try:
        for number, finding in enumerate(rule(subject)):
            subject.archive.reader.watch(0)
            if number == MOST_FINDINGS:
                message = f"There are more than {MOST_FINDINGS} findings of the kind {finding.code}."
                yield Finding("more", "info", message, "Mend these first.")
                break
            yield finding
    except TooLargeError:
        cut.append(rule.__name__)
    except Exception as error:
        message = f"The rule {rule.__name__} failed on this package: {error!r}."
        yield Finding("rulefailed", "warning", message, "Please report it with the package.")
