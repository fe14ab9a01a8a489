"""`proctor-engine configuration`: every number that decides, with its unit."""

from __future__ import annotations

from pathlib import Path

import click

from proctor_engine.commands.inputs import read_configuration
from proctor_engine.configuration import as_toml


@click.command()
@click.option("--configuration", type=click.Path(path_type=Path), help="Show what this file makes of them.")
def configuration(configuration: Path | None) -> None:
    """Print the configuration in force, as a file to change and give back with --configuration."""
    click.echo(as_toml(read_configuration(configuration)), nl=False)
