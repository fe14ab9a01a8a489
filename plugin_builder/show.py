"""What the commands print for people."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plugin_builder.errors import BuildError
from plugin_builder.targets import Target, php_name

if TYPE_CHECKING:
    from plugin_builder.build import Built
    from plugin_builder.check import Finding, Report

WIDE = 160
"""Columns of a table that goes to a file or a pipe. A narrow terminal is shown the beginnings of checksums."""
COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}


def show_built(built: Iterable[Built], out: Path) -> None:
    """The closing table."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if Console().is_terminal else WIDE)
    shown = None if console.width >= WIDE else 12
    table = Table(title=f"Built in {out}, checksums in SHA256SUMS", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("File", overflow="fold")
    table.add_column("Moodle", no_wrap=True)
    table.add_column("PHP", no_wrap=True)
    table.add_column("Size", justify="right", no_wrap=True)
    table.add_column("SHA-256", no_wrap=True)
    for each in built:
        size, checksum = f"{len(each.content):,}", each.sha256[:shown] + ("…" if shown else "")
        table.add_row(each.filename, each.target.name, php_range(each.target), size, checksum)
    console.print(table)


def php_range(target: Target) -> str:
    return f"{php_name(target.php_lowest)}-{php_name(target.php_highest)}"


def show_targets(targets: Iterable[Target]) -> None:
    """One line a range: what it requires and which API facts hold."""
    for target in targets:
        facts = ", ".join(fact for fact, holds in target.facts.items() if holds) or "none of the later APIs"
        click.echo(f"{target.name:<10} requires {target.requires}  PHP {php_range(target):<8} {facts}")


def show_file(files: Mapping[str, bytes], name: str, target: Target) -> None:
    """One rendered file, byte for byte."""
    if name not in files:
        near = difflib.get_close_matches(name, files, n=1)
        mend = f"did you mean {near[0]}?" if near else "see --list-files"
        raise BuildError(f"--preview: the plugin for Moodle {target.name} has no {name!r}; {mend}")
    sys.stdout.buffer.write(files[name])
    sys.stdout.buffer.flush()


def show_report(report: Report, name: str) -> None:
    """What Moodle would answer, then every finding with its mend."""
    validation = report.validation
    if validation.verdict == "pass":
        click.echo(f"{name}: Moodle {report.moodle} would take it.")
    else:
        code = f" ({validation.code})" if validation.code else ""
        click.echo(f"{name}: Moodle {report.moodle} would refuse it at the stage {validation.stage!r}{code}.")
    for finding in report.findings:
        level = click.style(finding.level, fg=COLOURS[finding.level])
        click.echo(f"  {level} {_harmless(_place(finding) + finding.message)}")
        click.echo(f"    {_harmless(finding.mend)} [{finding.code}]")
    click.echo(click.style(report.verdict.upper(), bold=True))


def _harmless(text: str) -> str:
    """What an archive says of itself, without what would move a terminal's cursor or forge a line."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _place(finding: Finding) -> str:
    if finding.file is None:
        return ""
    return f"{finding.file}:{finding.line}: " if finding.line else f"{finding.file}: "
