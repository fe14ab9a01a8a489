"""The command line: `examus-build`, or `python build.py` in a checkout."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plugin_builder.errors import BuildError

if TYPE_CHECKING:
    from plugin_builder.build import Built
    from plugin_builder.config import Plugin


MOST_NAMES = 3
"""How many changed files are named, of all that a checkout may change."""


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
@click.option("--diff", metavar="ZIP", type=click.Path(path_type=Path), help="Print what differs from another ZIP.")
@click.option("--config", metavar="TOML", type=click.Path(path_type=Path), help="Build what this plugin.toml says.")
@click.pass_context
def main(
    context: click.Context,
    moodle: str | None,
    out: Path,
    list_targets: bool,
    list_files: bool,
    preview: str | None,
    diff: Path | None,
    config: Path | None,
) -> None:
    """Build the plugin's ZIPs, one per range of Moodle releases."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name may have what a terminal has not
    if context.invoked_subcommand:
        return
    from plugin_builder.targets import TARGETS, target_for

    targets = TARGETS if moodle is None else (target_for(moodle),)
    plugin = _plugin(config)
    if list_targets:
        from plugin_builder.show import show_targets

        show_targets(targets)
    elif list_files or preview is not None:
        from plugin_builder.render import render
        from plugin_builder.show import show_file

        files = render(plugin, targets[-1])
        if preview is not None:
            show_file(files, preview, targets[-1])
        else:
            click.echo("\n".join(files))
    elif diff:
        from plugin_builder.diff import differences, packaged, target_of
        from plugin_builder.render import render

        other = packaged(diff)
        lines = list(differences(render(plugin, target_of(other) if moodle is None else targets[0]), other.files))
        click.echo("".join(lines), nl=False)
        context.exit(1 if lines else 0)
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

        click.echo(json.dumps(report.as_dict(), indent=2))
    else:
        from plugin_builder.show import show_report

        show_report(report, str(package))
    context.exit(0 if report.verdict == "pass" else 1)


@main.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("plugin.toml"))
def init(file: Path) -> None:
    """Write a commented plugin.toml, or FILE."""
    from plugin_builder.example import example

    try:
        with file.open("x", encoding="utf-8") as written:
            written.write(example())
    except FileExistsError:
        raise BuildError(f"{file}: there is one already; name another file") from None
    except OSError as error:
        raise BuildError(f"{file}: {error.strerror}; name another file") from None
    click.echo(f"{file} written. Build it with --config {file}.")


@main.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.argument("moodle_dir", type=click.Path(path_type=Path))
@click.option("--php", default="php", show_default=True, help="PHP's command.")
@click.option("--upgrade/--no-upgrade", "upgrading", default=True, show_default=True, help="Run Moodle's upgrade.")
def deploy(package: Path, moodle_dir: Path, php: str, upgrading: bool) -> None:
    """Put PACKAGE into the Moodle in MOODLE_DIR and let Moodle upgrade itself."""
    from plugin_builder.check import check_path
    from plugin_builder.deploy import deploy_package, find_moodle, ready_to_upgrade, upgrade

    moodle = find_moodle(moodle_dir)
    if upgrading:
        ready_to_upgrade(moodle)
    report = check_path(package, moodle.release)
    if report.validation.verdict == "fail" or report.package is None:
        code = report.validation.code or report.validation.stage
        raise BuildError(f"{package}: Moodle {moodle.release} would refuse it ({code}); see the check command")
    click.echo(f"Put into {deploy_package(report.package, moodle)}.")
    if upgrading:
        upgrade(moodle, php, click.echo)


@main.command()
@click.argument("moodle_dir", type=click.Path(path_type=Path))
@click.option("--php", default="php", show_default=True, help="PHP's command.")
@click.option("--config", metavar="TOML", type=click.Path(path_type=Path), help="Build what this plugin.toml says.")
def watch(moodle_dir: Path, php: str, config: Path | None) -> None:
    """Render the plugin into the Moodle in MOODLE_DIR, again whenever a template changes. Ctrl+C ends it."""
    from plugin_builder.deploy import deploy, find_moodle, ready_to_upgrade, upgrade
    from plugin_builder.render import TEMPLATES, render
    from plugin_builder.targets import target_for
    from plugin_builder.watch import changes

    moodle = find_moodle(moodle_dir)
    ready_to_upgrade(moodle)
    target = target_for(moodle.release)

    def refresh() -> str:
        try:
            plugin = _plugin(config)
            deploy(plugin.name, "availability", render(plugin, target), moodle)
            upgrade(moodle, php)
        except BuildError as error:
            return f"error: {error}"
        return f"Rendered for Moodle {target.name} into {moodle.root}."

    for changed in changes([TEMPLATES, *([config] if config else [])]):
        names = [path.name for path in changed[:MOST_NAMES]]
        more = [f"{len(changed) - MOST_NAMES} more"] if len(changed) > MOST_NAMES else []
        click.echo((f"{', '.join(names + more)} changed. " if changed else "") + refresh())


def _plugin(config: Path | None) -> Plugin:
    if config is None:
        from plugin_builder.config import Plugin

        return Plugin()
    from plugin_builder.plugin_toml import load

    return load(config)


def _with_progress(steps: Iterable[Built], total: int) -> list[Built]:
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return list(track(steps, "Building", total, console=console, transient=True, disable=not console.is_terminal))


if __name__ == "__main__":
    main()
