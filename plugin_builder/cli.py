"""The command line: `examus-build`, or `python build.py` in a checkout."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plugin_builder.errors import BuildError

if TYPE_CHECKING:
    from plugin_builder.build import Built


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
        from plugin_builder.show import show_targets

        show_targets(targets)
    elif list_files or preview:
        from plugin_builder.render import render
        from plugin_builder.show import show_file

        files = render(plugin, targets[-1])
        if preview:
            show_file(files, preview, targets[-1])
        else:
            click.echo("\n".join(files))
    else:
        from plugin_builder.build import build, write
        from plugin_builder.show import show_built

        built = _with_progress(build(plugin, targets), len(targets))
        write(built, out)
        show_built(built, out)


@main.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--moodle", metavar="RELEASE", default="4.5", show_default=True, help="Check for this release.")
@click.option("--installed", metavar="VERSION", type=float, help="The plugin's version that the site has already.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def check(context: click.Context, package: Path, moodle: str, installed: float | None, as_json: bool) -> None:
    """Say whether Moodle would take PACKAGE, the ZIP or folder of any plugin, and what else to mend.

    Ends with 0 when it passes, with 1 when it fails.
    """
    from plugin_builder.check import check_path

    report = check_path(package, moodle, installed)
    if as_json:
        import json

        click.echo(json.dumps(report.as_dict(), indent=2, ensure_ascii=False))
    else:
        from plugin_builder.show import show_report

        show_report(report, str(package))
    context.exit(0 if report.verdict == "pass" else 1)


def _with_progress(steps: Iterable[Built], total: int) -> list[Built]:
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return list(track(steps, "Building", total, console=console, transient=True, disable=not console.is_terminal))


if __name__ == "__main__":
    main()
