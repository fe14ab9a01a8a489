"""The command `mock-moodle`."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click

from mock_moodle.app import create_app
from mock_moodle.plugins.install import PluginError
from mock_moodle.releases import DEFAULT, RELEASES
from mock_moodle.server import PortInUseError, Server, address_of, bind
from mock_moodle.world.parts import WorldError

PATH = click.Path(path_type=Path)


@click.group()
def main() -> None:
    """A Moodle to test against: no PHP, no database server, starts in under a second."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--world", type=PATH, help="World file (JSON or YAML) to load.")
@click.option("--plugin", "plugins", type=PATH, multiple=True, help="ZIP of a plugin to install; may be repeated.")
@click.option("--moodle", type=click.Choice(list(RELEASES)), default=DEFAULT, show_default=True, help="Release to be.")
@click.option("--control", is_flag=True, help="Open /__mock__/ to whoever reaches this address.")
@click.option("--seed", help="Make keys and tokens repeat from run to run.")
@click.option("--wwwroot", help="Address that the site believes to have, if not the one it listens on.")
def serve(
    host: str,
    port: int,
    world: Path | None,
    plugins: tuple[Path, ...],
    moodle: str,
    control: bool,
    seed: str | None,
    wwwroot: str | None,
) -> None:
    """Serve a mock Moodle until interrupted."""
    try:
        bound = bind(host, port)
        address = wwwroot or address_of(bound)
        app = create_app(world, wwwroot=address, moodle=moodle, control=control, seed=seed, plugins=plugins)
    except (PortInUseError, WorldError, PluginError) as error:
        refuse(str(error))
    server = Server(app, bound)  # Listens from here on, so whoever reads the address may use it.
    click.echo(f"Moodle {RELEASES[moodle].release} (mock) at {address}")
    server.run()


def refuse(message: str) -> NoReturn:
    """One line and exit code 2."""
    click.echo(f"mock-moodle: {message}", err=True)
    raise SystemExit(2)


if __name__ == "__main__":
    main()
