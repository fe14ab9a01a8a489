"""The command `mock-moodle`."""

from __future__ import annotations

import ipaddress
import json
import signal
import tempfile
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from mock_moodle.app import create_app
from mock_moodle.plugins.errors import PluginError
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
@click.option("--control", is_flag=True, help="Open /__mock__/, the controls for tests; only on a loopback address.")
@click.option("--control-from-anywhere", is_flag=True, help="Open /__mock__/ on a public address too.")
@click.option("--https", is_flag=True, help="Serve HTTPS with a certificate made on the spot.")
@click.option("--seed", help="Make keys and tokens repeat from run to run.")
@click.option("--wwwroot", help="Address that the site believes to have, if not the one it listens on.")
def serve(
    host: str,
    port: int,
    world: Path | None,
    plugins: tuple[Path, ...],
    moodle: str,
    control: bool,
    control_from_anywhere: bool,
    https: bool,
    seed: str | None,
    wwwroot: str | None,
) -> None:
    """Serve a mock Moodle until interrupted."""
    if control and not control_from_anywhere and not _is_loopback(host):
        refuse(
            f"--control on {host} would let everybody there change the site;"
            " use --host 127.0.0.1, or say --control-from-anywhere"
        )
    opened = control or control_from_anywhere
    signal.signal(signal.SIGTERM, _stop)  # so that a terminated mock, too, leaves no temporary files
    with tempfile.TemporaryDirectory(prefix="mock-moodle-") as folder:
        try:
            bound = bind(host, port)
            certificate = _certificate(Path(folder), host) if https else None
            address = wwwroot or address_of(bound, "https" if https else "http")
            app = create_app(world, wwwroot=address, moodle=moodle, control=opened, seed=seed, plugins=plugins)
        except (PortInUseError, WorldError, PluginError) as error:
            refuse(str(error))
        server = Server(app, bound, certificate)
        click.echo(f"Moodle {RELEASES[moodle].release} (mock) at {address}")
        if certificate:
            click.echo(f"Its certificate: {certificate[0]}")
        try:
            server.run()
        except KeyboardInterrupt:
            click.echo("Stopped.")
        finally:
            app.extensions["mock_moodle"].store.close()


@main.group()
def world() -> None:
    """World files."""


@world.command()
@click.argument("address")
@click.option("--out", type=PATH, help="Write there instead of printing; .yaml and .json are understood.")
def export(address: str, out: Path | None) -> None:
    """Write the present state of the mock at ADDRESS, started with --control, as a world file."""
    import requests
    import yaml

    try:
        answer = requests.get(f"{address.rstrip('/')}/__mock__/world", timeout=60)
        answer.raise_for_status()
        spec = answer.json()
    except (requests.RequestException, ValueError) as error:
        refuse(f"{address}: {error}; name a mock Moodle that was started with --control")
    as_json = out is None or out.suffix == ".json"
    text = json.dumps(spec, indent=1, ensure_ascii=False) if as_json else yaml.safe_dump(spec, allow_unicode=True)
    if out is None:
        click.echo(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        refuse(f"{out}: {error.strerror}; name a file that can be written")


@world.command()
@click.argument("file", type=PATH)
@click.option("--moodle", type=click.Choice(list(RELEASES)), default=DEFAULT, show_default=True, help="Release to be.")
def check(file: Path, moodle: str) -> None:
    """Load FILE and say what is wrong with it."""
    try:
        create_app(file, moodle=moodle)
    except WorldError as error:
        refuse(str(error))
    click.echo(f"{file}: loads")


def _certificate(folder: Path, host: str) -> tuple[str, str]:
    from mock_moodle.certificate import make_certificate  # its library is worth loading only when it is used

    return make_certificate(folder, host)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refuse(message: str) -> NoReturn:
    """One line and exit code 2."""
    click.echo(f"mock-moodle: {message}", err=True)
    raise SystemExit(2)


if __name__ == "__main__":
    main()
