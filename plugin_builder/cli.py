"""The command line: `examus-build`, or `python build.py` in a checkout."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plugin_builder.errors import BuildError

if TYPE_CHECKING:
    from plugin_builder.build import Built
    from plugin_builder.targets import Target


class _Door(click.Group):
    """Turns our errors into click's: one line on stderr, exit code 2."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except BuildError as error:
            click.echo(f"error: {error}", err=True)
            context.exit(2)


@click.group(cls=_Door, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--moodle", metavar="RELEASE", help="Build only the range that holds this release, like 4.5.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("dist"), show_default=True, help="Where to.")
@click.option("--list-targets", is_flag=True, help="List the ranges and what differs between them.")
@click.option("--list-files", is_flag=True, help="List the files that the plugin would have.")
@click.option("--preview", metavar="FILE", help="Print one rendered file, like db/services.php.")
@click.pass_context
def main(
    context: click.Context, moodle: str | None, out: Path, list_targets: bool, list_files: bool, preview: str | None
) -> None:
    """Build the plugin's ZIPs, one per range of Moodle releases."""
    if context.invoked_subcommand:
        return
    from plugin_builder.config import Plugin
    from plugin_builder.targets import TARGETS, target_for

    targets = (target_for(moodle),) if moodle else TARGETS
    plugin = Plugin()
    if list_targets:
        _show_targets(targets)
    elif list_files or preview:
        from plugin_builder.render import render

        files = render(plugin, targets[-1])
        if preview:
            _show_file(files, preview, targets[-1])
        else:
            click.echo("\n".join(files))
    else:
        from plugin_builder.build import build, write

        built = _with_progress(build(plugin, targets), len(targets))
        write(built, out)
        _show_built(built, out)


def _with_progress(steps: Iterable[Built], total: int) -> list[Built]:
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return list(track(steps, "Building", total, console=console, transient=True, disable=not console.is_terminal))


def _show_built(built: Iterable[Built], out: Path) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from plugin_builder.targets import php_name

    table = Table(title=f"Built in {out}, checksums in SHA256SUMS", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("File", overflow="fold")
    table.add_column("Moodle", no_wrap=True)
    table.add_column("PHP", no_wrap=True)
    table.add_column("Size", justify="right", no_wrap=True)
    table.add_column("SHA-256", no_wrap=True, overflow="ellipsis", min_width=12)
    for each in built:
        target = each.target
        php = f"{php_name(target.php_lowest)}-{php_name(target.php_highest)}"
        table.add_row(each.filename, target.name, php, f"{len(each.content):,}", each.sha256)
    terminal = Console().is_terminal
    Console(width=None if terminal else 160).print(table)


def _show_targets(targets: Iterable[Target]) -> None:
    from plugin_builder.targets import php_name

    for target in targets:
        php = f"PHP {php_name(target.php_lowest)}-{php_name(target.php_highest)}"
        facts = ", ".join(fact for fact, holds in target.facts.items() if holds) or "none of the later APIs"
        click.echo(f"{target.name:<10} requires {target.requires}  {php:<12} {facts}")


def _show_file(files: dict[str, bytes], name: str, target: Target) -> None:
    if name not in files:
        import difflib

        near = difflib.get_close_matches(name, files, n=1)
        mend = f"did you mean {near[0]}?" if near else "see --list-files"
        raise BuildError(f"--preview: the plugin for Moodle {target.name} has no {name}; {mend}")
    sys.stdout.buffer.write(files[name])
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
