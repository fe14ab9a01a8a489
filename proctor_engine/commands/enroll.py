"""`proctor-engine enroll`: photographs of one person to a reference that `analyze` reads."""

from __future__ import annotations

from pathlib import Path

import click

from proctor_engine.commands.inputs import read_references
from proctor_engine.commands.outputs import check_writable, write_whole

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("photographs", type=_FILE, nargs=-1, required=True)
@click.option(
    "--out", type=_FILE, required=True, help="Where the reference goes. It is biometric data: keep it as such."
)
def enroll(photographs: tuple[Path, ...], out: Path) -> None:
    """Make a reference of PHOTOGRAPHS, one face in each, all of one person."""
    check_writable(out)
    reference = read_references(photographs)
    assert reference is not None  # noqa: S101  # one photograph at least is given
    write_whole(out, reference.dumps().decode(), private=True)
    count = len(reference.embeddings)
    click.echo(f"{out}: {count} photograph{'s' if count > 1 else ''} of one person")
