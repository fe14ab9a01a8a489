"""`proctor-engine models`: the model files, whether they are whole, and under which licences they come."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from proctor_engine.models import Model


@click.command()
@click.option("--verify", is_flag=True, help="Read every file and compare its checksum.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects instead.")
def models(verify: bool, as_json: bool) -> None:
    """List the models with their licences. Exits with code 2 if one that is needed is missing or damaged."""
    from proctor_engine.models import list_models

    problems = {model.name: _problem(model, verify) for model in list_models()}
    if as_json:
        rows = [{**asdict(model), "problem": problems[model.name]} for model in list_models()]
        click.echo(json.dumps(rows, indent=2))
    else:
        _print(list_models(), problems)
    if any(problems[model.name] and not model.optional for model in list_models()):
        raise SystemExit(2)


def _problem(model: Model, verify: bool) -> str | None:
    from proctor_engine.models import ModelError, find
    from proctor_engine.models import verify as checksum

    try:
        checksum(model.name) if verify else find(model.name)
    except ModelError as error:
        return str(error)
    return None


def _print(listed: tuple[Model, ...], problems: dict[str, str | None]) -> None:
    for model in listed:
        state = "missing or damaged" if problems[model.name] else "whole"
        use = "" if model.commercial_use else ", not for commercial use"
        click.echo(f"{model.name:<22}{state}{use}")
        click.echo(f"    {model.purpose}")
        click.echo(f"    licence: {model.licence}")
        if problem := problems[model.name]:
            click.echo(f"    {problem}")
