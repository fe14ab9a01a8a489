"""`proctor-engine batch`: a folder of recorded sessions, on all cores or on the service's workers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from proctor_engine.commands.inputs import backend_option, read_condition, read_configuration
from proctor_engine.commands.job import Job, jobs_in, run
from proctor_engine.commands.outputs import check_writable

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("folder", type=_FILE)
@click.option("--out", type=_FILE, required=True, help="A folder for NAME.json and NAME.html of each session.")
@click.option("--jobs", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default="all cores")
@click.option("--broker", metavar="URL", help="Leave the work to the service's Celery workers (docs/service.md).")
@click.option("--condition", type=_FILE, help="JSON with the exam's rules, warnings and scoring.")
@click.option("--configuration", type=_FILE, help="TOML with numbers that differ from the engine's own.")
@backend_option
def batch(
    folder: Path,
    out: Path,
    jobs: int,
    broker: str | None,
    condition: Path | None,
    configuration: Path | None,
    backend: str | None,
) -> None:
    """Analyze every session in FOLDER: video files, and folders of frames.

    A session's reference is the photograph (or enrolled file) of the same name beside it: `ivanov.mp4`, `ivanov.jpg`.
    Prints a JSON line for each session as it is done. One that fails is reported there and the others go on; the
    command then exits with code 2.
    """
    settings = read_configuration(configuration, backend)
    waiting = jobs_in(folder, settings, read_condition(condition), out)
    if not out.exists():
        check_writable(out)
        out.mkdir()
    check_writable(out / "session.json")
    failed = False
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(f"{len(waiting)} sessions", total=len(waiting))
        for line in _on_workers(waiting, broker) if broker else _on_cores(waiting, jobs):
            failed = failed or "error" in line
            click.echo(json.dumps(line, ensure_ascii=False))
            bar.advance(task)
    if failed:
        raise SystemExit(2)


def _on_cores(waiting: list[Job], jobs: int) -> Iterator[dict[str, Any]]:
    from proctor_engine.vision import preload

    preload(waiting[0].configuration.vision_settings())  # once, before the workers fork from here
    with ProcessPoolExecutor(min(jobs, len(waiting))) as pool:
        for done in as_completed([pool.submit(run, job) for job in waiting]):
            yield done.result()


def _on_workers(waiting: list[Job], broker: str) -> Iterator[dict[str, Any]]:
    try:
        from proctor_engine.tasks.recorded import distribute
    except ModuleNotFoundError as error:
        raise click.UsageError(f"--broker needs {error.name}: pip install 'moodle-proctoring[scale]'") from error
    yield from distribute(broker, waiting)
