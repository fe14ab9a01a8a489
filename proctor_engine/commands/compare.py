"""`proctor-engine compare`: whether two photographs show one person."""

from __future__ import annotations

import json
from pathlib import Path

import click

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("first", type=_FILE)
@click.argument("second", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print an object instead of a sentence.")
def compare(first: Path, second: Path, as_json: bool) -> None:
    """Say whether FIRST and SECOND show one person, how far apart they are, and why not if that cannot be said."""
    from proctor_engine.media import read_picture
    from proctor_engine.vision import compare as compare_pictures

    comparison = compare_pictures(read_picture(first), read_picture(second), (str(first), str(second)))
    if as_json:
        distance = None if comparison.distance is None else round(comparison.distance, 4)
        click.echo(
            json.dumps({"decision": comparison.decision, "distance": distance, "reasons": list(comparison.reasons)})
        )
        return
    apart = "" if comparison.distance is None else f", distance {comparison.distance:.3f}"
    click.echo(f"{comparison.decision}{apart}")
    for reason in comparison.reasons:
        click.echo(f"  {reason}")
