"""`proctor-engine batch`: a folder of recorded sessions, on all cores."""

from __future__ import annotations

import json
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from proctor_engine.commands.inputs import read_condition, read_configuration, read_references
from proctor_engine.commands.outputs import check_writable, write_whole
from proctor_engine.condition import ExamCondition
from proctor_engine.configuration import Configuration
from proctor_engine.errors import EngineError, MediaError

_FILE = click.Path(path_type=Path)
_VIDEOS = frozenset({".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".ogv", ".ts", ".flv"})
_REFERENCES = (".jpg", ".jpeg", ".png", ".webp", ".json")


@dataclass(frozen=True)
class Job:
    """One recorded session and the photograph or enrolled reference that lies beside it."""

    session: Path
    reference: Path | None
    configuration: Configuration
    condition: ExamCondition
    out: Path

    @property
    def name(self) -> str:
        return self.session.stem if self.session.is_file() else self.session.name


@click.command()
@click.argument("folder", type=_FILE)
@click.option("--out", type=_FILE, required=True, help="A folder for NAME.json and NAME.html of each session.")
@click.option("--jobs", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default="all cores")
@click.option("--condition", type=_FILE, help="JSON with the exam's rules, warnings and scoring.")
@click.option("--configuration", type=_FILE, help="TOML with numbers that differ from the engine's own.")
def batch(folder: Path, out: Path, jobs: int, condition: Path | None, configuration: Path | None) -> None:
    """Analyze every session in FOLDER: video files, and folders of frames.

    A session's reference is the photograph (or enrolled file) of the same name beside it: `ivanov.mp4`, `ivanov.jpg`.
    Prints a JSON line for each session as it is done. One that fails is reported there and the others go on; the
    command then exits with code 2.
    """
    settings, exam = read_configuration(configuration), read_condition(condition)
    waiting = [Job(session, _reference_of(session), settings, exam, out) for session in _sessions_in(folder)]
    if not out.exists():
        check_writable(out)
        out.mkdir()
    check_writable(out / "session.json")

    from proctor_engine.vision import preload

    preload(settings.vision_settings())  # once, before the workers fork from here
    failed = False
    console = Console(stderr=True)
    with (
        ProcessPoolExecutor(min(jobs, len(waiting))) as pool,
        Progress(console=console, disable=not console.is_terminal, transient=True) as bar,
    ):
        task = bar.add_task(f"{len(waiting)} sessions", total=len(waiting))
        for done in as_completed([pool.submit(run, job) for job in waiting]):
            line = done.result()
            failed = failed or "error" in line
            click.echo(json.dumps(line, ensure_ascii=False))
            bar.advance(task)
    if failed:
        raise SystemExit(2)


def run(job: Job) -> dict[str, object]:
    """What one line tells of one session. Writes its documents."""
    from proctor_engine.analysis import SessionAnalysis
    from proctor_engine.media import open_source
    from proctor_engine.models import ModelError
    from proctor_engine.recording import analyse
    from proctor_engine.report import document, html
    from proctor_engine.vision import ImageError

    try:
        reference = read_references((job.reference,) if job.reference else ())
        source = open_source(job.session, job.configuration.media)
        result = analyse(source, SessionAnalysis(job.configuration, job.condition, reference))
    except (EngineError, ImageError, ModelError) as error:
        return {"session": job.name, "error": str(error)}
    written = document(result)
    write_whole(job.out / f"{job.name}.json", written.to_json())
    write_whole(job.out / f"{job.name}.html", html(result))
    return {
        "session": job.name,
        "reference": job.reference.name if job.reference else None,
        "duration": written.duration,
        "incidents": len(written.incidents),
        "score": written.score.value,
        "conclusion": written.conclusion,
    }


def _sessions_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise MediaError(f"{folder}: no such folder")
    found = sorted(path for path in folder.iterdir() if path.is_dir() or path.suffix.lower() in _VIDEOS)
    if not found:
        raise MediaError(f"{folder}: no session in it: neither videos nor folders of frames")
    names = [path.stem if path.is_file() else path.name for path in found]
    for name in names:
        if names.count(name) > 1:
            raise MediaError(f"{folder}: two sessions are called {name}: rename one, their reports would be one file")
    return found


def _reference_of(session: Path) -> Path | None:
    name = session.stem if session.is_file() else session.name
    beside = (session.with_name(name + suffix) for suffix in _REFERENCES)
    return next((path for path in beside if path.is_file()), None)
